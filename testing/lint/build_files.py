"""Reads BUILD files by running them: they are Python in their syntax, and functions here stand in for the rules."""

import fnmatch
import os
import re
from dataclasses import dataclass, field

_NATIVE_RULES = ("alias cc_binary cc_import cc_library cc_test config_setting filegroup genrule py_binary py_library "
                 "py_test sh_binary sh_library sh_test test_suite").split()
_LABEL_ATTRIBUTES = ("srcs", "hdrs", "textual_hdrs", "deps", "data", "implementation_deps", "tools", "actual")


@dataclass
class Rule:
    kind: str
    name: str
    folder: str
    attributes: dict
    line: int

    @property
    def is_test(self):
        return self.kind.endswith("_test")

    @property
    def is_library(self):
        return self.kind.endswith("_library") or self.kind == "cc_proto"

    @property
    def label(self):
        return f"//{self.folder}:{self.name}"

    def labels(self, *attributes):
        """The labels and files that the attributes name, absolute: //package:target or path/of/file."""
        result = []
        for attribute in attributes or _LABEL_ATTRIBUTES:
            value = self.attributes.get(attribute, ())
            for item in [value] if isinstance(value, str) else value:
                if isinstance(item, str):
                    result.append(absolute_label(item, self.folder))
        return result


@dataclass
class Package:
    path: str
    folder: str
    rules: list = field(default_factory=list)
    default_visibility: list = None

    def visibility_labels(self, tree):
        """(label, line) of everything that the visibility of a library lists; anybody may run a program."""
        labels = set(self.default_visibility or ())
        for rule in self.rules:
            if rule.is_library:
                labels.update(rule.attributes.get("visibility", ()))
        return [(label, find_line(tree.files[self.path], label)) for label in sorted(labels)]


class BuildFileError(Exception):
    pass


def absolute_label(label, folder):
    """"x.h" and ":x" and "//a/b" as //folder:x.h, //folder:x and //a/b:b; external ones as they are."""
    if label.startswith("@"):
        return label
    if label.startswith("//"):
        return label if ":" in label else f"{label}:{label.rpartition('/')[2]}"
    return f"//{folder}:{label.lstrip(':')}"


def closure(labels, rules):
    """These labels and all that they depend on, however far; `rules` by label."""
    seen, todo = set(), list(labels)
    while todo:
        label = todo.pop()
        if label in seen:
            continue
        seen.add(label)
        if label in rules:
            todo += rules[label].labels()
    return seen


def find_line(file, text):
    """The first line that holds the text; 1 when none does."""
    return next((number for number, line in enumerate(file.lines, 1) if text in line), 1)


def read_packages(tree):
    return [_read(tree, file) for path, file in sorted(tree.files.items())
            if os.path.basename(path) in ("BUILD.bazel", "BUILD")]


def _read(tree, file):
    package = Package(file.path, file.folder)

    def recorder(kind):
        def record(*_, **attributes):
            if "name" in attributes:
                name = attributes["name"]
                package.rules.append(Rule(kind, name, file.folder, attributes, find_line(file, f'"{name}"')))
        return record

    def set_package(**attributes):
        package.default_visibility = attributes.get("default_visibility")

    def load(_, *names, **renamed):
        for name in [*names, *renamed]:
            scope.setdefault(name, recorder(name))

    def glob(include=(), exclude=(), **_):
        below = file.folder + "/" if file.folder else ""
        names = [path[len(below):] for path in tree.files if path.startswith(below)]
        return sorted(name for name in names if any(_glob_match(name, pattern) for pattern in include)
                      and not any(_glob_match(name, pattern) for pattern in exclude))

    def select(branches, **_):
        return [item for value in branches.values() for item in value]

    scope = {kind: recorder(kind) for kind in _NATIVE_RULES}
    scope.update(package=set_package, load=load, glob=glob, select=select, exports_files=lambda *_, **__: None,
                 licenses=lambda *_, **__: None, package_group=lambda **__: None, native=None)
    try:
        exec(compile(file.text, file.path, "exec"), scope)  # our own BUILD files, not anybody's
    except Exception as error:
        raise BuildFileError(f"{file.path}: {error}") from error
    return package


def _glob_match(name, pattern):
    if "**" not in pattern:
        return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)
    return re.fullmatch(re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*"),
                        name) is not None
