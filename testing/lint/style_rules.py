"""The house style, as far as a machine can see it; clang-format and clang-tidy see the rest."""

import os
import re

from source_tree import Finding

_LINES_MAX = 800
# Spelled so that this file does not find itself.
_LEFTOVERS = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
_DEVELOPER_PATH = re.compile(r"(?<![\w./}$*-])/(?:work|root|Users)/[\w.]|(?<![\w./}$*-])/home/\w+/")


# GCC drops calls of functions that do nothing else than this.
_BARE_PREFETCH = re.compile(r"\b__builtin_prefetch\b|\b_mm_prefetch\b")
_PREFETCH_HEADER = "server/base/prefetch.h"


def check_text(tree):
    for file in tree.files.values():
        if file.is_cpp and file.path != _PREFETCH_HEADER:
            for match in _BARE_PREFETCH.finditer(file.code):
                yield Finding(file.path, file.line_of(match.start()), "prefetch", f"may be dropped by the compiler: take {_PREFETCH_HEADER}")
        if file.is_code and len(file.text.splitlines()) > _LINES_MAX:
            yield Finding(file.path, _LINES_MAX + 1, "length", f"has more than {_LINES_MAX} lines: split it")
        for number, line in enumerate(file.lines, 1):
            if line != line.rstrip():
                yield Finding(file.path, number, "whitespace", "ends in white space")
            if file.is_cpp and "\t" in line:
                yield Finding(file.path, number, "whitespace", "has a tab")
            if match := _LEFTOVERS.search(line):
                yield Finding(file.path, number, "leftover", f"'{match.group(0)}': do it, or open an issue")
            if match := _DEVELOPER_PATH.search(line):
                yield Finding(file.path, number, "path", f"'{match.group(0)}...' is a path of one machine")
        if file.text and not file.text.endswith("\n"):
            yield Finding(file.path, len(file.lines), "whitespace", "does not end with a newline")


def check_header_guards(tree):
    for file in tree.files.values():
        if not file.path.endswith(".h"):
            continue
        wanted = "DAMSELFLY_" + re.sub(r"\W", "_", file.path).upper() + "_"
        guard = re.search(r"^#ifndef (\w+)\n#define (\w+)$", file.text, re.MULTILINE)
        if guard is None:
            yield Finding(file.path, 1, "guard", f"has no header guard {wanted}")
        elif {*guard.groups()} != {wanted}:
            yield Finding(file.path, file.line_of(guard.start()), "guard", f"has the header guard {guard.group(1)}, not {wanted}")
        elif not file.text.rstrip().endswith(f"#endif  // {wanted}"):
            yield Finding(file.path, len(file.lines), "guard", f"does not end with '#endif  // {wanted}'")


def check_readmes(tree):
    for folder in sorted(tree.folders):
        if folder.startswith(".") or os.path.basename(folder) == "testdata":
            continue
        readme = os.path.join(folder, "README.md")
        if readme not in tree.files:
            yield Finding(readme, 1, "readme", "is missing: what the folder is for, one picture, what it must never do")
