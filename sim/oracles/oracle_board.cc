#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

absl::string_view OracleName(Oracle oracle) {
  switch (oracle) {
    case Oracle::kCanary:
      return "M0 canary";
    case Oracle::kOneOwner:
      return "S1 one owner";
    case Oracle::kNoForeignKeys:
      return "S2 no foreign keys";
    case Oracle::kTruthfulMoved:
      return "S3 truthful redirect";
    case Oracle::kRedirectsEnd:
      return "S4 redirects end";
    case Oracle::kConfigAtomic:
      return "S5 config atomicity";
    case Oracle::kConfigOrder:
      return "S6 config order";
    case Oracle::kOneSlot:
      return "S7 single slot";
    case Oracle::kIntrospection:
      return "S8 introspection";
    case Oracle::kUnconfigured:
      return "S9 unconfigured closed";
    case Oracle::kPrefix:
      return "S10 prefix";
    case Oracle::kExactlyOnce:
      return "S11 exactly once";
    case Oracle::kCutConsistency:
      return "S12 cut consistency";
    case Oracle::kResumeHonesty:
      return "S14 resume honesty";
    case Oracle::kLineageFork:
      return "S15 lineage fork";
    case Oracle::kReplicaPassive:
      return "S16 replica passivity";
    case Oracle::kAckedPosition:
      return "S17 acked position";
    case Oracle::kWait:
      return "S18 wait";
    case Oracle::kTakeoverLosesNothing:
      return "S19 graceful takeover";
    case Oracle::kCrashLossIsSuffix:
      return "S22 crash loss";
    case Oracle::kNoResurrection:
      return "S23 no resurrection";
    case Oracle::kLinearizable:
      return "S24 linearizable";
    case Oracle::kSession:
      return "S25 session";
    case Oracle::kReplicaReads:
      return "S26 replica reads";
    case Oracle::kPairing:
      return "S27 pairing";
    case Oracle::kAllOrNothing:
      return "S28 all-or-nothing";
    case Oracle::kWatch:
      return "S29 watch";
    case Oracle::kAtomicOnReplica:
      return "S30 atomic on replica";
    case Oracle::kBlockingPops:
      return "S31 blocking pops";
    case Oracle::kWaitersLeave:
      return "S32 waiters leave";
    case Oracle::kShardChannels:
      return "S33 shard channels";
    case Oracle::kInvalidation:
      return "S34 invalidation";
    case Oracle::kNoLateRead:
      return "S35 no late read";
    case Oracle::kNoEarlyDeath:
      return "S36 no early death";
    case Oracle::kDeadlineIdentity:
      return "S37 deadline identity";
    case Oracle::kDeleteByStream:
      return "S38 delete by stream";
    case Oracle::kBoundedMemory:
      return "S39 bounded memory";
    case Oracle::kNoResidue:
      return "S40 no residue";
    case Oracle::kCrashOnly:
      return "S41 crash-only";
    case Oracle::kConvergence:
      return "L1 convergence";
    case Oracle::kEverySlot:
      return "L3 every slot answers";
    case Oracle::kNoStuckClient:
      return "L4 no stuck client";
    case Oracle::kTakeoverEnds:
      return "L5 takeover ends";
    case Oracle::kNoStorm:
      return "L7 no storm";
    case Oracle::kCoreLiveness:
      return "L8 core liveness";
    case Oracle::kExpiryCompletes:
      return "L9 expiry completes";
    case Oracle::kControlPlane:
      return "L10 control plane";
    case Oracle::kScript:
      return "a step of the script";
  }
  return "?";
}

void OracleBoard::Violate(Oracle oracle, std::string message) {
  if (violated_) return;
  violated_ = true;
  first_oracle_ = oracle;
  first_message_ = std::move(message);
  on_violation_();
}

}  // namespace damselfly::sim
