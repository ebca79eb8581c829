#ifndef DAMSELFLY_SIM_ORACLES_ORACLE_BOARD_H_
#define DAMSELFLY_SIM_ORACLES_ORACLE_BOARD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace damselfly::sim {

// What is checked, by the numbers of the simulator's specification.
enum class Oracle : uint8_t {
  kCanary,          // M0
  kOneOwner,        // S1: a node executes a command only for a slot that its configuration gives it
  kNoForeignKeys,   // S2: a node holds no key of a slot that it does not own
  kTruthfulMoved,   // S3: MOVED names the key's slot and its owner, never the responder
  kRedirectsEnd,    // S4: once all nodes have the last topology a client arrives in at most one hop
  kConfigAtomic,    // S5: a request that was redirected or refused has changed nothing
  kConfigOrder,     // S6: no older configuration is accepted, none is refused without a reason
  kOneSlot,         // S7: a request of several slots is refused, and has changed nothing
  kIntrospection,   // S8: what a node tells about the cluster is what its configuration says
  kUnconfigured,    // S9: a node without a configuration executes no command with a key
  kPrefix,          // S10: a node at a position of a lane holds what the journal says up to there
  kExactlyOnce,     // S11: no increment and no token is there twice, or lost
  kCutConsistency,  // S12: a full sync ends with what its master was
  kResumeHonesty,   // S14: a replica goes on only in a history that it has a beginning of
  kLineageFork,     // S15: one process writes in a lineage
  kReplicaPassive,  // S16: a replica changes by its master's stream alone
  kAckedPosition,   // S17: a master does not take for applied what is not
  kWait,            // S18: what WAIT has counted was there, and is after a promotion
  kTakeoverLosesNothing,  // S19: a takeover loses no acknowledged write
  kCrashLossIsSuffix,     // S22: who is promoted has all that it had applied, and nothing else
  kNoResurrection,        // S23: what was lost with its slot does not come back
  kLinearizable,     // S24: operations on one key look as if done one at a time, within their times
  kSession,          // S25: a client that alone uses its keys gets what a sequential model says
  kReplicaReads,     // S26: what a replica answers its master has held, at its position
  kPairing,          // S27: one reply a request, in order, on its own connection
  kAllOrNothing,     // S28: nobody sees half a transaction
  kWatch,            // S29: EXEC succeeds if and only if no watched key has changed
  kAtomicOnReplica,  // S30: a replica shows all of a transaction or nothing of it
  kBlockingPops,     // S31: each element goes to one client or stays, who waits longest gets it
  kWaitersLeave,     // S32: who waits for a key leaves with its slot, and with mastership
  kShardChannels,    // S33: shard subscribers get everything once, in order, until the slot goes
  kInvalidation,     // S34: who keeps what it has read is told before it could read what is newer
  kNoLateRead,       // S35: no key is seen past its deadline
  kNoEarlyDeath,     // S36: no key dies before its deadline
  kDeadlineIdentity,  // S37: deadlines are equal on master and replica
  kDeleteByStream,    // S38: a key that has expired goes by the journal
  kBoundedMemory,     // S39: what waits for a replica stays within its limit
  kNoResidue,         // S40: when all clients have gone, nothing of them is left
  kCrashOnly,         // S41: no node dies by itself, none burns events without end
  kConvergence,       // L1: after the healing every replica becomes equal to its master, in time
  kEverySlot,         // L3: after the healing every slot answers
  kNoStuckClient,     // L4: every request is answered, or its connection closed
  kTakeoverEnds,      // L5: a takeover succeeds, or the old master serves on
  kNoStorm,           // L7: after the healing at most one full sync a replica
  kCoreLiveness,      // L8: what is left when everything else has failed for good goes on serving
  kExpiryCompletes,   // L9: what has expired goes, whether or not anybody asks for it
  kControlPlane,      // L10: after the healing every node takes the last configuration
  kScript,            // every step of a script comes out as it should
};
inline constexpr size_t kOracleCount = static_cast<size_t>(Oracle::kScript) + 1;

// "S24 linearizable", ...
absl::string_view OracleName(Oracle oracle);

// Where oracles say what they have found. Keeps the first violation and counts the checks: an
// oracle that never checked anything has proved nothing.
class OracleBoard {
 public:
  // `on_violation` is called at the first one.
  explicit OracleBoard(std::function<void()> on_violation = [] {})
      : on_violation_(std::move(on_violation)) {}

  void CountCheck(Oracle oracle) { ++checks_[Index(oracle)]; }
  uint64_t checks(Oracle oracle) const { return checks_[Index(oracle)]; }

  void Violate(Oracle oracle, std::string message);

  bool violated() const { return violated_; }
  Oracle first_oracle() const { return first_oracle_; }
  const std::string& first_message() const { return first_message_; }

 private:
  static size_t Index(Oracle oracle) { return static_cast<size_t>(oracle); }

  std::function<void()> on_violation_;
  std::array<uint64_t, kOracleCount> checks_{};
  bool violated_ = false;
  Oracle first_oracle_ = Oracle::kCanary;
  std::string first_message_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_ORACLE_BOARD_H_
