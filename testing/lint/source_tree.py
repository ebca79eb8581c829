"""The files that the linter looks at, with C++ comments and literals masked out."""

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

CPP_SUFFIXES = (".h", ".cc")
CODE_SUFFIXES = CPP_SUFFIXES + (".inc", ".js", ".py", ".sh", ".bzl", ".bazel", ".BUILD", ".proto")
TEXT_SUFFIXES = CODE_SUFFIXES + (".md", ".txt", ".textproto", ".json", ".yaml", ".yml")
# Scripts without a suffix that are code nevertheless.
SCRIPT_NAMES = (".bazelrc", "WORKSPACE", "tools/bazel", "tools/compile_commands", "tools/local_cluster", ".ci/run")

# Written by our tools into the tree, and ignored by version control.
GENERATED_NAMES = ("compile_commands.json",)


class Finding(NamedTuple):
    path: str  # from the root of the tree
    line: int
    rule: str  # the name that an entry of exceptions.py quotes
    reason: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.reason} [{self.rule}]"


@dataclass
class SourceFile:
    path: str
    text: str

    @cached_property
    def lines(self):
        return self.text.split("\n")

    @property
    def is_cpp(self):
        return self.path.endswith(CPP_SUFFIXES)

    @property
    def is_code(self):
        return self.path.endswith(CODE_SUFFIXES) or self.path in SCRIPT_NAMES

    @property
    def folder(self):
        return os.path.dirname(self.path)

    @property
    def is_test_code(self):
        """Tests, benchmarks and their helpers: linked into no product."""
        stem = os.path.splitext(os.path.basename(self.path))[0]
        if stem.endswith(("_test", "_bench", "_benchmark", "_fuzz")):
            return True
        return self.path.startswith(("testing/", "benchmarks/")) or "testing" in self.folder.split("/")

    @cached_property
    def code(self):
        """The text with the insides of comments, literals and preprocessor lines blanked, lines kept."""
        return blank_preprocessor(mask(self.text)) if self.is_cpp else self.text

    @cached_property
    def includes(self):
        """(line, path) of each #include of a file of this tree."""
        return [(number, match.group(1)) for number, line in enumerate(self.lines, 1)
                if (match := re.match(r'\s*#\s*include\s+"([^"]+)"', line))]

    @cached_property
    def system_includes(self):
        return [(number, match.group(1)) for number, line in enumerate(self.lines, 1)
                if (match := re.match(r"\s*#\s*include\s+<([^>]+)>", line))]

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


@dataclass
class SourceTree:
    root: str
    files: dict = field(default_factory=dict)  # path -> SourceFile
    folders: set = field(default_factory=set)  # those that hold a file

    def add(self, path, text):
        self.files[path] = SourceFile(path, text)
        self.folders.add(os.path.dirname(path))

    def cpp_under(self, *prefixes):
        return [file for path, file in sorted(self.files.items())
                if file.is_cpp and path.startswith(prefixes)]

    @classmethod
    def load(cls, root):
        tree = cls(root)
        for folder, subfolders, names in os.walk(root):
            subfolders[:] = sorted(name for name in subfolders if not is_skipped(name))
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), root)
                if not path.endswith(TEXT_SUFFIXES) and path not in SCRIPT_NAMES or path in GENERATED_NAMES:
                    continue
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as text:
                    tree.add(path, text.read())
        return tree


def is_skipped(folder_name):
    """Version control, editors, Bazel's output links; .ci is ours."""
    if folder_name == ".ci":
        return False
    return folder_name.startswith((".", "bazel-")) or folder_name == "__pycache__"


# One alternative for each thing whose inside is not code. A ' between two alphanumerics separates digits.
_LITERAL = re.compile(
    r"""//(?:[^\n\\]|\\.|\\\n)*
      | /\*.*?\*/
      | R"(?P<delimiter>[^\s()\\"]{0,16})\(.*?\)(?P=delimiter)"
      | "(?:[^"\\\n]|\\.|\\\n)*"
      | (?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:[^'\\\n]|\\.)+'
    """, re.VERBOSE | re.DOTALL)


def mask(text):
    """Replaces comments by blanks and the inside of literals by blanks between their quotes."""

    def blanked(match):
        literal = match.group(0)
        blank = re.sub(r"[^\n]", " ", literal)
        if literal.startswith(("//", "/*")):
            return blank
        return literal[0] + blank[1:-1] + literal[-1] if len(literal) >= 2 else blank

    return _LITERAL.sub(blanked, text)


def blank_preprocessor(code):
    """Blanks #-lines and their continuations, so that macros' bodies do not look like code at file scope."""
    result, continued = [], False
    for line in code.split("\n"):
        directive = continued or line.lstrip().startswith("#")
        continued = directive and line.endswith("\\")
        result.append(" " * len(line) if directive else line)
    return "\n".join(result)
