#ifndef DAMSELFLY_SIM_WORLD_DISK_FAULTS_H_
#define DAMSELFLY_SIM_WORLD_DISK_FAULTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sim/world/decider.h"
#include "sim/world/fault_board.h"

namespace damselfly::sim {

// When a host's disk fails, and what its machine's death does to it. Each fault counts its effects.
class DiskFaults {
 public:
  // `faults` and `decider` outlive this; `host` tells apart the disks of one world.
  DiskFaults(FaultBoard* faults, Decider* decider, uint64_t host)
      : faults_(faults), decisions_(decider, "disk", host) {}

  // Fault::kDiskFull: of `bytes` the disk takes *taken, and the error says that it is full.
  absl::Status OnWrite(absl::string_view path, size_t bytes, size_t* taken);
  // Fault::kDiskError: something else than a read fails.
  absl::Status OnChange(absl::string_view path);

  // Whether the death of the machine takes what was not synced: see SimDisk::Crash.
  bool LosesNames() { return faults_->Strikes(Fault::kLostRename, decisions_); }
  bool LosesBytes() { return faults_->Strikes(Fault::kUnsyncedLost, decisions_); }
  void CountEffect(Fault fault) { faults_->CountEffect(fault); }
  DecisionStream& decisions() { return decisions_; }

 private:
  FaultBoard* const faults_;
  DecisionStream decisions_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_DISK_FAULTS_H_
