"""Who may include whom: ARCHITECTURE, section 1, as a table. Arrows are followed, so each row names only the next ones down."""

# A folder is in the layer of the longest name here that it starts with. A file's full path as the target of an
# arrow allows that header alone.
LAYERS = {
    "server/base": (),
    "server/runtime": ("server/base",),
    "server/posix": ("server/runtime",),
    "server/resp": ("server/base",),
    # The generator is the seam's narrowest part: a value that is handed down. It knows no loop and no clock.
    "server/values": ("server/base", "server/runtime/random.h"),
    "server/store": ("server/values", "server/runtime/random.h"),
    "server/commands": ("server/store", "server/resp", "server/runtime/random.h"),
    "server/session": ("server/commands", "server/runtime"),
    # INFO, CONFIG, CLIENT and the like: commands that look at the node and its sessions.
    "server/admin": ("server/session",),
    "server/cluster": ("server/store", "server/session"),
    # Beside the journal and the links, the commands that a replica sends to its master: these are sessions.
    "server/replication": ("server/store", "server/runtime", "server/resp", "server/session"),
    "server/persistence": ("server/store", "server/runtime"),
    # node.{h,cc}: everything of the server but its real side, so that the simulator can hold it.
    "server": ("server/admin", "server/cluster", "server/replication", "server/persistence"),
    "sim": ("server",),
    "benchmarks": ("server/resp", "server/posix", "server/store"),
    # These two run what lies elsewhere: benchmarks beside the code, and a whole node.
    "benchmarks/micro": ("server", "sim"),
    "benchmarks/instructions": ("server",),
    "testing": ("server", "server/posix", "sim", "benchmarks"),
    "tools": ("server", "server/posix", "sim", "testing"),
}

# Single files that see more than the rest of their folder.
FILES = {
    "server/main.cc": ("server", "server/posix"),
}


def layer_of(path):
    """The name of the layer of a file or folder, or None for one that is in no layer."""
    parts = path.split("/")
    for length in range(len(parts), 0, -1):
        if (name := "/".join(parts[:length])) in LAYERS:
            return name
    return None


def allowed_targets(path):
    """Every layer and header that a file may include, its own layer first."""
    own = layer_of(path)
    reached, todo = [], [own, *FILES.get(path, ())]
    while todo:
        name = todo.pop(0)
        if name in reached:
            continue
        reached.append(name)
        todo += LAYERS.get(name, ())
    return reached


def may_include(path, included):
    targets = allowed_targets(path)
    return layer_of(included.rstrip("/")) in targets or included in targets
