"""simulated_case_test: a kept case of the simulator as a test."""

def simulated_case_test(name, case, size = "small", tags = []):
    """Runs a case that //sim:run --shrink has written.

    Nothing may be violated in it; and where it names a mutant, its oracle must be with that one.

    Args:
      name: the test.
      case: a .textproto file of the message in sim/shrink/case.proto.
      size: as everywhere.
      tags: as everywhere.
    """
    native.sh_test(
        name = name,
        size = size,
        srcs = ["run_case.sh"],
        args = [
            "$(location //sim:run)",
            "--replay=$(location %s)" % case,
            "--kept",
        ],
        data = [
            case,
            "//sim:run",
        ],
        tags = tags,
    )
