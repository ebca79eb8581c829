#include "sim/world/fault_board.h"

namespace damselfly::sim {

absl::string_view FaultName(Fault fault) {
  switch (fault) {
    case Fault::kSplitSegment:
      return "split-segment";
    case Fault::kSplitRead:
      return "split-read";
    case Fault::kStall:
      return "stall";
    case Fault::kShortWrite:
      return "short-write";
    case Fault::kSmallBuffer:
      return "small-buffer";
    case Fault::kReset:
      return "reset";
    case Fault::kSilence:
      return "silence";
    case Fault::kRefuse:
      return "refuse";
    case Fault::kHungConnect:
      return "hung-connect";
    case Fault::kPartition:
      return "partition";
    case Fault::kWorkerPause:
      return "worker-pause";
    case Fault::kCrash:
      return "crash";
    case Fault::kMachineCrash:
      return "machine-crash";
    case Fault::kClockStep:
      return "clock-step";
    case Fault::kClockSkew:
      return "clock-skew";
    case Fault::kHalfClose:
      return "half-close";
    case Fault::kSlowReader:
      return "slow-reader";
    case Fault::kAbandon:
      return "abandon";
    case Fault::kHostPause:
      return "host-pause";
    case Fault::kOneWayPartition:
      return "one-way-partition";
    case Fault::kFlapping:
      return "flapping";
    case Fault::kSlowLink:
      return "slow-link";
    case Fault::kLateAccept:
      return "late-accept";
    case Fault::kHalfOpen:
      return "half-open";
    case Fault::kLateRestart:
      return "late-restart";
    case Fault::kSlowWorker:
      return "slow-worker";
    case Fault::kClockDrift:
      return "clock-drift";
    case Fault::kDiskFull:
      return "disk-full";
    case Fault::kDiskError:
      return "disk-error";
    case Fault::kUnsyncedLost:
      return "unsynced-lost";
    case Fault::kLostRename:
      return "lost-rename";
    case Fault::kOldDisk:
      return "old-disk";
    case Fault::kEmptyDisk:
      return "empty-disk";
  }
  return "?";
}

}  // namespace damselfly::sim
