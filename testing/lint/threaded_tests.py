"""Prints the labels of the tests in which more than one thread may run, one a line. Usage: threaded_tests.py ROOT

ThreadSanitizer has nothing to find in any other. A test is one of them if a source in its reach includes <thread>, or if it
reaches the server's seam to the system, whose workers are threads: whoever starts the server does."""

import os
import sys

from build_files import closure, read_packages
from source_tree import SourceTree

SEAM = "//server/posix:"


def threaded_tests(tree, packages):
    rules = {rule.label: rule for package in packages for rule in package.rules}
    threaded = {f"//{file.folder}:{os.path.basename(file.path)}" for file in tree.files.values()
                if file.is_cpp and "#include <thread>" in file.lines}
    for rule in rules.values():
        if rule.is_test and any(label.startswith(SEAM) or label in threaded for label in [rule.label, *closure(rule.labels(), rules)]):
            yield rule.label


def main(arguments):
    if len(arguments) != 2 or not os.path.isfile(os.path.join(arguments[1], "WORKSPACE")):
        print("usage: threaded_tests.py ROOT, where ROOT holds the file WORKSPACE", file=sys.stderr)
        return 2
    tree = SourceTree.load(arguments[1])
    print("\n".join(sorted(threaded_tests(tree, read_packages(tree)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
