"""What the servers hold while all cases of one size N are measured: a collection of N elements of each type, and N keys."""

from complexity.templates import requests, values_of

# So many elements stand in one command of those that fill a collection.
ELEMENTS_A_COMMAND = 512
# Of a text for LCS, which takes the product of two lengths, there is one letter for so many elements.
ELEMENTS_A_LETTER = 256
# A collection of many small keys has one for so many elements.
ELEMENTS_A_SKETCH = 1024

# By the key that cases name. What "<<" and ">>" enclose is repeated for N elements, some hundreds to a command.
STATES = {
    "k": "MSET << k{e} {e} >>",
    "d": "<< SET d{e} value EX 1000000 ; >>",
    "string": "SETRANGE string {last_byte} x",
    "hash": "HSET hash << f{e} {e} >>",
    "list": "RPUSH list << e{e} >>",
    "set": "SADD set << e{e} >>",
    "half": "SADD half << e{d} >>",
    "few": "SADD few e1 e2 e3 e4 e5 e6 e7 e8",
    "zset": "ZADD zset << {e} e{e} >>",
    "zhalf": "ZADD zhalf << {e} e{d} >>",
    "zfew": "ZADD zfew 1 e1 2 e2 3 e3 4 e4 5 e5 6 e6 7 e7 8 e8",
    "lex": "ZADD lex << 0 e{e:07} >>",
    "places": "GEOADD places << {lon} {lat} e{e} >>",
    "sketch": "PFADD sketch << e{e} >>",
    "stream": "<< XADD stream {e1}-1 field {e} ; >>",
}
# Once the elements are there.
_AFTER = {
    "stream": "XGROUP CREATE stream group 0 ; XGROUP CREATECONSUMER stream group idle ;"
              " XREADGROUP GROUP group busy COUNT {n} STREAMS stream >",
}


def needed(templates):
    """The states that any of these templates names, by their keys."""
    words = {word.lstrip("@").partition("{")[0] for template in templates for word in template.split()}
    return [name for name in STATES if name in words or name == "k"]


def letters(size, seed):
    """A text without much order."""
    length = max(2, size // ELEMENTS_A_LETTER)
    return "".join(chr(97 + (number * number * seed + number // 3) % 23) for number in range(length))


def fill(name, size):
    """Yields the requests that make one state."""
    values = {**values_of(size, 0), "last_byte": values_of(size, 0)["long"] - 1}
    template = STATES[name]
    if "<<" not in template:
        yield requests(template, values, ())
    for begin in range(0, size if "<<" in template else 0, ELEMENTS_A_COMMAND):
        yield requests(template, values, range(begin, min(size, begin + ELEMENTS_A_COMMAND)))
    if name in _AFTER:
        yield requests(_AFTER[name], values, ())


def fill_small(size):
    """Yields the requests for what is small whatever N is, and for texts."""
    yield requests(f"SET text1 {letters(size, 7)} ; SET text2 {letters(size, 11)}", values_of(size, 0), ())
    yield requests("<< PFADD sketch{e} a{e} b{e} c{e} ; >>", values_of(size, 0), range(max(1, size // ELEMENTS_A_SKETCH)))
