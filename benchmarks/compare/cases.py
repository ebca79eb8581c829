"""All rows of the comparison: what is measured, and the bar. The bars are those of the project's performance document.

A row is a Case: one figure of a Measurement. Several cases may look at the same measurement (p50 and p99 of one run). This is
the only place that has rows; what runs them is in measurements.py.
"""

import dataclasses
import re

from compare.figures import Bar

MILLION = 1000000


@dataclasses.dataclass(frozen=True)
class State:
    """What the servers hold before a measurement: `keys` of a measurement, each written by this command, or by each of several.
    All of them are run `rounds` times."""

    template: str
    value_bytes: int = 32
    more: tuple = ()
    rounds: int = 1
    # The measurement's keys are elements of one collection.
    one_key: bool = False

    def templates(self):
        return (self.template, *self.more) if self.template else ()

    def keys_there(self, keys):
        """How many keys the servers have when `keys` have been written."""
        return 1 if self.one_key else keys


def _command(*words):
    return " ".join(words)


def _members(count):
    """Distinct members of 12 bytes."""
    return [f"member:{number:05}" for number in range(count)]


# Elements that one command adds to a collection of many.
ELEMENTS_A_COMMAND = 500


def _large(count, command, element, value_bytes=32):
    """A collection of `count` elements for each key, of which `element` makes the arguments of the n-th."""
    templates = [_command(command, *[element(n) for n in range(begin, min(count, begin + ELEMENTS_A_COMMAND))])
                 for begin in range(0, count, ELEMENTS_A_COMMAND)]
    return State(templates[0], value_bytes=value_bytes, more=tuple(templates[1:]))


STATES = {
    "strings": State("SET __key__ __data__"),
    "expiring strings": State("SET __key__ __data__ EX 1000000"),
    "integers": State("SET __key__ 12345678"),
    "hashes": State(_command("HSET __key__", *[f"field{n} __data__" for n in range(5)]), value_bytes=8),
    "sets of integers": State(_command("SADD __key__", *[str(10007 + 1009 * n) for n in range(10)])),
    "sets of strings": State(_command("SADD __key__", *_members(10))),
    "sorted sets": State(_command("ZADD __key__", *[f"{17 * n + 3} {member}" for n, member in enumerate(_members(10))])),
    "lists": State(_command("RPUSH __key__", *_members(10))),
    "streams": State("XADD __key__ * temperature __int__ humidity __int__", rounds=10),
    "hyperloglogs": State(_command("PFADD __key__", *_members(10))),
    "hashes of 500": _large(500, "HSET __key__", lambda n: f"field{n:03} __data__", value_bytes=10),
    "sets of 10,000 integers": _large(10000, "SADD __key__", lambda n: str(10007 + 1009 * n)),
    "sets of 10,000 strings": _large(10000, "SADD __key__", lambda n: f"member:{n:05}"),
    "sorted sets of 10,000": _large(10000, "ZADD __key__", lambda n: f"{3.5 * n} member:{n:05}"),
    "lists of 10,000": _large(10000, "RPUSH __key__", lambda n: f"member:{n:05}"),
    "streams of 1,000": State("XADD __key__ * temperature __int__ humidity __int__", rounds=1000),
    "one sorted set": State("ZADD board __int__ __key__", one_key=True),
    "one hash": State("HSET table __key__ __data__", one_key=True),
    "one set": State("SADD group __key__", one_key=True),
    "nothing": State(""),
}

