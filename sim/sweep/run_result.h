#ifndef DAMSELFLY_SIM_SWEEP_RUN_RESULT_H_
#define DAMSELFLY_SIM_SWEEP_RUN_RESULT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/oracles/oracle_board.h"
#include "sim/world/fault_board.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// What came of one seed.
struct RunResult {
  uint64_t seed = 0;
  uint64_t hash = 0;
  uint64_t event_count = 0;
  int64_t virtual_ns = 0;
  uint64_t reply_count = 0;
  size_t node_count = 0;
  // Requests of clients, pushes, steps of operators, and effects of faults.
  uint64_t external_event_count = 0;
  std::array<uint64_t, kOracleCount> checks{};
  std::array<bool, kFaultCount> faults_drawn{};
  std::array<uint64_t, kFaultCount> fault_effects{};
  std::vector<uint64_t> hashes;
  // How often what happened that neither a check nor a fault counts.
  std::map<std::string, uint64_t> counters;

  bool failed = false;
  Oracle first_oracle = Oracle::kCanary;
  std::string message;  // of the violation
  std::string plan;     // these only of a failure
  std::string last_events;
  std::string last_kinds;  // the kinds of the very last ones, for grouping
  std::string log;
};

// What the world and its oracles have to say of a run that is over; the rest is the run's own to
// fill in: reply_count, counters, and the plan of a failure.
RunResult ResultOf(uint64_t seed, const World& world, const OracleBoard& board);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_RUN_RESULT_H_
