#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

absl::string_view OracleName(Oracle oracle) {
  switch (oracle) {
    case Oracle::kCanary:
      return "M0 canary";
    case Oracle::kLinearizable:
      return "S24 linearizable";
    case Oracle::kSession:
      return "S25 session";
    case Oracle::kPairing:
      return "S27 pairing";
    case Oracle::kAllOrNothing:
      return "S28 all-or-nothing";
    case Oracle::kWatch:
      return "S29 watch";
    case Oracle::kNoLateRead:
      return "S35 no late read";
    case Oracle::kNoEarlyDeath:
      return "S36 no early death";
    case Oracle::kNoResidue:
      return "S40 no residue";
    case Oracle::kCrashOnly:
      return "S41 crash-only";
    case Oracle::kNoStuckClient:
      return "L4 no stuck client";
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
