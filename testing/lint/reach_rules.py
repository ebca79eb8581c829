"""Every source file of the server and the simulator has a test in reach, by Bazel's own graph."""

from build_files import closure
from source_tree import Finding


def check_reach(tree, packages):
    """A file is reached when a test of its folder depends on it, however far, or when a test elsewhere takes it up
    directly: by including its header, or by naming its target in deps or data. For a header without a source file
    (constants, interfaces) any test that depends on it will do."""
    rules = {rule.label: rule for package in packages for rule in package.rules}
    tests = [rule for rule in rules.values() if rule.is_test]
    owned = {label for rule in rules.values() if not rule.is_test for label in rule.labels("srcs", "hdrs", "textual_hdrs")}

    reached = set()  # (folder whose tests reach it, or "" for every folder, label)
    for test in tests:
        for label in closure(test.labels(), rules):
            reached.add((test.folder, label))
        for direct in test.labels("deps", "data"):
            if direct in rules:
                reached.update(("", label) for label in _files_of(direct, rules))
    for file in tree.files.values():
        if file.is_cpp and file.is_test_code:
            for _, included in file.includes:
                reached.add(("", _file_label(included)))
                reached.add(("", _file_label(included.removesuffix(".h") + ".cc")))

    anywhere = {label for _, label in reached}

    for file in tree.cpp_under("server/", "sim/"):
        if file.is_test_code:
            continue
        label = _file_label(file.path)
        if label not in owned:
            yield Finding(file.path, 1, "reach", "is in no BUILD target")
        elif label in anywhere and file.path.endswith(".h") and file.path.removesuffix(".h") + ".cc" not in tree.files:
            continue
        elif not any((folder, label) in reached for folder in _folders_of(file)):
            yield Finding(file.path, 1, "reach", "has no test in reach: none in its folder depends on it, and none elsewhere takes it up directly")


def _folders_of(file):
    return ["", file.folder, file.folder + "/testing"]


def _file_label(path):
    folder, _, name = path.rpartition("/")
    return f"//{folder}:{name}"


def _files_of(label, rules):
    """The files of one target; an alias or a filegroup stands for what it names."""
    rule = rules[label]
    result = set(rule.labels("srcs", "hdrs", "textual_hdrs"))
    if rule.kind in ("alias", "filegroup", "test_suite"):
        for named in rule.labels("srcs", "actual"):
            if named in rules:
                result |= _files_of(named, rules)
    return result
