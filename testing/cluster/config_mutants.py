"""Cluster configurations for the fuzzer: valid ones, and what becomes of them under small and large harm.

A case is made from its own generator, so that one case can be made again without the ones before it.
"""

import copy
import json
import random
import re

SLOTS = 16384

# Written into the text as they are, in place of a string that names them.
_RAW_TOKENS = ["1E383", "-1E383", "18446744073709551616", "18446744073709551615", "4294967296", "65536", "65535", "16384",
               "-1", "-0", "0", "1.5", "5.0", "1e2", "1E+2", "0x10", "01", "+1", ".5", "1.", "NaN", "Infinity", "-Infinity",
               "1" * 400, "1e-9999", "True", "nul", "''", "{}{}", ""]
_RAW = re.compile(r'"@raw(\d+)@"')

_ODD_VALUES = [None, True, False, 0, 7, "", "5", "fail", [], {}, [[]], [{}], {"start": 0, "end": 0}, "a\nb", "\x7f", "\x85",
               "\u2028", "\x00", "\u00e9", "\U0001f600", " ", "x" * 300]

_NAMES = ["slot_ranges", "start", "end", "master", "replicas", "migrations", "id", "ip", "port", "health", "node_id", "note"]

_SNIPPETS = [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\x00", b"\\ud800",
             b"\\ud83d\\ude00", b"\\u0000", b"\\n", b"\\x41", b"\n", b"\t", b"\x0b", b"\xc2\xa0", b" ", b",", b":", b"[", b"]",
             b"{", b"}", b'"', b"\\", b"//", b"/**/", b"null", b'"start":0,', b'"id":"a",', b'"note":[],', b'"\\u0073tart":1,',
             b"-", b".0", b"e5", b"1", b"[" * 3000, b'"note":' + b"[" * 3000 + b"]" * 3000 + b","]

_GARBAGE_UNITS = [b"[", b'{"a":', b"[0,", b"0,", b"[],", b"{},", b" ", b'"', b"\\", b"9", b"\xff", b"\x00", b'"a",',
                  b'{"slot_ranges":[],', b"[[],", b"1e5,"]


def make_case(seed, number):
    """The text (bytes) of one case."""
    rng = random.Random(f"{seed}:{number}")
    if rng.random() < 0.0008:
        return _garbage(rng)
    shards = _valid(rng)
    text_harms = object_harms = 0
    kind = rng.random()
    if kind < 0.45:
        object_harms = 1 if rng.random() < 0.8 else rng.randint(2, 4)
    elif kind < 0.80:
        text_harms = 1 if rng.random() < 0.8 else rng.randint(2, 4)
    elif kind < 0.88:
        object_harms = text_harms = 1
    for _ in range(object_harms):
        rng.choice(_OBJECT_HARMS)(rng, shards)
    text = _write(rng, shards)
    for _ in range(text_harms):
        text = rng.choice(_TEXT_HARMS)(rng, text)
    return text


def plain_config(node_id):
    """One shard that owns everything."""
    return json.dumps([_shard([(0, SLOTS - 1)], _node(node_id))]).encode()


# --- Valid configurations ------------------------------------------------------------------------------------


def _range(start, end):
    return {"start": start, "end": end}


def _node(name):
    return {"id": name, "ip": "10.0.0.1", "port": 7000}


def _shard(ranges, master):
    return {"slot_ranges": [_range(*pair) for pair in ranges], "master": master, "replicas": []}


def _valid(rng):
    many = rng.random() < 0.003
    count = rng.randint(200, 1000) if many else rng.choice([1, 1, 2, 2, 3, 4, 6])
    pieces = count if rng.random() < 0.5 else count + rng.randint(1, 6)
    cuts = sorted(rng.sample(range(1, SLOTS), pieces - 1))
    ranges = list(zip([0, *cuts], [*(cut - 1 for cut in cuts), SLOTS - 1]))
    rng.shuffle(ranges)
    shards = [_shard([ranges[i]], _some_node(rng, f"m{i}")) for i in range(count)]
    for pair in ranges[count:]:
        rng.choice(shards)["slot_ranges"].append(_range(*pair))
    for i, shard in enumerate(shards):
        shard["replicas"] = [_some_node(rng, f"r{i}.{j}") for j in range(rng.choice([0, 0, 1, 2]))]
    if rng.random() < 0.1:
        shards.append(_shard([], _some_node(rng, "idle")))
    if rng.random() < 0.15:
        shards[0]["migrations"] = rng.choice([None, []])
    if len(shards) > 1 and rng.random() < 0.2:
        _add_migration(rng, shards)
    return shards


