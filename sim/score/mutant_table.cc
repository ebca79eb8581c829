#include "sim/score/mutant_table.h"

namespace damselfly::sim {
namespace {

std::vector<MutantRow> OfOneNode() {
  const std::vector<std::string> mixed = {kMixedRuns};
  const std::vector<std::string> shared = {kSharedRuns};
  return {
      {Mutant::kCanary, "M0", mixed, {Oracle::kCanary}, ""},
      {Mutant::kBytesReordered, "", mixed, {Oracle::kPairing}, ""},
      {Mutant::kBytesDropped, "", mixed, {}, ""},
      {Mutant::kBytesDuplicated, "", mixed, {Oracle::kPairing}, ""},
      {Mutant::kTailLostOnShortWrite, "M57", mixed, {}, ""},
      {Mutant::kWritableForgotten, "", mixed, {Oracle::kNoStuckClient}, ""},
      {Mutant::kCarriageReturnLost, "M55", mixed, {}, ""},
      {Mutant::kNodeClockSlow, "", shared, {Oracle::kNoLateRead}, ""},
      {Mutant::kNodeClockFast, "", shared, {Oracle::kNoEarlyDeath}, ""},
      {Mutant::kReplyRepeated, "", mixed, {}, ""},
      {Mutant::kTransactionTorn, "", shared, {Oracle::kAllOrNothing}, ""},
      {Mutant::kWatchIgnored, "", shared, {Oracle::kWatch}, ""},
      {Mutant::kStaleRead, "", shared, {Oracle::kLinearizable, Oracle::kWatch}, ""},
      {Mutant::kWriteLost, "", shared, {Oracle::kLinearizable, Oracle::kWatch}, ""},
      {Mutant::kWriteTwice, "", shared, {Oracle::kLinearizable}, ""},
      {Mutant::kExpiryDropped, "", mixed, {Oracle::kNoLateRead, Oracle::kSession}, ""},
      {Mutant::kStepBackLies, "M54", mixed, {Oracle::kNoLateRead, Oracle::kSession}, ""},
      {Mutant::kCloseUnnoticed, "", mixed, {Oracle::kNoResidue}, ""},
      {Mutant::kDiscardExecutes, "", mixed, {Oracle::kSession}, ""},
      {Mutant::kExecRepliesSwapped, "", mixed, {}, ""},
      {Mutant::kConditionIgnored, "", mixed, {Oracle::kSession}, ""},
      {Mutant::kGetDelKeeps, "", mixed, {Oracle::kSession}, ""},
      {Mutant::kRenameLosesDeadline, "", mixed, {Oracle::kSession}, ""},
      {Mutant::kKeepTtlIgnored, "", mixed, {Oracle::kSession}, ""},
      {Mutant::kSelectLost, "", mixed, {Oracle::kSession}, ""},
      {Mutant::kUnwatchIgnored, "", mixed, {Oracle::kSession, Oracle::kWatch}, ""},
      {Mutant::kKeysMissOne, "", mixed, {Oracle::kSession}, ""},
      {Mutant::kRangeEndExclusive, "", mixed, {Oracle::kSession}, ""},
      {Mutant::kRunsBehindQuit, "M56", mixed, {Oracle::kSession}, ""},
      {Mutant::kMsetnxHalfDone, "", mixed, {Oracle::kSession}, ""},
  };
}

std::vector<MutantRow> OfAClusterSeenFromOutside() {
  const std::vector<std::string> pushed = {"everything_at_once"};
  return {
      {Mutant::kMovedToSelf, "", pushed, {Oracle::kTruthfulMoved}, ""},
      {Mutant::kMovedToOldOwner, "M29", pushed, {Oracle::kTruthfulMoved}, ""},
      {Mutant::kForeignSlotServed, "", pushed, {Oracle::kOneOwner}, ""},
      {Mutant::kUnconfiguredServes, "M35", pushed, {Oracle::kUnconfigured}, ""},
      {Mutant::kExecNotRechecked, "M33", pushed, {Oracle::kOneOwner}, ""},
      {Mutant::kCrossSlotHalfDone, "M32", pushed, {Oracle::kOneSlot}, ""},
      {Mutant::kSlotsShowOldOwner, "M30", pushed, {Oracle::kIntrospection}, ""},
      {Mutant::kLostKeysKept, "", pushed, {Oracle::kNoForeignKeys}, ""},
      {Mutant::kOlderConfigAccepted, "M27", pushed, {Oracle::kConfigOrder}, ""},
      // Whatever is asked next tells it: a key, the next push, or at the end every slot.
      {Mutant::kConfigHalfInstalled,
       "M28",
       pushed,
       {Oracle::kOneOwner, Oracle::kTruthfulMoved, Oracle::kConfigOrder, Oracle::kEverySlot},
       ""},
      // The next push or answer tells it; after the last push, only the asking for every slot.
      {Mutant::kConfigIgnored, "", pushed, {Oracle::kConfigOrder, Oracle::kEverySlot}, ""},
      {Mutant::kEqualConfigFlushes, "", pushed, {Oracle::kLinearizable}, ""},
      {Mutant::kSubscriberNotTold, "", pushed, {Oracle::kShardChannels}, ""},
      {Mutant::kShardMessageLost, "", pushed, {Oracle::kShardChannels}, ""},
      {Mutant::kWatchAlwaysFails, "", pushed, {Oracle::kWatch}, ""},
      {Mutant::kEmptyTagCounts, "M31", pushed, {Oracle::kTruthfulMoved}, ""},
      {Mutant::kPushUnanswered, "", pushed, {Oracle::kControlPlane}, ""},
      {Mutant::kShardMessageTwice, "", pushed, {Oracle::kShardChannels}, ""},
      {Mutant::kLostKeysComeBack,
       "",
       {"slot_goes_away_and_comes_back", "everything_at_once"},
       {Oracle::kNoResurrection},
       ""},
      {Mutant::kAppendTwice, "", {"full_sync_under_writes"}, {Oracle::kExactlyOnce}, ""},
      {Mutant::kStaleReplicaRead, "", {"links_that_break"}, {Oracle::kReplicaReads}, ""},
      {Mutant::kWaitWishful, "", {"promotion_after_crash_with_wait"}, {Oracle::kWait}, ""},
      {Mutant::kNullExecRuns, "", pushed, {Oracle::kConfigAtomic}, ""},
  };
}

const char kFilled[] = "full_sync_under_writes";
const char kFlushed[] = "flushes_meet_full_syncs";
const char kSplit[] = "tables_split_under_full_syncs";
const char kRepointed[] = "replica_repointed_in_mid_sync";
const char kTakeover[] = "takeover_under_load";
const char kPromotion[] = "promotion_after_crash_with_wait";
const char kSlow[] = "slow_replica_is_cut_off";
const char kLinks[] = "links_that_break";
const char kComesBack[] = "replica_that_comes_back_counts_once";
const char kNamelessComesBack[] = "nameless_replica_that_comes_back_counts_once";
const char kFailsInTime[] = "takeover_fails_in_its_time";
const char kAnything[] = "replication_everything_at_once";
// Where a master that has been taken over lives on.
const char kTakeoverInCluster[] = "takeover_in_a_cluster";
const char kMoved[] = "slots_move_during_takeovers";
const char kMovedUnderReplicas[] = "slots_move_under_replication";
const char kPushed[] = "everything_at_once";
const char kChannels[] = "shard_channels_follow_their_slots";
const char kQueuesMove[] = "queues_lose_their_slots";
const char kQueuesChangeMasters[] = "queues_under_takeovers";

std::vector<MutantRow> OfReplication() {
  return {
      {Mutant::kEarlyStable, "M1", {kFilled}, {Oracle::kCutConsistency}, ""},
      {Mutant::kAckedAhead, "M12", {kFilled}, {Oracle::kAckedPosition, Oracle::kWait}, ""},
      {Mutant::kHalfLoadedKept, "M7", {kRepointed}, {Oracle::kCrashLossIsSuffix}, ""},
      {Mutant::kReplicaExpires, "M52", {kFilled}, {Oracle::kDeleteByStream}, ""},
      {Mutant::kReplicaWritable, "", {kFilled}, {Oracle::kReplicaPassive}, ""},
      {Mutant::kLineageKept, "M22", {kPromotion}, {Oracle::kLineageFork}, ""},
      {Mutant::kPromotedUnrecorded,
       "M10",
       {kPromotion},
       {Oracle::kCrashLossIsSuffix, Oracle::kPrefix, Oracle::kLinearizable, Oracle::kExactlyOnce},
       ""},
      {Mutant::kTransactionInParts, "", {kFilled}, {Oracle::kAtomicOnReplica}, ""},
      {Mutant::kLineageIgnored, "M9", {kRepointed}, {Oracle::kResumeHonesty, Oracle::kPrefix}, ""},
      {Mutant::kForkIgnored, "M23", {kPromotion}, {Oracle::kResumeHonesty, Oracle::kPrefix}, ""},
      {Mutant::kCutTooEarly,
       "M2",
       {kFilled},
       {Oracle::kCutConsistency, Oracle::kAtomicOnReplica},
       ""},
      {Mutant::kWaitCountsLinks, "", {kPromotion}, {Oracle::kWait}, ""},
      {Mutant::kLagUnbounded, "M16", {kSlow}, {Oracle::kBoundedMemory}, ""},
      {Mutant::kTakeoverWrites, "M17", {kTakeover}, {Oracle::kTakeoverLosesNothing}, ""},
      {Mutant::kTakeoverNotAwaited, "M18", {kTakeover}, {Oracle::kTakeoverLosesNothing}, ""},
      {Mutant::kTakeoverLeftClosed,
       "M19",
       {kTakeover},
       {Oracle::kConvergence, Oracle::kTakeoverEnds},
       ""},
      {Mutant::kLoadingReadable, "M7", {kFilled}, {}, ""},
      {Mutant::kWritableUntilFed, "M25", {kRepointed, kAnything}, {Oracle::kReplicaPassive}, ""},
      {Mutant::kSilenceUnnoticed,
       "M58",
       {kLinks, kAnything},
       {},
       "the network's own keep-alive ends a silent link within a minute, which L1 allows"},
      {Mutant::kFollowsNoMore, "M20", {kTakeover}, {Oracle::kConvergence}, ""},
      {Mutant::kSyncsAgain, "", {kAnything, kLinks}, {Oracle::kNoStorm, Oracle::kConvergence}, ""},
      // A write to what has expired and stays is a deletion that the journal says nothing of.
      {Mutant::kExpiryLeftOff,
       "M21",
       {kTakeover},
       {Oracle::kExpiryCompletes, Oracle::kDeleteByStream, Oracle::kPrefix},
       ""},
      {Mutant::kOneLaneCounted,
       "",
       {kPromotion, kTakeover},
       {Oracle::kWait, Oracle::kTakeoverLosesNothing},
       ""},
      {Mutant::kResumedTooLate, "M8", {kLinks}, {Oracle::kPrefix, Oracle::kAtomicOnReplica}, ""},
      {Mutant::kOvertakenLost, "M3", {kFilled}, {Oracle::kCutConsistency}, ""},
      {Mutant::kExpiryUnrecorded,
       "M5 M51",
       {kFilled},
       {Oracle::kDeleteByStream, Oracle::kPrefix},
       ""},
      {Mutant::kPersistUnrecorded, "", {kFilled, kLinks}, {Oracle::kDeadlineIdentity}, ""},
      {Mutant::kDeadlineUnrecorded, "", {kFilled, kLinks}, {Oracle::kDeadlineIdentity}, ""},
      {Mutant::kDeadlineLate, "M13", {kFilled, kLinks}, {Oracle::kDeadlineIdentity}, ""},
      {Mutant::kRangeMisplaced, "", {kFilled, kLinks}, {Oracle::kPrefix}, ""},
      {Mutant::kGroupsUnmarked, "M15", {kFilled, kLinks}, {Oracle::kAtomicOnReplica}, ""},
      {Mutant::kFlushUnrecorded, "", {kFilled}, {Oracle::kPrefix}, ""},
      {Mutant::kSlotFlushUnrecorded, "M36", {kTakeoverInCluster}, {Oracle::kPrefix}, ""},
  };
}

std::vector<MutantRow> OfTheRest() {
  const std::vector<std::string> pushed = {kPushed};
  return {
      {Mutant::kLastSlotKept, "M26", pushed, {Oracle::kEverySlot, Oracle::kOneOwner}, ""},
      {Mutant::kLastSlotUnopened, "", pushed, {Oracle::kEverySlot}, ""},
      {Mutant::kLostKeysStay, "M60", pushed, {Oracle::kNoForeignKeys}, ""},
      {Mutant::kRefusedConfigShown, "M28", pushed, {}, ""},
      // Where nobody waits for keys: the same keeps them waiting.
      {Mutant::kSubscribersKept, "M37", {kChannels}, {Oracle::kShardChannels}, ""},
      {Mutant::kDemotedKeepsSubscribers,
       "M24",
       {kTakeoverInCluster},
       {},
       "runs with takeovers have no shard subscribers"},
      // What it runs may as well have been watched.
      {Mutant::kPoisonIgnored, "M50", {kMixedRuns}, {Oracle::kSession, Oracle::kWatch}, ""},
      {Mutant::kAbortedRuns, "", {kPushed, kMixedRuns}, {}, ""},
      {Mutant::kRefusedExecRuns, "", pushed, {}, ""},
      {Mutant::kExpiryUnwatched, "", {kMixedRuns}, {}, ""},
      {Mutant::kBackgroundSpins, "", {kMixedRuns}, {Oracle::kCrashOnly}, ""},
      {Mutant::kOldLinkCounts, "", {kComesBack}, {Oracle::kScript}, ""},
      {Mutant::kStaleGreetingHeeded,
       "",
       {kRepointed},
       {Oracle::kNoStorm},
       "the late greeting has to come when the faults are over: one seed in a thousand or so"},
      {Mutant::kWaitAwaitsTheLost, "", {kPromotion, kLinks}, {Oracle::kCoreLiveness}, ""},
      // The flush has to come between two passes of a walk, and its record in another piece.
      {Mutant::kSyncEndsEarly,
       "",
       {kFlushed},
       {Oracle::kCutConsistency, Oracle::kAtomicOnReplica},
       ""},
      {Mutant::kChunkedDeadlineLost, "", {kFilled}, {Oracle::kDeadlineIdentity}, ""},
      {Mutant::kSwapUnrecorded, "", {kFilled}, {Oracle::kPrefix}, ""},
      {Mutant::kWaitSleeps, "", {kPromotion}, {Oracle::kWait, Oracle::kCoreLiveness}, ""},
      {Mutant::kWaitOvertaken, "", {kPromotion}, {Oracle::kPairing}, ""},
      {Mutant::kTakenOverTwice, "", {kTakeover}, {Oracle::kTakeoverLosesNothing}, ""},
      // Nothing that strikes at random keeps a replica from acknowledging for so long, and leaves
      // the link alone.
      {Mutant::kTakeoverUnbounded, "", {kFailsInTime}, {Oracle::kScript}, ""},
      {Mutant::kMultiRefused, "", {kMoved}, {Oracle::kAllOrNothing}, ""},
      {Mutant::kLossForgotten, "", {kMoved}, {Oracle::kNoForeignKeys}, ""},
      {Mutant::kReplicaKeepsSlots,
       "",
       {kMovedUnderReplicas},
       {Oracle::kOneOwner, Oracle::kEverySlot},
       ""},
      {Mutant::kForeignKeysKept, "", {kMoved}, {Oracle::kNoForeignKeys}, ""},
      {Mutant::kTakenOverNamesItself,
       "",
       {kTakeoverInCluster},
       {Oracle::kIntrospection, Oracle::kTruthfulMoved},
       ""},
      {Mutant::kOldReplicasShown, "", {kTakeoverInCluster}, {Oracle::kIntrospection}, ""},
      {Mutant::kScanSkips, "", {kMixedRuns}, {Oracle::kSession}, ""},
      {Mutant::kBlockedNotWoken, "", {kTakeover, kTakeoverInCluster}, {Oracle::kWait}, ""},
      {Mutant::kTakenOverNamesAnother,
       "",
       {kTakeoverInCluster},
       {Oracle::kIntrospection, Oracle::kTruthfulMoved},
       ""},
      {Mutant::kSplitUncovered, "", {kSplit}, {Oracle::kCutConsistency, Oracle::kPrefix}, ""},
      {Mutant::kReconnectsLate, "", {kLinks}, {Oracle::kConvergence}, ""},
      {Mutant::kOverflowForgotten,
       "",
       {kFilled},
       {Oracle::kCutConsistency},
       "only small changes of many big values fill that queue before the journal's limit cuts the "
       "replica off, and no client makes them"},
      {Mutant::kFlushUnwatched,
       "",
       {kMixedRuns},
       {Oracle::kWatch},
       "EXEC looks up what was watched: what has been flushed is not there, and who makes it again "
       "says so"},
  };
}

std::vector<MutantRow> OfClientSideCaching() {
  const std::vector<std::string> caching = {kCachingRuns};
  return {
      {Mutant::kExpiryUntold, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kFlushUntold, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kExecUntold, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kNoLoopSilences, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kOthersUntold, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kToldLate, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kForgottenUntold, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kFirstReaderOnly, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kPrefixIsWhole, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kFirstChangeOnly, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kCachingEndsAtMulti, "", caching, {Oracle::kInvalidation}, ""},
      {Mutant::kToldAheadOfReply, "", caching, {Oracle::kInvalidation}, ""},
  };
}

std::vector<MutantRow> OfWaiting() {
  const std::vector<std::string> queues = {kQueueRuns};
  const std::vector<Oracle> blocking = {Oracle::kBlockingPops};
  return {
      {Mutant::kNewestServedFirst, "", queues, blocking, ""},
      {Mutant::kServedStays, "", queues, blocking, ""},
      {Mutant::kTimedOutServed, "", queues, blocking, ""},
      {Mutant::kServedUnrecorded, "M14", {kQueuesChangeMasters}, {Oracle::kPrefix}, ""},
      {Mutant::kMultiWakesNobody, "", queues, blocking, ""},
      {Mutant::kOneServedAPush, "", queues, blocking, ""},
      {Mutant::kFirstKeyAwaited, "", queues, blocking, ""},
      {Mutant::kWaitTooShort, "", queues, blocking, ""},
      {Mutant::kLostSlotWaitersStay, "M34", {kQueuesMove}, {Oracle::kWaitersLeave}, ""},
      {Mutant::kDemotedWaitersStay, "", {kQueuesChangeMasters}, {Oracle::kWaitersLeave}, ""},
  };
}

std::vector<MutantRow> OfLostMachines() {
  return {
      {Mutant::kNamelessCountsTwice, "", {kNamelessComesBack}, {Oracle::kScript}, ""},
  };
}

}  // namespace

std::vector<MutantRow> MutantTable() {
  std::vector<MutantRow> table;
  for (std::vector<MutantRow> (*part)() :
       {OfOneNode, OfAClusterSeenFromOutside, OfReplication, OfTheRest, OfClientSideCaching,
        OfWaiting, OfLostMachines}) {
    for (MutantRow& row : part()) table.push_back(std::move(row));
  }
  return table;
}

}  // namespace damselfly::sim
