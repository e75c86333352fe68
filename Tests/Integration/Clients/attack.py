"""Does to an HTTP server what it must bear: attack.py PORT

Prints a line for each attack: its name and what came back, a status or how the connection ended.
"""

import socket
import sys
import time

port = int(sys.argv[1])
request = b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n"


def connect(**options):
    connection = socket.socket()
    for name, value in options.items():
        connection.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    return connection


def status(connection):
    """The number of the first answer; how it ended when there is none."""
    data = b""
    try:
        while b"\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return "closed"
            data += more
    except ConnectionError as error:
        return type(error).__name__
    except TimeoutError:
        return "silent"
    return data.split(b" ", 2)[1].decode()


def send(*parts, pause=0.0):
    connection = connect()
    try:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
    except ConnectionError:
        pass
    return status(connection)


def tell(name, what):
    print(f"{name}: {what}", flush=True)


tell("good", send(request))
tell("long line", send(b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: h\r\n\r\n"))
tell("long header", send(b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n"))
tell("many fields", send(b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 100_000 + b"\r\n"))
tell("dots", send(b"GET /../../../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n"))
tell("encoded dots", send(b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n"))
tell("HTTP/0.9", send(b"GET /metrics\r\n\r\n"))
tell("no host", send(b"GET /metrics HTTP/1.1\r\n\r\n"))
chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
tell("chunked", send(b"POST /metrics HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", *[chunk] * 16))
tell("chunked get", send(b"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", *[chunk] * 16))
tell("both lengths", send(b"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"))
tell("garbage", send(bytes(range(256)) * 64))
tell("garbage in a row", send(request * 50 + bytes(range(256)) * 64))
tell("byte by byte", send(*[bytes([byte]) for byte in request]))

slow = connect()
began = time.monotonic()
slow.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n")
try:
    while time.monotonic() - began < 20:
        slow.sendall(b"X: y\r\n")
        time.sleep(0.3)
except ConnectionError:
    pass
tell("slow header", "ended" if time.monotonic() - began < 15 else "goes on")

# Asks for far more than it reads: what waits for it must lie in its own socket.
readers = []
for _ in range(60):
    reader = connect(SO_RCVBUF=4096)
    reader.setblocking(False)
    try:
        for _ in range(100):
            reader.send(request * 100)
    except BlockingIOError:
        pass
    except ConnectionError:
        pass
    readers.append(reader)
tell("beside slow readers", send(request))
time.sleep(12)
ended = 0
for reader in readers:
    reader.setblocking(True)
    reader.settimeout(5)
    try:
        for _ in range(100_000):
            if not reader.recv(1 << 20):
                break
        ended += 1
    except ConnectionError:
        ended += 1
    except TimeoutError:
        pass
tell("slow readers ended", ended)
tell("after slow readers", send(request))

crowd = []
for _ in range(1000):
    try:
        crowd.append(connect())
    except OSError:
        pass
turned_away = 0
for member in crowd[64:]:
    if status(member) == "503":
        turned_away += 1
tell("crowd", len(crowd))
tell("turned away", "most" if turned_away > 800 else turned_away)
for member in crowd:
    member.close()
tell("after the crowd", send(request))
