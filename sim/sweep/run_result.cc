#include "sim/sweep/run_result.h"

#include <cstddef>

namespace damselfly::sim {

RunResult ResultOf(uint64_t seed, const World& world, const OracleBoard& board) {
  RunResult result;
  result.seed = seed;
  result.hash = world.trace().hash();
  result.event_count = world.trace().event_count();
  result.virtual_ns = world.now_ns();
  for (size_t i = 0; i < kOracleCount; ++i) result.checks[i] = board.checks(static_cast<Oracle>(i));
  for (size_t i = 0; i < kFaultCount; ++i) {
    result.faults_drawn[i] = world.faults().drawn(static_cast<Fault>(i));
    result.fault_effects[i] = world.faults().effects(static_cast<Fault>(i));
  }
  result.hashes = world.trace().hashes();
  result.failed = board.violated();
  if (!result.failed) return result;
  result.first_oracle = board.first_oracle();
  result.message = board.first_message();
  result.last_events = world.trace().LastEvents();
  result.log = world.LogText();
  return result;
}

}  // namespace damselfly::sim
