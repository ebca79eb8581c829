#ifndef DAMSELFLY_SIM_WORLD_FAULT_BOARD_H_
#define DAMSELFLY_SIM_WORLD_FAULT_BOARD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/strings/string_view.h"
#include "sim/world/decider.h"

namespace damselfly::sim {

// What can go wrong, legally. A byte stream may be late, cut in pieces, or lose its tail together
// with its life; it never loses, doubles or reorders bytes inside.
enum class Fault : uint8_t {
  kSplitSegment,     // one write arrives in several pieces
  kSplitRead,        // a read takes only a part of what has arrived
  kStall,            // bytes arrive much later
  kShortWrite,       // a write takes only a part although there is room
  kSmallBuffer,      // send buffers of a few bytes
  kReset,            // a connection breaks and loses what was under way; both ends are told
  kSilence,          // the same, and nobody is told for a long time
  kRefuse,           // a connect is refused
  kHungConnect,      // a connect succeeds, late
  kPartition,        // two hosts cannot reach each other for a while
  kWorkerPause,      // a worker does not get the processor for a while
  kCrash,            // a process dies; its peers get a reset; it is started again
  kMachineCrash,     // the same, and the peers hear nothing
  kClockStep,        // a host's wall clock jumps
  kClockSkew,        // a host's wall clock is off from the start
  kHalfClose,        // a client ends its sending side and reads on
  kSlowReader,       // a client does not read for a while
  kAbandon,          // a client closes with replies outstanding
  kHostPause,        // all workers of a process stand still for a while
  kOneWayPartition,  // one host cannot reach another for a while, which can reach it
  kFlapping,         // two hosts cannot reach each other, and can, and cannot, ...
  kSlowLink,         // a connection carries few bytes a second
  kLateAccept,       // a connection is accepted when the one who asked for it has given up
  kHalfOpen,         // a connection breaks; one end is told, the other writes on into nothing
  kLateRestart,      // a process dies and comes back only after a long while
  kSlowWorker,       // one worker of a process is slow for a while
  kClockDrift,       // a host's wall clock runs too fast or too slow
  kDiskFull,         // a host's disk takes no more bytes for a while
  kDiskError,        // writing, syncing, renaming fails
  kUnsyncedLost,     // a machine dies, and the end of what was written and not synced is gone
  kLostRename,       // a machine dies, and names are as they were when their directory was synced
  kOldDisk,          // a process comes back with the disk of an earlier time
  kEmptyDisk,        // a process comes back with an empty disk
};
inline constexpr size_t kFaultCount = static_cast<size_t>(Fault::kEmptyDisk) + 1;
absl::string_view FaultName(Fault fault);

// Which faults a run has drawn, how often they strike, and how often they had an effect. Faults
// that are drawn and never have an effect are how simulators lie, so whoever injects one counts the
// effect where it shows.
class FaultBoard {
 public:
  // `fault` strikes in `per_65536` of the places where it could.
  void Draw(Fault fault, uint32_t per_65536) {
    drawn_[Index(fault)] = true;
    rates_[Index(fault)] = per_65536;
  }

  // Ends all faults, for a run's quiet end.
  void Heal() { healed_ = true; }
  bool healed() const { return healed_; }

  bool drawn(Fault fault) const { return drawn_[Index(fault)]; }
  bool active(Fault fault) const { return drawn_[Index(fault)] && !healed_; }

  // Whether it strikes here and now. Draws from `decisions` only while the fault is active.
  bool Strikes(Fault fault, DecisionStream& decisions) {
    return active(fault) && decisions.Chance(rates_[Index(fault)], 65536);
  }

  void CountEffect(Fault fault) {
    ++effects_[Index(fault)];
    if (on_effect_) on_effect_(fault);
  }
  // Called at each effect, for those who watch; changes nothing.
  void set_on_effect(std::function<void(Fault fault)> handler) { on_effect_ = std::move(handler); }
  uint64_t effects(Fault fault) const { return effects_[Index(fault)]; }

 private:
  static size_t Index(Fault fault) { return static_cast<size_t>(fault); }

  std::array<bool, kFaultCount> drawn_{};
  std::array<uint32_t, kFaultCount> rates_{};
  std::array<uint64_t, kFaultCount> effects_{};
  bool healed_ = false;
  std::function<void(Fault)> on_effect_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_FAULT_BOARD_H_
