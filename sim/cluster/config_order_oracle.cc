#include "sim/cluster/config_order_oracle.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

// `earlier` stands in the way of accepting `push`.
bool Forbids(const PushLedger& ledger, const Push& earlier, const Push& push) {
  if (earlier.epoch == Push::kNoEpoch) return false;
  if (earlier.epoch != push.epoch) return earlier.epoch > push.epoch;
  return earlier.config != push.config &&
         !(ledger.config(earlier.config) == ledger.config(push.config));
}

std::string PushText(const Push& push) {
  return absl::StrCat(OccasionText(push.occasion), ", configuration ", push.config, ", epoch ",
                      push.epoch);
}

void CheckAccepted(const PushLedger& ledger, const Push& push, OracleBoard* board) {
  if (push.config == Push::kInvalidConfig) {
    board->Violate(Oracle::kConfigOrder,
                   absl::StrCat(PushText(push), ": accepted, and is no configuration"));
    return;
  }
  if (push.epoch == Push::kNoEpoch) return;
  for (int number : ledger.AppliedAt(push.occasion.node, push.occasion.incarnation)) {
    const Push& other = ledger.pushes()[static_cast<size_t>(number)];
    if (other.outcome != PushOutcome::kApplied || !Forbids(ledger, other, push)) continue;
    if (other.occasion.end_ns >= push.occasion.begin_ns) continue;
    board->Violate(Oracle::kConfigOrder,
                   absl::StrCat(PushText(push), ": accepted after ", PushText(other)));
    return;
  }
}

void CheckStale(const PushLedger& ledger, const Push& push, OracleBoard* board) {
  for (int number : ledger.AppliedAt(push.occasion.node, push.occasion.incarnation)) {
    const Push& other = ledger.pushes()[static_cast<size_t>(number)];
    if (other.occasion.begin_ns <= push.occasion.end_ns && push.epoch != Push::kNoEpoch &&
        Forbids(ledger, other, push))
      return;
  }
  board->Violate(Oracle::kConfigOrder,
                 absl::StrCat(PushText(push), ": refused (", push.answer,
                              ") although nothing newer can have been accepted"));
}

}  // namespace

void CheckConfigOrder(const PushLedger& ledger, OracleBoard* board) {
  for (const Push& push : ledger.pushes()) {
    switch (push.outcome) {
      case PushOutcome::kApplied:
        board->CountCheck(Oracle::kConfigOrder);
        CheckAccepted(ledger, push, board);
        break;
      case PushOutcome::kStale:
        board->CountCheck(Oracle::kConfigOrder);
        if (push.config != Push::kInvalidConfig) CheckStale(ledger, push, board);
        break;
      case PushOutcome::kInvalid:
        board->CountCheck(Oracle::kConfigOrder);
        if (push.config == Push::kInvalidConfig) break;
        board->Violate(
            Oracle::kConfigOrder,
            absl::StrCat(PushText(push), ": a configuration was refused: ", push.answer));
        break;
      case PushOutcome::kUnknown:
      case PushOutcome::kNever:
        break;
    }
  }
}

}  // namespace damselfly::sim
