"""Clients that mean no good, at drover's socket: hostile.py SOCKET COUNT; they go on until they are killed.

A quarter each: those that never say anything; those that ask for the longest answer and read nothing; those whose commands
are as long as may be, and much longer; those that send small ones without a pause. One that is dropped comes again.
"""

import select
import socket
import sys
import time

NEGOTIATION = b'{"execute": "qmp_capabilities"}'
LONG = b'{"execute": "query-status", "arguments": {"x": [' + b"1," * 32_000 + b"1]}}"
ENDLESS = b'{"execute": "query-status", "arguments": {"x": [' + b"1," * 2_000_000 + b"1]}}"
SCHEMA = b'{"execute": "query-qmp-schema"}'
SMALL = b'{"execute": "query-status"}{"execute": "query-block"}{"execute": "nothing"}'


class Client:
    def __init__(self, path: str, number: int) -> None:
        self.path, self.kind = path, number % 4
        self.reads = self.kind >= 2
        self.socket: socket.socket | None = None
        self.next_attempt = 0.0

    def connect(self) -> None:
        self.next_attempt = time.monotonic() + 0.2
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.setblocking(False)
        try:
            self.socket.connect(self.path)
        except OSError:
            self.leave()
            return
        self.output = memoryview(b"" if self.kind == 0 else NEGOTIATION + self.wishes())

    def wishes(self) -> bytes:
        return [b"", SCHEMA * 1000, LONG * 10 + ENDLESS, (SMALL * 100 + SCHEMA) * 10][self.kind]

    def leave(self) -> None:
        if self.socket:
            self.socket.close()
        self.socket = None

    def read(self) -> None:
        try:
            if not self.socket.recv(1 << 16):
                self.leave()
        except BlockingIOError:
            pass
        except OSError:
            self.leave()

    def write(self) -> None:
        try:
            self.output = self.output[self.socket.send(self.output) :]
        except BlockingIOError:
            return
        except OSError:
            self.leave()
            return
        if not self.output:
            self.output = memoryview(self.wishes())


def main(path: str, count: int) -> None:
    clients = [Client(path, number) for number in range(count)]
    told = False
    while True:
        for client in clients:
            if not client.socket and client.next_attempt <= time.monotonic():
                client.connect()
        if not told:
            print("all are there", flush=True)
            told = True
        connected = {client.socket: client for client in clients if client.socket}
        readers = [socket for socket, client in connected.items() if client.reads]
        writers = [socket for socket, client in connected.items() if client.output]
        readable, writable, _ = select.select(readers, writers, [], 0.1)
        for socket_ in readable:
            connected[socket_].read()
        for socket_ in writable:
            if connected[socket_].socket:
                connected[socket_].write()


main(sys.argv[1], int(sys.argv[2]))
