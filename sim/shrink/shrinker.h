#ifndef DAMSELFLY_SIM_SHRINK_SHRINKER_H_
#define DAMSELFLY_SIM_SHRINK_SHRINKER_H_

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "sim/sweep/sweep.h"
#include "sim/world/decision_list.h"

namespace damselfly::sim {

struct ShrinkOptions {
  // Ends after so many runs; equal numbers give equal results.
  uint64_t runs_max = 5000;
  // Ends as soon as this says so.
  std::function<bool()> out_of_time = [] { return false; };
};

// How large a failing run is.
struct ShrinkSize {
  uint64_t decision_count = 0;  // that are not quiet
  // Requests of clients, pushes, steps of operators, and effects of faults, up to the violation.
  uint64_t external_event_count = 0;
  uint64_t node_count = 0;
};

struct ShrinkResult {
  bool failed = false;  // whether the seed has failed at all: else nothing else here means anything
  bool replayed = false;  // whether its recorded decisions gave the same run again
  ShrinkSize before;
  ShrinkSize after;
  DecisionList decisions;
  RunResult run;  // of these decisions
  uint64_t run_count = 0;
  bool finished = false;  // nothing more can be taken away, rather than out of runs or time

  std::string ToString() const;
};

// Makes the run of a failing seed smaller while the same oracle is violated first.
//
//   record ─► smaller worlds ─► whole purposes ─► streams ─► plans ─► units ─► decisions ─► values
//                                    ^                                                        │
//                                    └───────── in finer chunks, until nothing goes ◄─────────┘
//
// A run ends with the first violation, and each candidate is recorded as it runs: what follows the
// violation, and what nobody asks for any more, is never there. A candidate is taken if it costs
// less: an external event weighs as much as twenty decisions.
class Shrinker {
 public:
  // `sweep` says what runs a seed, and how.
  Shrinker(const SweepOptions& sweep, uint64_t seed, ShrinkOptions options)
      : sweep_(sweep), seed_(seed), options_(std::move(options)) {}

  ShrinkResult Shrink();

 private:
  struct Cost {
    uint64_t weight = UINT64_MAX;
    uint64_t value_bits = UINT64_MAX;
    auto operator<=>(const Cost&) const = default;
  };

  static Cost CostOf(const DecisionList& decisions, const RunResult& run);
  ShrinkSize Size() const;
  RunResult Run(const std::function<std::unique_ptr<Decider>()>& make, DecisionList* recorded);
  bool exhausted();
  // Runs a candidate. True if it has become the present one.
  bool Try(const DecisionList& candidate);

  bool TryDecider(const std::function<std::unique_ptr<Decider>()>& make);
  bool TryAtAnyCost(const DecisionList& candidate);

  // Where it could: a deliberate bug that strikes by chance would have to be met at one instant,
  // and nothing before it could be taken away.
  void LetMutantStrike();
  // Fewer nodes, clients and faults, and other decisions: much that happens in a large world
  // happens in a small one too, if not by the same decisions.
  void LookForSmallerWorlds();
  void TakePurposes();
  void TakeStreams();
  void TakeUnits();
  // What is taken away takes with it places in which the mutant could strike: it strikes earlier.
  bool TryAndMoveMutant(const DecisionList& candidate);
  void TakeUnitsOf(const std::pair<std::string, uint64_t>& stream);
  void TakeDecisions();
  uint64_t ValueAt(const UnitName& unit, uint64_t index) const;
  bool TryValue(const UnitName& unit, uint64_t index, uint64_t value);
  // Of units whose purpose begins so: to 0, to 1, or by halves.
  void LowerValues(absl::string_view purpose_prefix);
  // How many of `count` things go at once at least, in this round.
  size_t ChunkMin(size_t count) const;

  const SweepOptions sweep_;
  const uint64_t seed_;
  const ShrinkOptions options_;
  Oracle oracle_ = Oracle::kCanary;
  DecisionList current_;
  RunResult current_run_;
  Cost cost_;
  uint64_t run_count_ = 0;
  uint64_t event_count_ = 0;  // of all runs
  uint32_t round_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SHRINK_SHRINKER_H_
