#ifndef DAMSELFLY_SIM_MUTANTS_MUTANTS_H_
#define DAMSELFLY_SIM_MUTANTS_MUTANTS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/runtime/mutant.h"

namespace damselfly::sim {

// Deliberate bugs, one at a time, that the oracles must find: the proof that a clean sweep means
// something. These live in the simulator itself: they break what a correct network, clock or server
// promises.
enum class Mutant : uint8_t {
  kNone,
  kCanary,                // M0: fails about 1 % of seeds, whatever happens
  kBytesReordered,        // the network swaps two bytes of a write
  kBytesDropped,          // ... loses a byte
  kBytesDuplicated,       // ... delivers a write twice
  kTailLostOnShortWrite,  // a write claims to have taken all and keeps a part
  kWritableForgotten,     // after a full buffer nobody is told that there is room again
  kCarriageReturnLost,    // a read that ends inside CRLF loses the CR
  kNodeClockSlow,         // a node's wall clock runs at half the speed that the oracles believe
  kNodeClockFast,         // ... at twice the speed
  kReplyRepeated,         // a request gets the reply of the one before it
  kTransactionTorn,       // MULTI and EXEC do not reach the server: the commands run one by one
  kWatchIgnored,          // WATCH does not reach the server
  kStaleRead,             // a read returns what the one before it did
  kWriteLost,             // an acknowledged write is not done
  kWriteTwice,            // an increment is done twice
  kExpiryDropped,         // a deadline is not set
  kStepBackLies,          // a wall clock that is set back goes back twice as far as it says
  kCloseUnnoticed,        // a node does not hear that a client has hung up
  kDiscardExecutes,       // DISCARD does what EXEC does
  kExecRepliesSwapped,    // the first two replies of a transaction change places
  kConditionIgnored,      // SET and PEXPIRE do not look at NX and XX
  kGetDelKeeps,           // GETDEL does not delete
  kRenameLosesDeadline,   // RENAME makes a key live for ever
  kKeepTtlIgnored,        // SET KEEPTTL is SET
  kSelectLost,            // SELECT does nothing on a connection that is not the first
  kUnwatchIgnored,        // UNWATCH does not reach the server
  kKeysMissOne,           // KEYS leaves a key out
  kRangeEndExclusive,     // GETRANGE ends a byte too early
  kRunsBehindQuit,        // what a pipeline has behind QUIT is executed
  kMsetnxHalfDone,        // MSETNX writes the keys that are not there
  // Those that need a cluster.
  kMovedToSelf,          // MOVED names the node that answers
  kMovedToOldOwner,      // MOVED names who it named the last time for that slot
  kForeignSlotServed,    // a read of a slot that the node does not own is answered
  kUnconfiguredServes,   // a read is answered by a node without a configuration
  kExecNotRechecked,     // EXEC does not look again who owns the slot
  kCrossSlotHalfDone,    // MSET of two slots writes the first key before it is refused
  kSlotsShowOldOwner,    // CLUSTER SLOTS shows what it showed the last time
  kLostKeysKept,         // the keys of a lost slot stay
  kOlderConfigAccepted,  // EPOCH is not looked at
  kConfigHalfInstalled,  // a refused configuration leaves another one behind
  kConfigIgnored,        // an acknowledged configuration is not applied
  kEqualConfigFlushes,   // pushing the same configuration again deletes keys
  kSubscriberNotTold,    // a shard subscriber does not hear that its slot has gone
  kShardMessageLost,     // a shard subscriber does not get a message
  kWatchAlwaysFails,     // EXEC after WATCH does nothing and answers null, whatever has happened
  kEmptyTagCounts,       // "{}" in a key's name is taken for its tag
  kPushUnanswered,       // a node answers its first pushes only
  kShardMessageTwice,    // a shard subscriber gets a message again
  kLostKeysComeBack,     // with a slot that comes back come the keys that it had
  kAppendTwice,          // what is appended is appended twice
  kStaleReplicaRead,     // a read at a replica returns what the one before it did
  kWaitWishful,          // WAIT answers what was asked for
  kNullExecRuns,  // EXEC that answers null, for a watched key has changed, writes all the same
  // Those in the server's own code, which need replicas: ServerMutant says what they do. In the
  // same order.
  kEarlyStable,
  kAckedAhead,
  kHalfLoadedKept,
  kReplicaExpires,
  kReplicaWritable,
  kLineageKept,
  kPromotedUnrecorded,
  kTransactionInParts,
  kLineageIgnored,
  kForkIgnored,
  kCutTooEarly,
  kWaitCountsLinks,
  kLagUnbounded,
  kTakeoverWrites,
  kTakeoverNotAwaited,
  kTakeoverLeftClosed,
  kLoadingReadable,
  kWritableUntilFed,
  kSilenceUnnoticed,
  kFollowsNoMore,
  kSyncsAgain,
  kExpiryLeftOff,
  kOneLaneCounted,
  kResumedTooLate,
  kOvertakenLost,
  kExpiryUnrecorded,
  kPersistUnrecorded,
  kDeadlineUnrecorded,
  kDeadlineLate,
  kRangeMisplaced,
  kGroupsUnmarked,
  kFlushUnrecorded,
  kSlotFlushUnrecorded,
  kLastSlotKept,
  kLastSlotUnopened,
  kLostKeysStay,
  kRefusedConfigShown,
  kSubscribersKept,
  kDemotedKeepsSubscribers,
  kPoisonIgnored,
  kAbortedRuns,
  kRefusedExecRuns,
  kExpiryUnwatched,
  kBackgroundSpins,
  kOldLinkCounts,
  kStaleGreetingHeeded,
  kWaitAwaitsTheLost,
  kSyncEndsEarly,
  kChunkedDeadlineLost,
  kSwapUnrecorded,
  kWaitSleeps,
  kWaitOvertaken,
  kTakenOverTwice,
  kTakeoverUnbounded,
  kMultiRefused,
  kLossForgotten,
  kReplicaKeepsSlots,
  kForeignKeysKept,
  kTakenOverNamesItself,
  kOldReplicasShown,
  kScanSkips,
  kBlockedNotWoken,
  kTakenOverNamesAnother,
  kSplitUncovered,
  kReconnectsLate,
  kOverflowForgotten,
  kFlushUnwatched,
  kExpiryUntold,
  kFlushUntold,
  kExecUntold,
  kNoLoopSilences,
  kOthersUntold,
  kToldLate,
  kForgottenUntold,
  kFirstReaderOnly,
  kPrefixIsWhole,
  kFirstChangeOnly,
  kCachingEndsAtMulti,
  kToldAheadOfReply,
  kNewestServedFirst,
  kServedStays,
  kTimedOutServed,
  kServedUnrecorded,
  kMultiWakesNobody,
  kOneServedAPush,
  kFirstKeyAwaited,
  kWaitTooShort,
  kLostSlotWaitersStay,
  kDemotedWaitersStay,
  kNamelessCountsTwice,
};
inline constexpr int kMutantCount = static_cast<int>(Mutant::kNamelessCountsTwice) + 1;
// From this one on they are in the server.
inline constexpr int kFirstServerMutant = static_cast<int>(Mutant::kEarlyStable);
static_assert(kMutantCount - kFirstServerMutant == kServerMutantCount);
// From this one on only runs of a cluster find them.
inline constexpr int kFirstClusterMutant = static_cast<int>(Mutant::kMovedToSelf);

// "canary", "bytes-reordered", ...
absl::string_view MutantName(Mutant mutant);
// Whether it is that one in the server's code.
inline bool IsServerMutant(Mutant mutant, ServerMutant in_server) {
  return static_cast<int>(mutant) == kFirstServerMutant + static_cast<int>(in_server);
}
// False if no mutant has this name.
bool ParseMutant(absl::string_view name, Mutant* out);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_MUTANTS_MUTANTS_H_
