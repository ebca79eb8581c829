#include "sim/sweep/run_result.h"

#include <cstddef>

namespace damselfly::sim {
namespace {

// Whether its effects are many and what has happened is one thing.
bool Lasts(Fault fault) {
  switch (fault) {
    case Fault::kSmallBuffer:
    case Fault::kClockSkew:
    case Fault::kClockDrift:
    case Fault::kOneWayPartition:
    case Fault::kFlapping:
    case Fault::kSlowLink:
    case Fault::kSlowWorker:
      return true;
    default:
      return false;
  }
}

// Effects of faults as a person would count them: what lasts is one event, however much it delays.
uint64_t FaultEvents(const FaultBoard& faults) {
  uint64_t count = 0;
  for (size_t i = 0; i < kFaultCount; ++i) {
    const Fault fault = static_cast<Fault>(i);
    // Who plans these has counted each.
    if (fault == Fault::kPartition || fault == Fault::kHostPause) continue;
    count += Lasts(fault) ? faults.effects(fault) > 0 : faults.effects(fault);
  }
  return count;
}

}  // namespace

RunResult ResultOf(uint64_t seed, const World& world, const OracleBoard& board) {
  RunResult result;
  result.seed = seed;
  result.hash = world.trace().hash();
  result.event_count = world.trace().event_count();
  result.virtual_ns = world.now_ns();
  for (size_t i = 0; i < kOracleCount; ++i) result.checks[i] = board.checks(static_cast<Oracle>(i));
  result.external_event_count = world.external_event_count() + FaultEvents(world.faults());
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
  result.last_kinds = world.trace().LastKinds();
  result.log = world.LogText();
  return result;
}

}  // namespace damselfly::sim
