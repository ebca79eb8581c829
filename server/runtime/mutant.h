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
};
inline constexpr int kServerMutantCount = static_cast<int>(ServerMutant::kTakeoverLeftClosed) + 1;

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_MUTANT_H_
