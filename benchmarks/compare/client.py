"""A connection that asks a server something, for all that is not load."""

import socket

ANSWER_S_MAX = 120


class Refused(Exception):
    """The server has answered with an error."""


class Client:
    def __init__(self, port):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S_MAX)
        self.stream = self.connection.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.connection.close()

    def call(self, *words):
        """The reply: bytes, an integer, a list, or None. Raises Refused for an error."""
        self.connection.sendall(request(*words))
        return read_reply(self.stream)


def request(*words):
    texts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%s\r\n" % (len(text), text) for text in texts)


def read_reply(stream):
    """One RESP2 reply. An error within a list is an element of it."""
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("the server has closed the connection")
    kind, rest = line[:1], line[1:-2]
    if kind == b"+":
        return rest
    if kind == b":":
        return int(rest)
    if kind == b"-":
        raise Refused(rest.decode(errors="replace"))
    if kind == b"$":
        return None if rest == b"-1" else stream.read(int(rest) + 2)[:-2]
    if kind == b"*":
        return None if rest == b"-1" else [_element(stream) for _ in range(int(rest))]
    raise ConnectionError(f"not a reply: {line!r}")


def _element(stream):
    try:
        return read_reply(stream)
    except Refused as refusal:
        return refusal
