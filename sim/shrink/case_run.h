#ifndef DAMSELFLY_SIM_SHRINK_CASE_RUN_H_
#define DAMSELFLY_SIM_SHRINK_CASE_RUN_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sim/shrink/case_file.h"
#include "sim/sweep/run_result.h"

namespace damselfly::sim {

// Runs a case, with another mutant or none in the place of its own if wanted. An error if its
// scenario makes no sense. `trace_sink`, if there is one, gets each event as a line of text.
absl::StatusOr<RunResult> RunCase(const Case& kept, absl::string_view name, Mutant mutant,
                                  std::function<void(const std::string&)> trace_sink = nullptr);

// What is wrong with a run of a case that must violate its oracle, or pass; empty if nothing is.
std::string WhyNotAsExpected(const Case& kept, bool must_fail, const RunResult& run);

// A kept case as a test: without a mutant nothing is violated, because the bug has been fixed; with
// the case's mutant, if it names one, its oracle is. Empty if all is well, else what is not.
std::string JudgeKeptCase(const Case& kept, absl::string_view name);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SHRINK_CASE_RUN_H_
