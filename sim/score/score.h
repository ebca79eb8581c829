#ifndef DAMSELFLY_SIM_SCORE_SCORE_H_
#define DAMSELFLY_SIM_SCORE_SCORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "sim/score/mutant_table.h"
#include "sim/sweep/sweep.h"

namespace damselfly::sim {

// What became of a mutant.
struct MutantScore {
  Mutant mutant = Mutant::kNone;
  std::string numbers;
  std::string survives;  // of its row
  bool found = false;
  uint64_t run_count = 0;  // until it was found, or in all
  double seconds = 0;      // of the real clock, by whoever has one
  // These only when it was found.
  std::string scenario;
  uint64_t seed = 0;
  Oracle oracle = Oracle::kCanary;
  std::string message;
};

// Makes `options` the sweep of a row's scenario, read from testing/scenarios below the working
// directory. False, with a message on stderr, if there is none.
bool ReadSweep(const std::string& scenario, SweepOptions* options);

// Runs the row's scenarios with the mutant, by turns, seed 1 of each, then seed 2, until one fails
// or `runs_max` have been run.
MutantScore ScoreMutant(const MutantRow& row, uint64_t runs_max);

// What comes of all of them. The canary is none: it measures the sweep and no oracle.
struct ScoreSummary {
  size_t mutant_count = 0;
  size_t found_count = 0;
  uint64_t median_runs = 0;  // of those found; survivors count as more than any

  bool passes() const { return found_count * 100 >= mutant_count * 95; }
};
ScoreSummary Summarize(absl::Span<const MutantScore> scores);

// A line a mutant, survivors with the reason, then what each oracle has been the first to find.
std::string ScoreText(absl::Span<const MutantScore> scores);
// One object: "mutants", a list, and the summary's figures.
std::string ScoreJson(absl::Span<const MutantScore> scores);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCORE_SCORE_H_
