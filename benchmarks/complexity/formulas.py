"""What a formula permits, and how measured growth is held against it. Nothing here measures anything."""

import dataclasses
import itertools
import math

# More elements lie further away: in memory and no longer in caches, where one access costs as much as a hundred instructions.
# So much more than the formula says is the machine's, not the algorithm's.
TOLERANCE = 4
# Beyond that a command is worse only if it grows so many times as much as redis-server's: documents leave out what they take
# for granted, as the copying of a long string.
PEER_FACTOR = 2

# What grows too much up to the largest size has a bound if at BEYOND times that size a call takes no longer than the formula says
# of these two, but for so much: it went over something of which there is only so much, as the slots.
BEYOND = 16
BEYOND_TOLERANCE = 1.25

OK, AS_PEER, BOUNDED, WORSE = "ok", "as redis", "bounded", "WORSE"

ONE, LOG, N, N_LOG, SQUARE = "1", "log N", "N", "N log N", "N^2"
_TIMES = {
    ONE: lambda n: 1,
    LOG: math.log2,
    N: lambda n: n,
    N_LOG: lambda n: n * math.log2(n),
    SQUARE: lambda n: n * n,
}


def growth(formula, small, large):
    """How many times as much the formula says for the larger size."""
    return _TIMES[formula](large) / _TIMES[formula](small)


@dataclasses.dataclass(frozen=True)
class Judgement:
    """Growth from the smallest to the largest size; the verdict is about the worst pair of sizes. None: not measured."""

    permitted: float
    ours: float
    peer: float | None
    verdict: str


def judge(formula, ours, peer):
    """`ours` and `peer` are {size: time of a call}; `peer` may be empty."""
    sizes = sorted(ours)
    verdict = OK
    for small, large in itertools.combinations(sizes, 2):
        grown = ours[large] / ours[small]
        if grown <= growth(formula, small, large) * TOLERANCE:
            continue
        if peer and grown <= PEER_FACTOR * peer[large] / peer[small]:
            verdict = AS_PEER if verdict == OK else verdict
        else:
            verdict = WORSE
    first, last = sizes[0], sizes[-1]
    return Judgement(growth(formula, first, last) * TOLERANCE, ours[last] / ours[first], peer[last] / peer[first] if peer else None, verdict)


def has_bound(formula, largest, beyond):
    """Whether growth ends at the largest size; both are (size, time of a call)."""
    return beyond[1] / largest[1] <= growth(formula, largest[0], beyond[0]) * BEYOND_TOLERANCE


def terms(documented):
    """The formulas in a text, in their order and once each: "O(log(N)+M) with N being ..." has "O(log(N)+M)"."""
    found = []
    begin = documented.find("O(")
    while begin >= 0:
        depth = 0
        for end in range(begin + 1, len(documented)):
            depth += {"(": 1, ")": -1}.get(documented[end], 0)
            if depth == 0:
                found.append(documented[begin:end + 1])
                break
        begin = documented.find("O(", begin + 2)
    return list(dict.fromkeys(found))


def is_constant(documented):
    """Whether the text knows nothing but O(1), for a whole call."""
    return terms(documented) == ["O(1)"] and "each" not in documented and "every" not in documented
