"""The order in which decisions are drawn: it is part of what a seed means, and must not be the compiler's choice."""

import re

from source_tree import Finding

_DRAW = re.compile(r"(?:->|\.)(?:Below|Between|Chance|Next|Decide)\s*\(")
_DEFINITION = re.compile(r"\b(?:\w+::)?(\w+)\s*\([^;{}()]*(?:\([^()]*\)[^;{}()]*)*\)\s*(?:const\s*)?\{")
_CALL = re.compile(r"\b(\w+)\s*\(")
_NO_CALLS = {"if", "for", "while", "switch", "return", "sizeof", "catch"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def check_draw_order(tree):
    """C++ leaves open which argument of a call is evaluated first; of a list in braces it does not."""
    for file in tree.cpp_under("sim/"):
        if file.is_test_code:
            continue
        draws = _drawing_functions(file.code + "".join(_definitions_behind(tree, file)))
        for match in _CALL.finditer(file.code):
            if match.group(1) in _NO_CALLS:
                continue
            # What a lambda draws it draws later.
            drawing = [text for text in _arguments(file.code, match.end() - 1)
                       if not text.lstrip().startswith("[") and _has_draw(text, draws)]
            if len(drawing) > 1:
                yield Finding(file.path, file.line_of(match.start()), "draw-order",
                              f"'{match.group(1)}' is called with two arguments that draw: which comes first is the compiler's choice")


def _definitions_behind(tree, file):
    """The code that belongs to the headers which the file includes."""
    for _, included in file.includes:
        for path in (included, included[:-len(".h")] + ".cc"):
            if included.startswith("sim/") and path in tree.files and path != file.path:
                yield tree.files[path].code


def _drawing_functions(code):
    """Names of functions that draw, or call such."""
    bodies = {}
    for match in _DEFINITION.finditer(code):
        if match.group(1) not in _NO_CALLS:
            bodies[match.group(1)] = bodies.get(match.group(1), "") + _inside(code, match.end() - 1)
    names = set()
    while True:
        more = {name for name, body in bodies.items() if name not in names and _has_draw(body, names)}
        if not more:
            return names
        names |= more


def _has_draw(text, names):
    return _DRAW.search(text) or any(match.group(1) in names for match in _CALL.finditer(text))


def _inside(code, opening):
    """What stands between the bracket at `opening` and its own closing one."""
    stack = []
    for offset in range(opening, len(code)):
        char = code[offset]
        if char in _CLOSING:
            stack.append(_CLOSING[char])
        elif stack and char == stack[-1]:
            stack.pop()
            if not stack:
                return code[opening + 1:offset]
    return code[opening + 1:]


def _arguments(code, opening):
    """The arguments of a call whose parenthesis opens at `opening`."""
    text, depth, begin, arguments = _inside(code, opening), 0, 0, []
    for offset, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            arguments.append(text[begin:offset])
            begin = offset + 1
    return arguments + [text[begin:]]
