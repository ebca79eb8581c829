#ifndef DAMSELFLY_SIM_SCORE_MUTANT_TABLE_H_
#define DAMSELFLY_SIM_SCORE_MUTANT_TABLE_H_

#include <string>
#include <vector>

#include "sim/mutants/mutants.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// Where a mutant is looked for, and by whom it is to be found.
struct MutantRow {
  Mutant mutant;
  // Of the specification ("M9", "M1 M7"), or empty: one of our own.
  std::string numbers;
  // Runs that may find it: kMixedRuns and its like, or the name of a file of testing/scenarios.
  // Tried by turns.
  std::vector<std::string> scenarios;
  // Who must be the first to find it: found by another one, and by chance, it would say nothing
  // about them. Empty: anybody.
  std::vector<Oracle> oracles;
  // Why nobody finds it, if that is so.
  std::string survives;
};

// The single nodes of the ordinary sweep, and those of its clients that share their keys: alone,
// because the exact replies that the others are owed find nearly everything first.
inline constexpr char kMixedRuns[] = "mixed";
inline constexpr char kSharedRuns[] = "shared";
// Those whose clients keep what they read: alone, because a lie is soon newer than what is kept.
inline constexpr char kCachingRuns[] = "caching";
// The same of clients that share queues and wait for them.
inline constexpr char kQueueRuns[] = "queues";

// One row for each mutant, in their order.
std::vector<MutantRow> MutantTable();

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCORE_MUTANT_TABLE_H_
