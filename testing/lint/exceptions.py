"""Where a rule is set aside, and why. An entry that no finding needs any more is itself a finding."""

# (path, rule, reason). A path that ends in / stands for everything below it.
EXCEPTIONS = (
    ("sim/run.cc", "clock", "the progress line of a sweep shows seeds per second of real time"),
    ("sim/run.cc", "header", "the progress line of a sweep shows seeds per second of real time; reads a scenario's file"),
    ("sim/run.cc", "system-call", "reads the file of the scenario that it is to run"),
    ("sim/mutation_score.cc", "clock", "shows how many seconds of real time each mutant took to be found"),
    ("sim/mutation_score.cc", "header", "shows how many seconds of real time each mutant took to be found"),
    ("sim/scenario/any_scenario.cc", "header", "reads the files of scenarios, from the command line or beside a test"),
    ("sim/scenario/any_scenario.cc", "system-call", "reads the files of scenarios, from the command line or beside a test"),
)
