"""Thousands of broken cluster configurations: the server's judgement of each beside an oracle's.

Usage: tools/bazel run //testing/cluster:config_fuzz -- [--count=100000] [--seed=1] [--server[=PATH]]

Without --server the parser alone is asked, through a pipe. A case is named by the seed and its number: --first=NUMBER
--count=1 plays it again. The exit code is 1 when the two disagree, or a promise is not kept.
"""

import argparse
import sys
import time

import config_mutants
import config_oracle
import judges


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=100000, help="how many configurations")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--filter", default="server/cluster/config_check", help="the program of //server/cluster:config_check")
    parser.add_argument("--server", nargs="?", const="server/server", help="ask this server over a socket instead")
    parser.add_argument("--migrations", action="store_true", help="configurations with migrations are to be accepted")
    options = parser.parse_args()

    judge = judges.ServerJudge(options.server) if options.server else judges.FilterJudge(options.filter)
    try:
        judge.start()
        accepted = compare(judge, options)
        judge.finish()
    except judges.Complaint as complaint:
        print(complaint, file=sys.stderr)
        return 1
    finally:
        judge.abandon()
    # A run that takes or refuses nearly everything shows nothing.
    if options.count >= 1000 and not 0.1 < accepted / options.count < 0.6:
        print(f"{accepted} of {options.count} accepted: too few of one kind", file=sys.stderr)
        return 1
    return 0


def compare(judge, options):
    """Puts every case to the judge; returns how many were accepted, rightly."""
    began = time.monotonic()
    accepted = 0
    for number in range(options.first, options.first + options.count):
        text = config_mutants.make_case(options.seed, number)
        wanted, why_not = config_oracle.judge(text, with_migrations=options.migrations)
        try:
            is_accepted, reason = judge.judge(text, wanted)
            check_agreement(is_accepted, reason, wanted, why_not)
        except judges.Complaint as complaint:
            raise judges.Complaint(f"--seed={options.seed} --first={number} --count=1: {complaint}\n"
                                   f"the text, {len(text)} bytes: {text[:3000]!r}") from None
        accepted += is_accepted
    print(f"{options.count} configurations in {time.monotonic() - began:.1f} s, {accepted} of them accepted: no disagreement")
    return accepted


def check_agreement(is_accepted, reason, wanted, why_not):
    # What is not supported is looked at last: who says so has found every rule obeyed.
    is_unsupported = reason.endswith(config_oracle.UNSUPPORTED)
    if (is_accepted, is_unsupported) != (wanted is not None, why_not == config_oracle.UNSUPPORTED):
        raise judges.Complaint(f"the judge: {reason or 'accepted'}; the oracle: {why_not or 'accepted'}")


if __name__ == "__main__":
    sys.exit(main())
