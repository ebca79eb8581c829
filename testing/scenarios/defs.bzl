"""cluster_scenario_test: a simulated cluster's scenario as a test."""

def cluster_scenario_test(
        name,
        scenario,
        seeds,
        first_seed = 1,
        repeat_every = 16,
        size = "medium",
        tags = []):
    """Runs a scenario with a range of seeds, some of them twice, and compares the two runs.

    Args:
      name: the test.
      scenario: a .textproto file of the message in sim/cluster/scenario.proto.
      seeds: how many.
      first_seed: the first of them.
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
            "--seeds=%d..%d" % (first_seed, first_seed + seeds - 1),
            "--repeat_every=%d" % repeat_every,
        ],
        data = [
            scenario,
            "//sim:run",
        ],
        tags = tags,
    )
