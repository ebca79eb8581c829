"""What a cluster configuration must be, written anew from the rules: the judge of the judge.

Nothing here knows the server's code. Texts go through Python's json module, made as strict as RFC 8259 and the limits ask.
"""

import json
import math

SLOTS = 16384
DEPTH_MAX = 16
VALUES_MAX = 512 * 1024
NUMBER_MAX = 65535
BYTES_MAX = 8 * 1024 * 1024

# Why a configuration is refused that breaks no rule.
UNSUPPORTED = "slot migration is not supported yet"

# What a name or an address may not hold, because replies made of lines would break.
_LINE_BREAKERS = {*range(0x00, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029}


class Refused(Exception):
    """Why a configuration is not accepted."""


def judge(text, bytes_max=BYTES_MAX, with_migrations=False):
    """The configuration that `text` (bytes) stands for, as a list of shards, or None and why not."""
    try:
        if len(text) > bytes_max:
            raise Refused("too long")
        shards = _parse(text)
        _check_types(shards)
        _check_ids(shards)
        _check_slots(shards)
        for shard in shards:
            _check_migrations(shard, shards)
        if not with_migrations and any(shard.get("migrations") for shard in shards):
            raise Refused(UNSUPPORTED)
        return shards, ""
    except Refused as refusal:
        return None, str(refusal)


def slot_owners(shards):
    """Sorted [start, end, master id, ip, port], one for every range."""
    return sorted([entry["start"], entry["end"], shard["master"]["id"], shard["master"]["ip"], shard["master"]["port"]]
                  for shard in shards for entry in shard["slot_ranges"])


# --- Strict JSON ---------------------------------------------------------------------------------------------


def _parse(text):
    try:
        document = json.loads(text.decode("utf-8"), object_pairs_hook=_object, parse_float=_float, parse_int=_integer,
                              parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(f"no JSON: {error}") from None
    _check_shape(document)
    return document


def _object(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Refused("a name twice")
    return members


def _float(digits):
    value = float(digits)
    if math.isinf(value):
        raise Refused("a number too large")
    return value


def _integer(digits):
    value = _float(digits)
    # A sign makes it no port and no slot, also in front of zero.
    return value if digits.startswith("-") else int(digits)


def _constant(word):
    raise Refused(f"{word} is no JSON")


def _check_shape(document):
    """Depth, number of values, and text that UTF-8 cannot hold."""
    count = 0
    todo = [(document, 1)]
    while todo:
        value, depth = todo.pop()
        count += 1
        if isinstance(value, (dict, list)):
            if depth > DEPTH_MAX:
                raise Refused("too deep")
            if isinstance(value, dict):
                for name in value:
                    _check_text(name)
                value = value.values()
            todo.extend((element, depth + 1) for element in value)
        elif isinstance(value, str):
            _check_text(value)
        if count > VALUES_MAX:
            raise Refused("too many values")


def _check_text(text):
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise Refused("half a surrogate pair")


# --- Types ---------------------------------------------------------------------------------------------------


def _require(condition, reason):
    if not condition:
        raise Refused(reason)


def _check_types(shards):
    _require(isinstance(shards, list), "no array of shards")
    for shard in shards:
        _require(isinstance(shard, dict), "a shard that is no object")
        _check_range_types(shard)
        _check_node_types(shard.get("master"), "id")
        _require(isinstance(shard.get("replicas"), list), "no array of replicas")
        for replica in shard["replicas"]:
            _check_node_types(replica, "id")
        migrations = shard.get("migrations")
        if migrations is None:
            continue
        _require(isinstance(migrations, list), "no array of migrations")
        for migration in migrations:
            _check_node_types(migration, "node_id")
            _check_range_types(migration)


def _check_range_types(holder):
    ranges = holder.get("slot_ranges")
    _require(isinstance(ranges, list), "no array of ranges")
    for entry in ranges:
        _require(isinstance(entry, dict), "a range that is no object")
        _require(_is_number(entry.get("start")) and _is_number(entry.get("end")), "no number as a slot")


def _check_node_types(node, id_name):
    _require(isinstance(node, dict), "a node that is no object")
    for name in (id_name, "ip"):
        _require(isinstance(node.get(name), str), "a name that is no string")
        _require(_LINE_BREAKERS.isdisjoint(map(ord, node[name])), "a name that breaks lines")
    _require(_is_number(node.get("port")), "no number as a port")


def _is_number(value):
    return type(value) is int and 0 <= value <= NUMBER_MAX


# --- Rules ---------------------------------------------------------------------------------------------------


def _check_ids(shards):
    ids = [node["id"] for shard in shards for node in [shard["master"], *shard["replicas"]]]
    _require(len(ids) == len(set(ids)), "an id twice")


def _check_range_order(ranges):
    for entry in ranges:
        _require(entry["start"] <= entry["end"] < SLOTS, "a range backwards or too far")


def _check_slots(shards):
    ranges = [entry for shard in shards for entry in shard["slot_ranges"]]
    _check_range_order(ranges)
    next_slot = 0
    for start, end in sorted((entry["start"], entry["end"]) for entry in ranges):
        _require(start == next_slot, "a slot without an owner, or with two")
        next_slot = end + 1
    _require(next_slot == SLOTS, "slots without an owner at the end")


def _check_migrations(shard, shards):
    migrations = shard.get("migrations") or []
    if not migrations:
        return
    masters = {other["master"]["id"] for other in shards} - {shard["master"]["id"]}
    targets = [migration["node_id"] for migration in migrations]
    _require(masters.issuperset(targets), "a migration to no other master")
    _require(len(targets) == len(set(targets)), "two migrations to one target")
    _require(all(migration["slot_ranges"] for migration in migrations), "a migration of nothing")
    ranges = [entry for migration in migrations for entry in migration["slot_ranges"]]
    _check_range_order(ranges)
    for entry in ranges:
        _require(any(own["start"] <= entry["start"] and entry["end"] <= own["end"] for own in shard["slot_ranges"]),
                 "a migration across ranges")
    ordered = sorted((entry["start"], entry["end"]) for entry in ranges)
    _require(all(before[1] < after[0] for before, after in zip(ordered, ordered[1:])), "a slot in two migrations")
