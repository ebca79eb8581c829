"""Checks a source tree against the rules that no compiler knows. Usage: lint.py ROOT

Prints one line, file:line: reason [rule], for each finding; exits 0 when there are none, 1 when there are, 2 when
the tree cannot be read."""

import os
import sys

from build_files import BuildFileError, read_packages
from draw_rules import check_draw_order
from exceptions import EXCEPTIONS
from layer_rules import check_includes, check_visibility
from reach_rules import check_reach
from seam_rules import check_hash_order, check_mutable_statics, check_seam
from source_tree import Finding, SourceTree
from style_rules import check_header_guards, check_readmes, check_text


def all_findings(tree):
    packages = read_packages(tree)
    for check in (check_seam, check_mutable_statics, check_hash_order, check_draw_order, check_includes, check_text, check_header_guards,
                  check_readmes):
        yield from check(tree)
    yield from check_visibility(tree, packages)
    yield from check_reach(tree, packages)


def without_exceptions(findings, exceptions):
    """Drops what the exceptions cover, and adds a finding for each exception that covers nothing."""
    used = set()

    def covers(exception, finding):
        path, rule, _ = exception
        return rule == finding.rule and (finding.path.startswith(path) if path.endswith("/") else finding.path == path)

    kept = []
    for finding in findings:
        covering = [exception for exception in exceptions if covers(exception, finding)]
        used.update(covering)
        if not covering:
            kept.append(finding)
    for exception in exceptions:
        if exception not in used:
            kept.append(Finding("testing/lint/exceptions.py", 1, "exception", f"{exception[:2]} excepts nothing any more: remove it"))
    return sorted(set(kept))


def main(arguments):
    if len(arguments) != 2 or not os.path.isfile(os.path.join(arguments[1], "WORKSPACE")):
        print("usage: lint.py ROOT, where ROOT holds the file WORKSPACE", file=sys.stderr)
        return 2
    try:
        tree = SourceTree.load(arguments[1])
        findings = without_exceptions(all_findings(tree), EXCEPTIONS)
    except BuildFileError as error:
        print(error, file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print(f"{len(tree.files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
