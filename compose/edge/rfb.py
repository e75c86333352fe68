"""What a viewer may send to a VNC server (RFC 6143): enough to see, and nothing that is input."""

# Of a list of encodings; noVNC names some twenty.
MOST_ENCODINGS = 256
# Of a clipboard, which is dropped.
LONGEST_TEXT = 1 << 20


class ViewOnly:
    """The stream of one client: what of it goes on to the server.

    Pure: bytes in, bytes out. It knows the lengths of messages, or the one after could not be told; a type it does not know
    ends the connection.
    """

    def __init__(self):
        self._bytes = bytearray()
        self._step = self._version

    def take(self, data):
        """Bytes of the client's; returns those for the server. Raises ValueError when the client must go."""
        self._bytes += data
        passed = bytearray()
        while (step := self._step()) is not None:
            length, passes = step
            if passes is True:
                passed += self._bytes[:length]
            elif passes:
                passed += passes
            del self._bytes[:length]
        return bytes(passed)

    # Each step: nil when there is too little yet; else a length, and whether those bytes pass, or what passes instead.

    def _version(self):
        if len(self._bytes) < 12:
            return None
        if self._bytes[:12] != b"RFB 003.008\n":
            raise ValueError("this is no VNC 3.8")
        self._step = self._security
        return 12, True

    def _security(self):
        if not self._bytes:
            return None
        # None: who may see has been asked before.
        if self._bytes[0] != 1:
            raise ValueError("the security type must be 1")
        self._step = self._init
        return 1, True

    def _init(self):
        if not self._bytes:
            return None
        self._step = self._message
        # Shared: an exclusive one would send the others away (§7.3.1).
        return 1, b"\x01"

    def _message(self):
        kind = self._bytes[0] if self._bytes else None
        if kind is None:
            return None
        fixed = {0: 20, 3: 10, 4: 8, 5: 6, 150: 10, 250: 4}
        if kind in fixed:
            # SetPixelFormat, FramebufferUpdateRequest and EnableContinuousUpdates; not keys, pointer and power.
            length, passes = fixed[kind], kind in (0, 3, 150)
        elif kind == 2:
            count = self._number(2, 2)
            if count is None:
                return None
            if count > MOST_ENCODINGS:
                raise ValueError("too many encodings")
            length, passes = 4 + 4 * count, True
        elif kind == 6:
            size = self._number(4, 4, signed=True)
            if size is None:
                return None
            # Negative in the extended form.
            if abs(size) > LONGEST_TEXT:
                raise ValueError("too long a clipboard")
            length, passes = 8 + abs(size), False
        elif kind == 248:
            if len(self._bytes) < 9:
                return None
            length, passes = 9 + self._bytes[8], False
        elif kind == 251:
            if len(self._bytes) < 7:
                return None
            length, passes = 8 + 16 * self._bytes[6], False
        elif kind == 255:
            if len(self._bytes) < 2:
                return None
            # QEMU's: a key with its scan code; else audio, of which the viewer has no need.
            if self._bytes[1] != 0:
                raise ValueError("there is no sound")
            length, passes = 12, False
        else:
            raise ValueError(f"messages of type {kind} are not for viewers")
        return (length, passes) if len(self._bytes) >= length else None

    def _number(self, start, size, signed=False):
        if len(self._bytes) < start + size:
            return None
        return int.from_bytes(self._bytes[start : start + size], "big", signed=signed)
