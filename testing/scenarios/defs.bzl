"""cluster_scenario_test: a simulated cluster's scenario as a test."""

def _seeds(first, count):
    return "--seeds=%d..%d" % (first, first + count - 1)

def cluster_scenario_test(
        name,
        scenario,
        seeds,
        first_seed = 1,
        sanitized_seeds = None,
        repeat_every = 16,
        size = "medium",
        tags = []):
    """Runs a scenario with a range of seeds, some of them twice, and compares the two runs.

    Args:
      name: the test.
      scenario: a .textproto file of the message in sim/cluster/scenario.proto.
      seeds: how many.
      first_seed: the first of them.
      sanitized_seeds: how many under a sanitizer, which is ten times slower; as many as ever unless given.
      repeat_every: seeds that are multiples of it are run twice.
      size: as everywhere.
      tags: as everywhere.
    """
    native.sh_test(
        name = name,
        size = size,
        srcs = ["run_scenario.sh"],
        args = [
            "$(location //sim:run)",
            "--scenario=$(location %s)" % scenario,
            "--repeat_every=%d" % repeat_every,
        ] + select({
            "//server:sanitized": [_seeds(first_seed, sanitized_seeds or seeds)],
            "//conditions:default": [_seeds(first_seed, seeds)],
        }),
        data = [
            scenario,
            "//sim:run",
        ],
        tags = tags,
    )
