"""A menu that blocks: 0 quit, 1 send, 2 receive: menu.py PORT"""
import socket
import sys

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    print("0 quit, 1 send, 2 receive", flush=True)
    choice = input()
    if choice == "0":
        break
    if choice == "1":
        ip = input()
        port = int(input())
        sock.sendto(input().encode("gbk"), (ip, port))
    if choice == "2":
        data, address = sock.recvfrom(1024)
        print("received", data.decode("gbk"), "from", address[0], flush=True)
