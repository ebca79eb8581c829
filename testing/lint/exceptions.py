"""Where a rule is set aside, and why. An entry that no finding needs any more is itself a finding."""

# (path, rule, reason). A path that ends in / stands for everything below it.
EXCEPTIONS = (
)
