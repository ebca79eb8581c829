#ifndef DAMSELFLY_SIM_SWEEP_SEED_RUN_H_
#define DAMSELFLY_SIM_SWEEP_SEED_RUN_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/mutants/mutants.h"
#include "sim/oracles/oracle_board.h"
#include "sim/sweep/plan.h"
#include "sim/world/fault_board.h"

namespace damselfly::sim {

struct RunOptions {
  Scenario scenario = Scenario::kMixed;
  Mutant mutant = Mutant::kNone;
  // Gets each event as a line of text.
  std::function<void(const std::string& line)> trace_sink;
  // Keeps the hash after each event, in RunResult::hashes.
  bool keep_hashes = false;
};

// What came of one seed.
struct RunResult {
  uint64_t seed = 0;
  uint64_t hash = 0;
  uint64_t event_count = 0;
  int64_t virtual_ns = 0;
  uint64_t reply_count = 0;
  std::array<uint64_t, kOracleCount> checks{};
  std::array<bool, kFaultCount> faults_drawn{};
  std::array<uint64_t, kFaultCount> fault_effects{};
  std::vector<uint64_t> hashes;
  // How often what happened that neither a check nor a fault counts.
  std::map<std::string, uint64_t> counters;

  bool failed = false;
  Oracle first_oracle = Oracle::kCanary;
  std::string message;  // of the violation
  std::string plan;     // these three only of a failure
  std::string last_events;
  std::string log;
};

// Runs the world of one seed to its end: faults, healing, quiet, farewell. The same seed and
// options give the same result, hash included, in every build.
RunResult RunSeed(uint64_t seed, const RunOptions& options);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_SEED_RUN_H_
