"""Sends a question and waits for one answer: ask.py PORT TEXT"""
import socket
import sys

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.sendto(sys.argv[2].encode("gbk"), ("127.0.0.1", int(sys.argv[1])))
data, _ = sock.recvfrom(1024)
print("answer:", data.decode("gbk"), flush=True)
