#include "sim/mutants/mutants.h"

namespace damselfly::sim {

absl::string_view MutantName(Mutant mutant) {
  switch (mutant) {
    case Mutant::kNone:
      return "none";
    case Mutant::kCanary:
      return "canary";
    case Mutant::kBytesReordered:
      return "bytes-reordered";
    case Mutant::kBytesDropped:
      return "bytes-dropped";
    case Mutant::kBytesDuplicated:
      return "bytes-duplicated";
    case Mutant::kTailLostOnShortWrite:
      return "tail-lost-on-short-write";
    case Mutant::kWritableForgotten:
      return "writable-forgotten";
    case Mutant::kCarriageReturnLost:
      return "carriage-return-lost";
    case Mutant::kNodeClockSlow:
      return "node-clock-slow";
    case Mutant::kNodeClockFast:
      return "node-clock-fast";
    case Mutant::kReplyRepeated:
      return "reply-repeated";
    case Mutant::kTransactionTorn:
      return "transaction-torn";
    case Mutant::kWatchIgnored:
      return "watch-ignored";
    case Mutant::kStaleRead:
      return "stale-read";
    case Mutant::kWriteLost:
      return "write-lost";
    case Mutant::kWriteTwice:
      return "write-twice";
    case Mutant::kExpiryDropped:
      return "expiry-dropped";
    case Mutant::kMovedToSelf:
      return "moved-to-self";
    case Mutant::kMovedToOldOwner:
      return "moved-to-old-owner";
    case Mutant::kForeignSlotServed:
      return "foreign-slot-served";
    case Mutant::kUnconfiguredServes:
      return "unconfigured-serves";
    case Mutant::kExecNotRechecked:
      return "exec-not-rechecked";
    case Mutant::kCrossSlotHalfDone:
      return "cross-slot-half-done";
    case Mutant::kSlotsShowOldOwner:
      return "slots-show-old-owner";
    case Mutant::kLostKeysKept:
      return "lost-keys-kept";
    case Mutant::kOlderConfigAccepted:
      return "older-config-accepted";
    case Mutant::kConfigHalfInstalled:
      return "config-half-installed";
    case Mutant::kConfigIgnored:
      return "config-ignored";
    case Mutant::kEqualConfigFlushes:
      return "equal-config-flushes";
    case Mutant::kSubscriberNotTold:
      return "subscriber-not-told";
    case Mutant::kShardMessageLost:
      return "shard-message-lost";
    case Mutant::kWatchAlwaysFails:
      return "watch-always-fails";
    case Mutant::kEarlyStable:
      return "early-stable";
    case Mutant::kAckedAhead:
      return "acked-ahead";
    case Mutant::kHalfLoadedKept:
      return "half-loaded-kept";
    case Mutant::kReplicaExpires:
      return "replica-expires";
    case Mutant::kReplicaWritable:
      return "replica-writable";
    case Mutant::kLineageKept:
      return "lineage-kept";
    case Mutant::kPromotedUnrecorded:
      return "promoted-unrecorded";
    case Mutant::kTransactionInParts:
      return "transaction-in-parts";
    case Mutant::kLineageIgnored:
      return "lineage-ignored";
    case Mutant::kForkIgnored:
      return "fork-ignored";
    case Mutant::kCutTooEarly:
      return "cut-too-early";
    case Mutant::kWaitCountsLinks:
      return "wait-counts-links";
    case Mutant::kLagUnbounded:
      return "lag-unbounded";
    case Mutant::kTakeoverWrites:
      return "takeover-writes";
    case Mutant::kTakeoverNotAwaited:
      return "takeover-not-awaited";
    case Mutant::kTakeoverLeftClosed:
      return "takeover-left-closed";
  }
  return "?";
}

bool ParseMutant(absl::string_view name, Mutant* out) {
  for (int i = 0; i < kMutantCount; ++i) {
    if (MutantName(static_cast<Mutant>(i)) != name) continue;
    *out = static_cast<Mutant>(i);
    return true;
  }
  return false;
}

}  // namespace damselfly::sim
