"""Binds a port, prints what arrives, sends lines of "PORT text": chat.py PORT ENCODING"""
import socket
import sys
import threading

encoding = sys.argv[2]
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", int(sys.argv[1])))


def receive():
    while True:
        data, address = sock.recvfrom(1024)
        print("%s:%d says %s" % (*address, data.decode(encoding)), flush=True)


threading.Thread(target=receive, daemon=True).start()
print("bound", flush=True)
for line in sys.stdin:
    port, text = line.rstrip("\n").split(" ", 1)
    sock.sendto(text.encode(encoding), ("127.0.0.1", int(port)))