def _some_node(rng, name):
    node = _node(name)
    if rng.random() < 0.2:
        node["health"] = rng.choice(["online", "fail", "FAIL", "Loading", "hidden", "sick", "", 7, None, [], {"health": "fail"}])
    if rng.random() < 0.1:
        node["ip"] = rng.choice(["", "::1", "host.example", "h\u00f6st", "a b"])
    if rng.random() < 0.05:
        node["port"] = rng.choice([0, 65535])
    return node


def _add_migration(rng, shards):
    source, target = rng.sample(shards, 2)
    if not source["slot_ranges"]:
        return
    own = rng.choice(source["slot_ranges"])
    start = rng.randint(own["start"], own["end"])
    moved = [_range(start, rng.randint(start, own["end"]))]
    source.setdefault("migrations", None)
    source["migrations"] = [*(source["migrations"] or []),
                            {"node_id": target["master"]["id"], "ip": "10.0.0.2", "port": 7001, "slot_ranges": moved}]


# --- Harm to the objects -------------------------------------------------------------------------------------


def _objects(value):
    """Every object in `value`, outermost first."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for element in value:
            yield from _objects(element)


def _any_object(rng, shards, wanted=None):
    """One of the objects that have the member `wanted`, the large and rare ones as likely as the small."""
    found = {}
    for candidate in _objects(shards):
        if candidate and (wanted is None or wanted in candidate):
            found.setdefault(tuple(candidate), []).append(candidate)
    return rng.choice(rng.choice(list(found.values()))) if found else {}


def _odd(rng):
    return f"@raw{rng.randrange(len(_RAW_TOKENS))}@" if rng.random() < 0.4 else copy.deepcopy(rng.choice(_ODD_VALUES))


def _replace_value(rng, shards):
    target = _any_object(rng, shards)
    if target:
        target[rng.choice(list(target))] = _odd(rng)


def _remove_member(rng, shards):
    target = _any_object(rng, shards)
    if target:
        del target[rng.choice(list(target))]


def _rename_member(rng, shards):
    target = _any_object(rng, shards)
    if target:
        value = target.pop(rng.choice(list(target)))
        target[rng.choice(_NAMES)] = value


def _add_unknown(rng, shards):
    value = _odd(rng)
    for _ in range(rng.choice([0, 0, 1, 8, 9, 10, 11, 12, 13, 14, 15, 16, 40])):
        value = [value] if rng.random() < 0.5 else {"x": value}
        if isinstance(value, dict) and rng.random() < 0.2:
            value["y"] = 1
    target = _any_object(rng, shards)
    target[rng.choice(["note", "x", "", "Start", "slot_ranges ", "\u00e9", "\ud800"])] = value


def _move_slot(rng, shards):
    target = _any_object(rng, shards, "start")
    name = rng.choice(["start", "end"])
    if isinstance(target.get(name), int):
        target[name] += rng.choice([-1, 1, -100, 100, 16384, 65536])


def _swap_ends(rng, shards):
    target = _any_object(rng, shards, "start")
    if target:
        target["start"], target["end"] = target.get("end"), target.get("start")


def _repeat_element(rng, shards):
    lists = [value for target in _objects(shards) for value in target.values() if isinstance(value, list) and value]
    target = rng.choice([shards, *lists])
    if target:
        target.insert(rng.randint(0, len(target)), copy.deepcopy(rng.choice(target)))


def _drop_element(rng, shards):
    lists = [value for target in _objects(shards) for value in target.values() if isinstance(value, list) and value]
    target = rng.choice([shards, *lists])
    if target:
        del target[rng.randrange(len(target))]


def _move_element(rng, shards):
    lists = [value for target in _objects(shards) for value in target.values() if isinstance(value, list)]
    source, target = rng.choice([shards, *lists]), rng.choice([shards, *lists])
    if source and source is not shards:
        target.append(source.pop(rng.randrange(len(source))))


def _copy_id(rng, shards):
    source, target = _any_object(rng, shards, "id"), _any_object(rng, shards, "id")
    if source and target:
        target["id"] = source["id"]


def _split_range(rng, shards):
    holder = _any_object(rng, shards, "slot_ranges")
    ranges = holder.get("slot_ranges")
    if not isinstance(ranges, list) or not ranges:
        return
    own = rng.choice(ranges)
    if not isinstance(own, dict) or not all(type(own.get(name)) is int for name in ("start", "end")):
        return
    if own["start"] < own["end"]:
        middle = rng.randint(own["start"], own["end"] - 1)
        ranges.append(_range(middle + rng.choice([0, 1, 1, 1, 2]), own["end"]))
        own["end"] = middle


def _harm_migration(rng, shards):
    sources = [shard for shard in shards if isinstance(shard, dict) and isinstance(shard.get("master"), dict)
               and isinstance(shard.get("slot_ranges"), list)]
    if not sources:
        return
    source = rng.choice(sources)
    nodes = [node.get("id") for node in _objects(shards) if "id" in node] + ["nobody", ""]
    ranges = [_range(start, start + rng.choice([0, 1, 10, -1]))
              for start in (rng.choice([0, 5, 16383, rng.randrange(SLOTS)]) for _ in range(rng.choice([0, 1, 1, 2])))]
    if rng.random() < 0.5:
        ranges = [dict(entry) for entry in source["slot_ranges"] if isinstance(entry, dict)][:rng.randint(0, 2)]
    entry = {"node_id": rng.choice(nodes), "ip": "", "port": 1, "slot_ranges": ranges}
    old = source.get("migrations")
    source["migrations"] = [*(old if isinstance(old, list) else []), entry]


_OBJECT_HARMS = [_replace_value, _replace_value, _remove_member, _rename_member, _add_unknown, _add_unknown, _move_slot,
                 _swap_ends, _repeat_element, _drop_element, _move_element, _copy_id, _split_range, _split_range,
                 _harm_migration, _harm_migration]


# --- Text, and harm to it ------------------------------------------------------------------------------------


def _write(rng, shards):
    layout = rng.choice([{"separators": (",", ":")}, {"indent": 2}, {"indent": "\t"}, {}])
    text = json.dumps(shards, ensure_ascii=rng.random() < 0.5, **layout)
    text = _RAW.sub(lambda match: _RAW_TOKENS[int(match.group(1))], text)
    return text.encode("utf-8", "surrogatepass")


def _flip_bit(rng, text):
    at = rng.randrange(max(1, len(text)))
    return text[:at] + bytes([text[at] ^ 1 << rng.randrange(8)]) + text[at + 1:] if text else text


def _delete_bytes(rng, text):
    at = rng.randint(0, len(text))
    return text[:at] + text[at + rng.choice([1, 1, 1, 2, 5, 30]):]


def _repeat_bytes(rng, text):
    at = rng.randint(0, len(text))
    return text[:at] + text[max(0, at - rng.choice([1, 1, 2, 5, 30])):at] + text[at:]


def _insert_snippet(rng, text):
    at = rng.choice([0, len(text), rng.randint(0, len(text)), rng.randint(0, len(text))])
    return text[:at] + rng.choice(_SNIPPETS) + text[at:]


def _insert_after_brace(rng, text):
    places = [match.end() for match in re.finditer(rb"\{", text)]
    if not places:
        return text
    at = rng.choice(places)
    member = rng.choice([b'"start":0,', b'"id":"a",', b'"note":[1],', b'"\\u0065nd":1,', b'"health":"fail",', b'"":0,', b'"":0,"":0,'])
    return text[:at] + member + text[at:]


def _insert_many_members(rng, text):
    names = [f"n{i}" for i in range(rng.randint(10, 40))]
    if rng.random() < 0.5:
        names.append(rng.choice(names))
    members = ",".join(f'"{name}":0' for name in names)
    at = text.find(b"{") + 1
    return text[:at] + f'"note":{{{members}}},'.encode() + text[at:] if at > 0 else text


def _insert_in_string(rng, text):
    places = [match.start(1) for match in re.finditer(rb'"([^"]*)"', text)]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + rng.choice(_SNIPPETS) + text[at:]


def _change_digits(rng, text):
    numbers = list(re.finditer(rb"\d+", text))
    if not numbers:
        return text
    match = rng.choice(numbers)
    return text[:match.start()] + rng.choice(_RAW_TOKENS).encode() + text[match.end():]


def _swap_tokens(rng, text):
    tokens = re.findall(rb'"[^"]*"|\d+|\s+|.', text, re.DOTALL)
    if len(tokens) > 1:
        a, b = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        tokens[a], tokens[b] = tokens[b], tokens[a]
    return b"".join(tokens)


def _truncate(rng, text):
    return text[:rng.randint(0, len(text))]


_TEXT_HARMS = [_flip_bit, _flip_bit, _delete_bytes, _delete_bytes, _repeat_bytes, _insert_snippet, _insert_snippet,
               _insert_after_brace, _insert_after_brace, _insert_many_members, _insert_in_string, _insert_in_string,
               _change_digits, _change_digits, _swap_tokens, _truncate]


def _garbage(rng):
    """Up to 64 MiB of one thing."""
    unit = rng.choice(_GARBAGE_UNITS)
    size = rng.choice([1 << 20, 2 << 20, 8 << 20, (8 << 20) + 1, 16 << 20, 64 << 20])
    text = rng.choice([b"", b"[", b"[\"", b"[{\"x\":["]) + unit * (size // len(unit))
    return text[:size] if rng.random() < 0.5 else text
