#include "sim/shrink/case_run.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/scenario/any_scenario.h"

namespace damselfly::sim {

absl::StatusOr<RunResult> RunCase(const Case& kept, absl::string_view name, Mutant mutant,
                                  std::function<void(const std::string&)> trace_sink) {
  SweepOptions options;
  const absl::Status status = UseScenario(kept.scenario, name, &options);
  if (!status.ok()) return status;
  options.run.mutant = mutant;
  options.run.trace_sink = std::move(trace_sink);
  options.run.make_decider = [&kept](uint64_t) {
    return std::make_unique<ReplayDecider>(&kept.decisions);
  };
  return options.run_seed(kept.seed, options.run);
}

std::string WhyNotAsExpected(const Case& kept, bool must_fail, const RunResult& run) {
  if (!must_fail) {
    if (!run.failed) return "";
    return absl::StrCat("violates ", OracleName(run.first_oracle), ": ", run.message);
  }
  if (!run.failed) return absl::StrCat("does not violate ", OracleName(kept.oracle));
  if (run.first_oracle == kept.oracle) return "";
  return absl::StrCat("violates ", OracleName(run.first_oracle), " first, not ",
                      OracleName(kept.oracle), ": ", run.message);
}

std::string JudgeKeptCase(const Case& kept, absl::string_view name) {
  const absl::StatusOr<RunResult> clean = RunCase(kept, name, Mutant::kNone);
  if (!clean.ok()) return std::string(clean.status().message());
  const std::string wrong = WhyNotAsExpected(kept, /*must_fail=*/false, *clean);
  if (!wrong.empty()) return absl::StrCat(name, " without a mutant ", wrong);
  if (kept.mutant == Mutant::kNone) return "";
  const absl::StatusOr<RunResult> mutated = RunCase(kept, name, kept.mutant);
  const std::string not_found = WhyNotAsExpected(kept, /*must_fail=*/true, *mutated);
  if (not_found.empty()) return "";
  return absl::StrCat(name, " with the mutant ", MutantName(kept.mutant), " ", not_found);
}

}  // namespace damselfly::sim
