"""A blocking connection that speaks RESP2 and RESP3: what the tests use where a client library would hide the bytes."""

import binascii
import socket

SLOT_COUNT = 16384


class ReplyError(Exception):
    """An error reply; its text is the reply without the leading minus."""


def slot_of(key):
    """The slot of a key: CRC16 of the key, or of what stands between its first { and the next }."""
    data = key.encode() if isinstance(key, str) else key
    begin = data.find(b"{")
    if begin >= 0:
        end = data.find(b"}", begin + 1)
        if end > begin + 1:
            data = data[begin + 1:end]
    return binascii.crc_hqx(data, 0) % SLOT_COUNT


def key_of_each_slot(prefix=""):
    """A list of 16384 keys: the one at index N belongs to slot N."""
    keys = [None] * SLOT_COUNT
    missing = SLOT_COUNT
    number = 0
    while missing:
        key = f"{prefix}{number}"
        slot = slot_of(key)
        if keys[slot] is None:
            keys[slot] = key
            missing -= 1
        number += 1
    return keys


def encode(words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class Connection:
    """One connection to a server on this machine. Strings are decoded, whatever bytes they have; a null is None; a push is a
    list like any other."""

    def __init__(self, port, host="127.0.0.1", timeout_s=10):
        self._socket = socket.create_connection((host, port), timeout=timeout_s)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._stream.close()
        self._socket.close()

    def call(self, *words):
        """The reply to one command; raises ReplyError for an error reply."""
        reply = self.call_all([words])[0]
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def call_all(self, commands):
        """The replies to a pipeline of commands, error replies among them as ReplyError objects."""
        self._socket.sendall(b"".join(encode(words) for words in commands))
        return [self.read() for _ in commands]

    def read(self):
        line = self._stream.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        kind, text = line[:1], line[1:-2].decode()
        if kind in b"+,(":
            return text
        if kind == b"-":
            return ReplyError(text)
        if kind == b":":
            return int(text)
        if kind == b"_":
            return None
        if kind == b"#":
            return text == "t"
        if kind in b"$=":
            return self._read_bulk(int(text))
        if kind in b"*~>":
            return None if int(text) < 0 else [self.read() for _ in range(int(text))]
        if kind == b"%":
            return {self.read(): self.read() for _ in range(int(text))}
        raise ConnectionError(f"not a reply: {line!r}")

    def _read_bulk(self, length):
        if length < 0:
            return None
        return self._stream.read(length + 2)[:-2].decode(errors="surrogateescape")
