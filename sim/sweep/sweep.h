#ifndef DAMSELFLY_SIM_SWEEP_SWEEP_H_
#define DAMSELFLY_SIM_SWEEP_SWEEP_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/sweep/seed_run.h"

namespace damselfly::sim {

// Fewer seeds than this may miss what a scenario is about.
inline constexpr uint64_t kSeedsUntilCountersShow = 20;

struct SweepOptions {
  uint64_t first_seed = 1;
  uint64_t last_seed = 1;
  RunOptions run;
  // What runs a seed, and what selects it on the command line: another kind of run may stand here.
  std::function<RunResult(uint64_t seed, const RunOptions& options)> run_seed = RunSeed;
  std::string scenario_argument;
  // What such runs check: shown also where nothing was checked.
  std::vector<Oracle> oracles;
  // Counters, and how much they must come to over kSeedsUntilCountersShow seeds or more.
  std::map<std::string, uint64_t> counters_min;
  // One seed of so many is run twice, and the hashes compared; 0: none.
  uint64_t repeat_every = 16;
  // Ends after so many failures.
  size_t failures_max = 1;
  // Called after each seed.
  std::function<void(const RunResult& result)> progress = [](const RunResult&) {};
};

struct SweepResult {
  uint64_t seed_count = 0;
  uint64_t repeated_count = 0;
  uint64_t event_count = 0;
  uint64_t reply_count = 0;
  int64_t virtual_ns = 0;
  uint64_t last_hash = 0;  // of the last seed
  std::array<uint64_t, kOracleCount> checks{};
  std::vector<Oracle> oracles;                        // of the options
  std::array<uint64_t, kFaultCount> faults_drawn{};   // seeds that drew the fault
  std::array<uint64_t, kFaultCount> faults_struck{};  // seeds in which it had an effect
  std::array<uint64_t, kFaultCount> fault_effects{};
  std::map<std::string, uint64_t> counters;
  std::vector<RunResult> failures;
  // Everything else that is wrong: seeds whose two runs differ, faults that never have an effect,
  // counters that stay too low. One a line.
  std::string problems;

  bool ok() const { return failures.empty() && problems.empty(); }
  // Tables of checks, faults and counters.
  std::string Summary() const;
  // The failures by what is violated first and by the kinds of the last events, so that one bug is
  // one line: "12 seeds  S24 linearizable, after write read reply: 3 17 20 ...". Most frequent
  // first.
  std::string FailureGroups() const;
  // One failure of each group, in the groups' order.
  std::vector<const RunResult*> FailureExamples() const;
};

// Runs all seeds of a range, one after another.
SweepResult RunSweep(const SweepOptions& options);

// What a person types to run that seed again.
std::string CommandFor(uint64_t seed, const SweepOptions& options);

// Everything that one wants to know of a failed seed, and how to see it again.
std::string DescribeFailure(const RunResult& result, const SweepOptions& options);

// Runs a seed twice, and says where the runs first differ; empty if they do not.
std::string CompareRuns(uint64_t seed, const SweepOptions& options);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_SWEEP_H_
