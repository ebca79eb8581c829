#ifndef DAMSELFLY_SERVER_RUNTIME_MUTANT_H_
#define DAMSELFLY_SERVER_RUNTIME_MUTANT_H_

#include <cstdint>

namespace damselfly {

// Deliberate bugs in the server's own code, one at a time, that the simulator's oracles must find:
// the proof that a clean sweep means something. Asked for with Runtime::HasMutant, where nothing is
// in a hurry; no real runtime has any.
enum class ServerMutant : uint8_t {
  // A replica.
  kEarlyStable,         // serves when the first lane has been filled
  kAckedAhead,          // its master takes what has been sent for applied
  kHalfLoadedKept,      // promoted in the middle of a full sync, it keeps what had come
  kReplicaExpires,      // deletes by its own clock
  kReplicaWritable,     // takes writes from clients once it has been filled
  kLineageKept,         // promoted, it goes on in the old master's name
  kPromotedUnrecorded,  // promoted, it does not journal what it is told
  kTransactionInParts,  // applies each lane's part of a transaction when it comes
  // A master.
  kLineageIgnored,      // resumes whoever names positions that it keeps
  kForkIgnored,         // resumes who has gone on in the old lineage beyond the fork
  kCutTooEarly,         // tells the replica one record less than the snapshot holds
  kWaitCountsLinks,     // WAIT counts replicas, whatever they have acknowledged
  kLagUnbounded,        // whatever waits for a replica, it is not cut off
  kTakeoverWrites,      // goes on taking writes while it is taken over
  kTakeoverNotAwaited,  // hands over before the replica has everything
  kTakeoverLeftClosed,  // a takeover that fails leaves it closed
  // A replica, more of them.
  kLoadingReadable,   // answers reads while it is being filled
  kWritableUntilFed,  // takes writes until its master has begun to fill it
  kSilenceUnnoticed,  // waits for ever for a master that has fallen silent
  kFollowsNoMore,     // a takeover that fails is the end of replication
  kSyncsAgain,        // what has been filled is filled once more
  // A master, more of them.
  kExpiryLeftOff,   // a takeover that fails leaves it without expiry
  kOneLaneCounted,  // takes for acknowledged what one lane has acknowledged
  kResumedTooLate,  // resumes one record behind where the replica is
  kOvertakenLost,   // a full sync misses what writers change ahead of it
  // What a master writes into its journal.
  kExpiryUnrecorded,     // that a key has expired
  kPersistUnrecorded,    // that a key lives for ever again
  kDeadlineUnrecorded,   // that a key has got another deadline
  kDeadlineLate,         // a deadline as if the key began to live later
  kRangeMisplaced,       // what is put into a string, one byte further
  kGroupsUnmarked,       // what belongs together as if it did not
  kFlushUnrecorded,      // that a database has been emptied
  kSlotFlushUnrecorded,  // that a slot has been emptied
  // A node of a cluster.
  kLastSlotKept,             // of the slots that it loses it goes on serving the last
  kLastSlotUnopened,         // of those that it gains it does not serve the last
  kLostKeysStay,             // the keys of lost slots stay in memory
  kRefusedConfigShown,       // shows a configuration that it has refused
  kSubscribersKept,          // goes on delivering to shard subscribers of lost slots
  kDemotedKeepsSubscribers,  // ... when it has been taken over
  // Any node.
  kPoisonIgnored,    // EXEC runs what could be queued although something could not
  kAbortedRuns,      // ... and says that it has not
  kRefusedExecRuns,  // EXEC runs although its slot has gone, and redirects
  kExpiryUnwatched,  // WATCH does not see that a key has expired
  kBackgroundSpins,  // background work is never done
  // Replication once more.
  kOldLinkCounts,        // a replica that comes back has its old link beside the new one
  kStaleGreetingHeeded,  // what a replica has let go of, and comes late, ends what it has now
  kWaitAwaitsTheLost,    // when a replica has gone, WAIT has no answer but at its timeout
  // More of them, each of its kind.
  kSyncEndsEarly,         // a full sync ends before the flush that spared it the rest
  kChunkedDeadlineLost,   // a value that comes in pieces lives for ever
  kSwapUnrecorded,        // that two databases have changed places is not journaled
  kWaitSleeps,            // WAIT has no answer but at its timeout
  kWaitOvertaken,         // what is sent behind WAIT runs while WAIT waits
  kTakenOverTwice,        // who has been taken over can be taken over again
  kTakeoverUnbounded,     // a takeover may take as long as the replica likes
  kMultiRefused,          // refuses MULTI while it is taken over, and runs what follows alone
  kLossForgotten,         // a takeover that fails brings back what a configuration has taken
  kReplicaKeepsSlots,     // a replica goes on serving the slots that its shard loses
  kForeignKeysKept,       // promoted, it keeps the keys of slots that are not its own
  kTakenOverNamesItself,  // when it has been taken over it goes on redirecting to itself
  kOldReplicasShown,      // when it has been taken over it shows the replicas that it had
  // Still more.
  kScanSkips,              // SCAN goes on with the next slot, whatever a slot has left
  kBlockedNotWoken,        // who waits while it is taken over goes on waiting
  kTakenOverNamesAnother,  // when it has been taken over it redirects to the first of its replicas
  kSplitUncovered,         // a full sync misses what stands where a table splits ahead of it
  kReconnectsLate,         // a replica makes another link long after one has broken
  kOverflowForgotten,      // a full sync goes on without what waited too long to be sent
  kFlushUnwatched,         // WATCH does not see that a database has been emptied
  // Client-side caching.
  kExpiryUntold,        // a key that has expired invalidates nothing
  kFlushUntold,         // what is flushed invalidates nothing
  kExecUntold,          // what EXEC changes invalidates nothing
  kNoLoopSilences,      // what a client with NOLOOP changes nobody is told
  kOthersUntold,        // readers on other workers than the writer's are not told
  kToldLate,            // ... are told in a later pass, whatever they read before
  kForgottenUntold,     // keys of a full table are forgotten in silence
  kFirstReaderOnly,     // of those who have read a key one is told
  kPrefixIsWhole,       // BCAST tells of the key that is called like the prefix
  kFirstChangeOnly,     // BCAST tells of the first change of a pass
  kCachingEndsAtMulti,  // CLIENT CACHING YES does not reach into EXEC
  kToldAheadOfReply,    // a client's own changes invalidate ahead of the reply
  // Clients that wait for keys.
  kNewestServedFirst,    // who has come last is served first
  kServedStays,          // what somebody has waited for stays in the list too
  kTimedOutServed,       // who has been told that the time is over is served all the same
  kServedUnrecorded,     // what is served to who waits is not journaled
  kMultiWakesNobody,     // what EXEC pushes wakes nobody
  kOneServedAPush,       // a push serves one who waits, whatever it has pushed
  kFirstKeyAwaited,      // of several keys only the first one is waited for
  kWaitTooShort,         // the time is over at half of it
  kLostSlotWaitersStay,  // who waits for a key of a slot that goes is not told
  kDemotedWaitersStay,   // ... or when the node becomes a replica
  // Replication, where machines vanish.
  kNamelessCountsTwice,  // a nameless replica that has started anew counts beside its old link
};
inline constexpr int kServerMutantCount = static_cast<int>(ServerMutant::kNamelessCountsTwice) + 1;

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_MUTANT_H_
