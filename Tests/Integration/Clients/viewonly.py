"""What the bridge lets a viewer send (compose/edge/rfb.py): viewonly.py FOLDER-OF-RFB

Any row of messages, cut into any pieces, gives those that are no input, and those alone."""

import random
import struct
import sys

sys.path.insert(0, sys.argv[1])
from rfb import ViewOnly  # noqa: E402

HELLO = b"RFB 003.008\n\x01"


def some(numbers, most):
    return bytes(numbers.randrange(256) for _ in range(numbers.randrange(most)))


def message(numbers):
    """One message, and whether it is for the server."""
    noise = some(numbers, 40)
    body = lambda count: bytes(numbers.randrange(256) for _ in range(count))
    encodings = numbers.randrange(20)
    return numbers.choice(
        [
            (b"\0" + body(19), True),
            (b"\3" + body(9), True),
            (b"\x96" + body(9), True),
            (struct.pack(">BBH", 2, 0, encodings) + body(4 * encodings), True),
            (b"\4" + body(7), False),
            (b"\5" + body(5), False),
            (b"\xfa" + body(3), False),
            (b"\xff\0" + body(10), False),
            (b"\xfb" + body(5) + bytes([2, 0]) + body(32), False),
            (b"\xf8" + body(7) + bytes([len(noise)]) + noise, False),
            (struct.pack(">Bxxxi", 6, len(noise)) + noise, False),
            (struct.pack(">Bxxxi", 6, -len(noise)) + noise, False),
        ]
    )


numbers = random.Random(19)
for _ in range(2000):
    row = [message(numbers) for _ in range(numbers.randrange(1, 30))]
    # The client asks to be alone, which it is not.
    stream = HELLO + b"\0" + b"".join(data for data, _ in row)
    expected = HELLO + b"\1" + b"".join(data for data, passes in row if passes)
    filter, passed, start = ViewOnly(), b"", 0
    while start < len(stream):
        end = start + numbers.choice([1, 2, 7, 100, 5000])
        passed += filter.take(stream[start:end])
        start = end
    assert passed == expected, (row, passed)

for bad in [
    b"RFB 003.003\n",
    b"GET / HTTP/1.",
    b"RFB 003.008\n\x02",
    HELLO + b"\1" + b"\1",
    HELLO + b"\1" + b"\xff\1\0\0",
    HELLO + b"\1" + b"\xfc",
    HELLO + b"\1" + struct.pack(">BBH", 2, 0, 257),
    HELLO + b"\1" + struct.pack(">Bxxxi", 6, (1 << 20) + 1),
    HELLO + b"\1" + struct.pack(">Bxxxi", 6, -(1 << 31)),
]:
    try:
        ViewOnly().take(bad)
    except ValueError:
        continue
    raise AssertionError(f"{bad!r} is taken")
print("2000 rows, 9 refusals")
