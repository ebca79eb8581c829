"""Includes, and Bazel visibility, against the table of layers."""

import re

from layers import FILES, LAYERS, allowed_targets, layer_of, may_include
from source_tree import Finding


def check_includes(tree):
    for file in tree.cpp_under(*(name + "/" for name in LAYERS)):
        for line, included in file.includes:
            if layer_of(included) is None or included.split("/")[0] not in ("server", "sim", "testing", "benchmarks", "tools"):
                continue
            # Tests see what the code they test sees, and the helpers that exist for tests.
            if file.is_test_code and "testing" in included.split("/"):
                continue
            if not may_include(file.path, included):
                yield Finding(file.path, line, "layer", f"{layer_of(file.path)} may not include {included}: "
                              f"the arrows (testing/lint/layers.py) lead to {_listed(allowed_targets(file.path)[1:])}")


def check_visibility(tree, packages):
    """A package may show itself only to those who may include it, and has to say to whom."""
    for package in packages:
        if package.default_visibility is None:
            for rule in package.rules:
                if rule.is_library and "visibility" not in rule.attributes:
                    yield Finding(package.path, rule.line, "visibility", f"'{rule.name}' does not say who may see it")
        if layer_of(package.folder) is None or not package.folder.startswith(("server", "sim")):
            continue
        for label, line in package.visibility_labels(tree):
            if label in ("//visibility:public", "//:__subpackages__"):
                yield Finding(package.path, line, "visibility", "public: list the packages that may see it")
            elif reason := _widens(package.folder, label):
                yield Finding(package.path, line, "visibility", reason)


def _widens(folder, label):
    """Why nobody behind the label may include this folder; None if somebody may."""
    match = re.match(r"//([\w/]*):(__pkg__|__subpackages__)$", label)
    if not match:
        return None
    viewer, scope = match.groups()
    viewers = [viewer, *(path for path in FILES if path.rpartition("/")[0] == viewer)]
    if scope == "__subpackages__":
        viewers += [name for name in LAYERS if name.startswith(viewer + "/")]
    if any(layer_of(name) and may_include(name, folder) for name in viewers):
        return None
    # A header-only arrow: the package of that header has to be visible though the rest of it is not to be used.
    headers = [target for name in viewers if layer_of(name) for target in allowed_targets(name)]
    if any(target.rpartition("/")[0] == folder and target not in LAYERS for target in headers):
        return None
    return f"{label} may not include {folder}, so it need not see it"


def _listed(names):
    return ", ".join(name for name in names if name) or "nothing"