# What a command does to the state: nothing that matters to the next one; something, so that it is made anew for the next
# command; or so much that it is made anew before each repetition, each of which then goes over all keys exactly once.
KEEPS, CHANGES, CONSUMES = "keeps", "changes", "consumes"


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One thing to run on all servers in turn. `kind` is a function of measurements.py."""

    kind: str
    commands: tuple = ()
    state: str = "strings"
    keys: int = MILLION
    pipeline: int = 1
    rate: int = 0
    # Of an open loop: when its groups leave, as the driver's --arrivals has it.
    arrivals: str = "even"
    effect: str = KEEPS
    # Servers are started anew between stages, and shared within one.
    stage: str = ""
    # Of CPU time: they are started anew for each repetition, too, which takes all such measurements of the stage in turn.
    anew: bool = False
    # Of several slots in one command: refused by a member of a cluster.
    crosses_slots: bool = False
    repeats_max: int = 1000
    # Of memory: what each key holds, where figures are for an element.
    elements: int = 1

    def words(self):
        """The commands that a server must know."""
        templates = [*self.commands, *STATES[self.state].templates()]
        return sorted({_bare(template).split()[0].lower() for template in templates})


def _bare(template):
    """A template without its weight."""
    weight, colon, rest = template.partition(":")
    return rest if colon and weight.isdigit() else template


@dataclasses.dataclass(frozen=True)
class Case:
    group: str
    name: str
    unit: str
    metric: str
    bar: Bar
    measurement: Measurement
    # Figures that were measured elsewhere, as (server, figure); they are shown and never used for a ratio.
    elsewhere: tuple = ()
    # For one of our servers beside another of ours: peers are not measured.
    ours_only: bool = False


CPU = "server CPU, ns an operation"
COMMANDS = "CPU, ns: other commands, pipeline 16"
LATENCY = "latency at a fixed rate, µs"
MEMORY = "memory, resident bytes a key"
ELEMENTS = "memory, resident bytes an element"
STALL = "longest stall from 0 to 10 M keys, ms"
WORKERS = "two workers, times one worker"
REPLICA = "a replica attached, CPU times without"
GROUPS = (CPU, LATENCY, MEMORY, ELEMENTS, STALL, WORKERS, REPLICA, COMMANDS)

GET, SET = "GET __key__", "SET __key__ __data__"


def _point_cases():
    for pipeline, must, aim in ((1, 1.1, 1.25), (16, 2.8, 3.5), (64, 4.5, 6), (512, 6, 10)):
        for name, template in (("GET", GET), ("SET", SET)):
            yield Case(CPU, f"{name}, pipeline {pipeline}", "ns", "cpu_ns", Bar("times", must, aim),
                       Measurement("cpu", (template,), pipeline=pipeline, stage="1 M keys", anew=True))
    for name, template in (("GET", GET), ("SET", SET)):
        yield Case(CPU, f"{name}, pipeline 64, 10 M keys", "ns", "cpu_ns", Bar("times", 4.5, 6),
                   Measurement("cpu", (template,), pipeline=64, keys=10 * MILLION, stage="10 M keys"))


def _latency_cases():
    """GET and SET in equal parts. A group of `pipeline` requests leaves at once on one connection.

    The bars are about clients that know nothing of each other. At even distances no two groups meet, and nobody waits for
    another's commands: what is left is the machine's, and the same for all servers.
    """
    for arrivals, name in (("poisson", ", GET and SET"), ("even", ", the same at even distances")):
        for rate, pipeline, must, aim in ((160000, 16, 0.5, 0.4), (300000, 64, 0.25, 0.15)):
            measurement = Measurement("latency", (GET, SET), pipeline=pipeline, rate=rate, arrivals=arrivals, stage="latency")
            for metric, bar in (("p50", Bar("share")), ("p99", Bar("share", must, aim) if arrivals == "poisson" else Bar("share"))):
                yield Case(LATENCY, f"{metric} at {rate // 1000} k/s, pipeline {pipeline}{name}", "µs", f"{metric}_us", bar, measurement)


VALKEY = "valkey 8.1.1"


def _memory_cases():
    def row(name, state, valkey, target, keys=MILLION):
        return Case(MEMORY, name, "bytes", "bytes_a_key", Bar("at_most", valkey, target),
                    Measurement("memory", state=state, keys=keys, stage=f"memory of {name}", repeats_max=3),
                    elsewhere=((VALKEY, valkey),))

    for keys, text in ((300000, "300 k"), (MILLION, "1 M"), (3 * MILLION, "3 M"), (10 * MILLION, "10 M")):
        yield row(f"string 16 + 32, {text} keys", "strings", 101, 70, keys)
    yield row("string 16 + 32 with expiry", "expiring strings", 138, 78)
    yield row("string 16 + 8-digit integer", "integers", 61, 40)
    yield row("hash, 5 fields of 6 + 8", "hashes", 152, 125, 300000)
    yield row("set of 10 integers", "sets of integers", 113, 85, 300000)
    yield row("set of 10 strings of 12", "sets of strings", 226, 190, 300000)
    yield row("sorted set of 10 (12-byte members)", "sorted sets", 283, 240, 300000)
    yield row("list of 10 (12 bytes)", "lists", 226, 190, 300000)


def _element_cases():
    for name, state, elements, keys in (
            ("hash of 5 fields", "hashes", 5, 300000),
            ("hash of 500 fields", "hashes of 500", 500, 3000),
            ("set of 10 integers", "sets of integers", 10, 300000),
            ("set of 10,000 integers", "sets of 10,000 integers", 10000, 100),
            ("set of 10 strings", "sets of strings", 10, 300000),
            ("set of 10,000 strings", "sets of 10,000 strings", 10000, 100),
            ("sorted set of 10", "sorted sets", 10, 300000),
            ("sorted set of 10,000", "sorted sets of 10,000", 10000, 100),
            ("list of 10", "lists", 10, 300000),
            ("list of 10,000", "lists of 10,000", 10000, 100),
            ("stream of 1,000 entries of 2 fields", "streams of 1,000", 1000, 1000)):
        yield Case(ELEMENTS, name, "bytes", "bytes_a_key", Bar("times", 1),
                   Measurement("memory", state=state, keys=keys, elements=elements, stage=f"memory of {name}", repeats_max=3))


STALL_RATE = 150000


def _stall_cases():
    """Keys 0 to 10 M, each once, at a rate that no server is at its limit with: every SET probes for stalls.

    Nor is a virtual machine, which is stopped for milliseconds when all of its processors are busy for long. So the driver sleeps, too,
    where latencies in microseconds have it poll.
    """
    measurement = Measurement("stall", (SET,), state="nothing", keys=10 * MILLION, pipeline=64, rate=STALL_RATE,
                              stage="stall", repeats_max=3)
    # The bar is about servers: requests that felt the virtual machine being stopped, or its clock turned down, are not held against it.
    for name, metric, bar in (("longest reply to a client", "longest_ms", Bar("at_most")),
                              ("the same, machine undisturbed", "longest_undisturbed_ms", Bar("at_most", 1, 0.2)),
                              ("longest command, own slow log", "slowest_ms", Bar("at_most", 1, 0.2))):
        yield Case(STALL, f"{name}, {STALL_RATE // 1000} k/s", "ms", metric, bar, measurement)


def _worker_cases():
    for name, template in (("GET", GET), ("SET", SET)):
        yield Case(WORKERS, f"{name}, pipeline 16", "times", "second_worker", Bar("at_least", 1.6),
                   Measurement("workers", (template,), pipeline=16, stage=f"second worker, {name}"), ours_only=True)


def _replica_cases():
    yield Case(REPLICA, "SET, pipeline 64", "times", "replica_cost", Bar("at_most", 1.30, 1.15),
               Measurement("replica", (SET,), pipeline=64, stage="replica"))


# name, template, state, effect; pipeline 16, a key at random each time.
_COMMANDS = (
    ("PING", "PING", "strings", KEEPS),
    ("ECHO", "ECHO __data__", "strings", KEEPS),
    ("EXISTS", "EXISTS __key__", "strings", KEEPS),
    ("TYPE", "TYPE __key__", "strings", KEEPS),
    ("TOUCH", "TOUCH __key__", "strings", KEEPS),
    ("STRLEN", "STRLEN __key__", "strings", KEEPS),
    ("GETRANGE", "GETRANGE __key__ 4 11", "strings", KEEPS),
    ("GETBIT", "GETBIT __key__ 100", "strings", KEEPS),
    ("BITCOUNT", "BITCOUNT __key__", "strings", KEEPS),
    ("BITPOS", "BITPOS __key__ 1", "strings", KEEPS),
    ("BITFIELD GET", "BITFIELD __key__ GET u8 16", "strings", KEEPS),
    ("GETEX without a deadline", "GETEX __key__", "strings", KEEPS),
    ("MGET of 10", _command("MGET", *["__key__"] * 10), "strings", KEEPS),
    ("MSET of 10", _command("MSET", *["__key__ __data__"] * 10), "strings", KEEPS),
    ("GETSET", "GETSET __key__ __data__", "strings", KEEPS),
    ("SET XX GET", "SET __key__ __data__ XX GET", "strings", KEEPS),
    ("SETNX of a key that is there", "SETNX __key__ __data__", "strings", KEEPS),
    ("SETRANGE", "SETRANGE __key__ 8 abcdefgh", "strings", KEEPS),
    ("SETBIT", "SETBIT __key__ 100 1", "strings", KEEPS),
    ("BITFIELD SET", "BITFIELD __key__ SET u8 16 200", "strings", KEEPS),
    ("APPEND", "APPEND __key__ abcd", "strings", CHANGES),
    ("DEL", "DEL __key__", "strings", CONSUMES),
    ("UNLINK", "UNLINK __key__", "strings", CONSUMES),
    ("GETDEL", "GETDEL __key__", "strings", CONSUMES),
    ("SETNX of a new key", "SETNX __key__ __data__", "nothing", CONSUMES),
    ("EXPIRE", "EXPIRE __key__ 100000", "strings", CHANGES),
    ("SET EX", "SET __key__ __data__ EX 100000", "strings", CHANGES),
    ("SETEX", "SETEX __key__ 100000 __data__", "expiring strings", KEEPS),
    ("TTL", "TTL __key__", "expiring strings", KEEPS),
    ("PTTL", "PTTL __key__", "expiring strings", KEEPS),
    ("GET of a key with a deadline", GET, "expiring strings", KEEPS),
    ("EXPIRE of a key with a deadline", "EXPIRE __key__ 100000", "expiring strings", KEEPS),
    ("PERSIST", "PERSIST __key__", "expiring strings", CONSUMES),
    ("INCR", "INCR __key__", "integers", KEEPS),
    ("DECR", "DECR __key__", "integers", KEEPS),
    ("INCRBY", "INCRBY __key__ 7", "integers", KEEPS),
    ("GET of an integer", GET, "integers", KEEPS),
    ("INCRBYFLOAT", "INCRBYFLOAT __key__ 0.25", "integers", CHANGES),
    ("HSET of a field that is there", "HSET __key__ field3 __data__", "hashes", CHANGES),
    ("HGET", "HGET __key__ field3", "hashes", KEEPS),
    ("HGETALL of 5", "HGETALL __key__", "hashes", KEEPS),
    ("HMGET of 3", "HMGET __key__ field0 field2 field4", "hashes", KEEPS),
    ("HEXISTS", "HEXISTS __key__ field1", "hashes", KEEPS),
    ("HINCRBY", "HINCRBY __key__ number 1", "hashes", CHANGES),
    ("LPUSH", "LPUSH __key__ member:00011", "lists", CHANGES),
    ("RPUSH", "RPUSH __key__ member:00011", "lists", CHANGES),
    ("LPOP", "LPOP __key__", "lists", CHANGES),
    ("RPOP", "RPOP __key__", "lists", CHANGES),
    ("LLEN", "LLEN __key__", "lists", KEEPS),
    ("LINDEX", "LINDEX __key__ 5", "lists", KEEPS),
    ("LRANGE of 10", "LRANGE __key__ 0 9", "lists", KEEPS),
    ("SADD of an integer", "SADD __key__ __int__", "sets of integers", CHANGES),
    ("SADD of a member that is there", "SADD __key__ member:00003", "sets of strings", KEEPS),
    ("SISMEMBER", "SISMEMBER __key__ member:00003", "sets of strings", KEEPS),
    ("SCARD", "SCARD __key__", "sets of strings", KEEPS),
    ("SMEMBERS of 10", "SMEMBERS __key__", "sets of strings", KEEPS),
    ("SPOP", "SPOP __key__", "sets of strings", CHANGES),
    ("ZADD of a member that is there", "ZADD __key__ __int__ member:00003", "sorted sets", KEEPS),
    ("ZINCRBY", "ZINCRBY __key__ 1 member:00003", "sorted sets", KEEPS),
    ("ZSCORE", "ZSCORE __key__ member:00003", "sorted sets", KEEPS),
    ("ZRANK", "ZRANK __key__ member:00003", "sorted sets", KEEPS),
    ("ZRANGE of 10", "ZRANGE __key__ 0 -1", "sorted sets", KEEPS),
    ("ZPOPMIN", "ZPOPMIN __key__", "sorted sets", CHANGES),
    ("XADD", "XADD __key__ * temperature __int__ humidity __int__", "streams", CHANGES),
    ("XLEN", "XLEN __key__", "streams", KEEPS),
    ("XRANGE of 5", "XRANGE __key__ - + COUNT 5", "streams", KEEPS),
    ("XREAD of 5", "XREAD COUNT 5 STREAMS __key__ 0", "streams", KEEPS),
    ("PFADD", "PFADD __key__ __int__", "hyperloglogs", CHANGES),
    ("PFCOUNT", "PFCOUNT __key__", "hyperloglogs", KEEPS),
    ("HSET, one hash of 300 k", "HSET table __key__ __data__", "one hash", KEEPS),
    ("HGET, one hash of 300 k", "HGET table __key__", "one hash", KEEPS),
    ("SADD, one set of 300 k", "SADD group __key__", "one set", KEEPS),
    ("SISMEMBER, one set of 300 k", "SISMEMBER group __key__", "one set", KEEPS),
    ("ZADD, one sorted set of 300 k", "ZADD board __int__ __key__", "one sorted set", KEEPS),
    ("ZSCORE, one sorted set of 300 k", "ZSCORE board __key__", "one sorted set", KEEPS),
    ("ZRANK, one sorted set of 300 k", "ZRANK board __key__", "one sorted set", KEEPS),
    ("ZRANGE of 10, one sorted set of 300 k", "ZRANGE board 0 9", "one sorted set", KEEPS),
)

_COLLECTIONS = ("hashes", "lists", "sets of integers", "sets of strings", "sorted sets", "streams", "hyperloglogs", "one hash",
                "one set", "one sorted set")


def _command_cases():
    for name, template, state, effect in _COMMANDS:
        keys = 300000 if state in _COLLECTIONS else MILLION
        yield Case(COMMANDS, name, "ns", "cpu_ns", Bar("times", 2, 3),
                   Measurement("cpu", (template,), state=state, keys=keys, pipeline=16, effect=effect, stage="commands",
                               crosses_slots=name.endswith("of 10") and name[0] == "M"))


CASES = (*_point_cases(), *_latency_cases(), *_memory_cases(), *_element_cases(), *_stall_cases(), *_worker_cases(), *_replica_cases(),
         *_command_cases())


def select(pattern):
    """The cases whose group or name the regular expression finds, without regard to case."""
    wanted = re.compile(pattern, re.IGNORECASE)
    return [case for case in CASES if wanted.search(case.name) or wanted.search(case.group)]


def by_measurement(cases):
    """{measurement: its cases}, in the order of the table."""
    found = {}
    for case in cases:
        found.setdefault(case.measurement, []).append(case)
    return found


def batches(measurements):
    """Lists of measurements that are taken together, in the order given."""
    found = []
    for measurement in measurements:
        if found and measurement.anew and found[-1][-1].anew and found[-1][-1].stage == measurement.stage:
            found[-1].append(measurement)
        else:
            found.append([measurement])
    return found


def smaller(measurement, factor):
    """The same with fewer keys, for a quick look at whether all works."""
    least = max(1, 1000 // measurement.elements)
    return dataclasses.replace(measurement, keys=max(least, measurement.keys // factor))
