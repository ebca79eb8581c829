"""What a server's COMMAND DOCS say of its commands."""

from compare.client import Client


def _pairs(flat):
    return zip(flat[::2], flat[1::2])


def _walk(flat):
    """(name, fields) of all commands; of containers their subcommands."""
    for name, fields in _pairs(flat):
        fields = dict(_pairs(fields))
        if b"subcommands" in fields:
            yield from _walk(fields[b"subcommands"])
        else:
            yield name.decode(), fields


def complexities(server):
    """{command: the text about its complexity}; a subcommand is "container|name"."""
    with Client(server.port) as client:
        return {name: fields.get(b"complexity", b"").decode() for name, fields in _walk(client.call("COMMAND", "DOCS"))}


def commands_of(server, groups):
    """The names of all commands of these groups."""
    with Client(server.port) as client:
        return sorted(name for name, fields in _walk(client.call("COMMAND", "DOCS")) if fields[b"group"].decode() in groups)
