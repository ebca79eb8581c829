"""From a line of cases.py to requests.

A template is words. A word may have places in braces (`{i}`), filled for the size N and the number of the call:

    {n} {half} {last}      N, N / 2, N - 1
    {some} {most}          N / 16, 15 N / 16
    {c}                    the number of the call
    {i} {i1}               an element that each call chooses anew, all over the collection; one more
    {long} {far}           bytes of the long string; a bit of it that each call chooses anew
    @key                   what DUMP says of that key

"<<" and ">>" enclose what is repeated; within, {e} counts up from 0, {e1} from 1, {d} is twice {e}, {lon} and {lat} are a place
for it. ";" ends one command and begins the next.
"""

import math

from compare.client import request

# Odd, so that calls choose different elements of a power of two.
_STRIDE = 40503
BYTES_AN_ELEMENT = 64
_DEGREES_APART = 0.1


def values_of(size, call):
    """What stands for the places of one call."""
    chosen = (call * _STRIDE + size // 3) % size
    long = size * BYTES_AN_ELEMENT
    return {"n": size, "half": size // 2, "last": size - 1, "some": size // 16, "most": size - size // 16, "c": call, "i": chosen, "i1": chosen + 1,
            "long": long, "far": (call * _STRIDE * 512 + 77) % (8 * long)}


def _element(values, number, side):
    values.update(e=number, e1=number + 1, d=2 * number, lon=f"{number % side * _DEGREES_APART:.1f}",
                  lat=f"{number // side * _DEGREES_APART:.1f}")


def _words(template, values, numbers):
    words = template.split()
    side = max(1, math.isqrt(values["n"]))
    at = 0
    while at < len(words):
        if words[at] != "<<":
            yield words[at].format_map(values)
            at += 1
            continue
        end = words.index(">>", at)
        repeated = words[at + 1:end]
        inner = dict(values)
        for number in numbers:
            _element(inner, number, side)
            for word in repeated:
                yield word.format_map(inner) if "{" in word else word
        at = end + 1


def requests(template, values, numbers, dump=None):
    """The bytes of the template's commands. `numbers` are those of the elements that "<<" repeats for; `dump` gives the bytes of "@key"."""
    parts, command = [], []
    for word in [*_words(template, values, numbers), ";"]:
        if word == ";":
            if command:
                parts.append(request(*command))
            command = []
        else:
            command.append(dump(word[1:]) if dump and word.startswith("@") else word)
    return b"".join(parts)
