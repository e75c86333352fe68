"""What a bridge to browsers does with the sockets of SCREEN_DIR: screen.py FOLDER OTHER-CONSOLE

Asks vnc.sock for a picture, types on each console what the other shows, and presses the power button by VNC. Prints what it
found, a line each."""

import socket
import struct
import sys

folder, other = sys.argv[1:]


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(120)
    client.connect(path)
    return client


def exactly(client, count):
    data = b""
    while len(data) < count:
        piece = client.recv(count - len(data))
        assert piece, "the server has gone"
        data += piece
    return data


def until(client, text, data=b""):
    while text not in data:
        piece = client.recv(65536)
        assert piece, f"the console has gone before {text!r}: {data!r}"
        data += piece


# Another viewer stays, as VNC is for any number.
first = connect(folder + "/vnc.sock")
vnc = connect(folder + "/vnc.sock")
for client in (first, vnc):
    assert exactly(client, 12) == b"RFB 003.008\n"
    client.sendall(b"RFB 003.008\n")
    count = exactly(client, 1)[0]
    assert exactly(client, count) == b"\x01", "a password is asked for"
    client.sendall(b"\x01")
    assert exactly(client, 4) == b"\0\0\0\0"
    client.sendall(b"\x01")
    width, height = struct.unpack(">HH", exactly(client, 4))
    exactly(client, 16)
    exactly(client, struct.unpack(">I", exactly(client, 4))[0])

consoles = [connect(folder + "/console.sock"), connect(other)]
for viewer in consoles:
    until(viewer, b"login:")
for number, client in enumerate(consoles):
    client.sendall(b"word-%d" % number)
    for viewer in consoles:
        until(viewer, b"word-%d" % number)
print("consoles agree")

# Raw, and what announces XVP (-309).
vnc.sendall(struct.pack(">BBHii", 2, 0, 2, 0, -309))
vnc.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, width, height))
has_power = has_picture = False
while not (has_power and has_picture):
    kind = exactly(vnc, 1)[0]
    if kind == 250:
        assert exactly(vnc, 3) == b"\0\1\1"
        has_power = True
    else:
        assert kind == 0, kind
        for _ in range(struct.unpack(">xH", exactly(vnc, 3))[0]):
            left, top, columns, rows, encoding = struct.unpack(">HHHHi", exactly(vnc, 12))
            if encoding != -309:
                assert encoding == 0, encoding
                has_picture = len(exactly(vnc, columns * rows * 4)) > 0
print("picture", width > 0 and height > 0)
vnc.sendall(b"\xfa\0\1\2")
try:
    while vnc.recv(65536):
        pass
except ConnectionResetError:
    pass
print("power button pressed")
