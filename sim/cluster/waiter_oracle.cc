#include "sim/cluster/waiter_oracle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {

void WaiterOracle::Check(
    const std::function<int64_t(const Occasion& occasion, int slot, int64_t late_ns)>& gone_ns,
    OracleBoard* board) const {
  if (late_ns_ == kNever) return;
  for (const Wait& wait : waits_) {
    const Occasion& occasion = wait.occasion;
    board->CountCheck(Oracle::kWaitersLeave);
    if (occasion.end_ns - occasion.begin_ns <= late_ns_) continue;
    const int64_t gone = gone_ns(occasion, KeySlot(wait.key), late_ns_);
    if (gone == kNever || stands_until_ns_(occasion.node) > gone ||
        occasion.end_ns - gone <= late_ns_)
      continue;
    board->Violate(Oracle::kWaitersLeave,
                   absl::StrCat(OccasionText(occasion), ": somebody waited for ", wait.key,
                                ", which the node had nothing to do with from ", gone, " ns on"));
  }
}

int64_t SlotGoneNs(const PushLedger& ledger, const Occasion& occasion, int slot, int64_t late_ns) {
  for (const int number : ledger.AppliedAt(occasion.node, occasion.incarnation)) {
    const Push& push = ledger.pushes()[static_cast<size_t>(number)];
    const int64_t gone = push.occasion.end_ns;
    if (push.outcome != PushOutcome::kApplied || gone < occasion.begin_ns ||
        gone > occasion.end_ns - late_ns)
      continue;
    // At the very end of the push what was before it may have been in force yet.
    const Occasion afterwards = {occasion.node, occasion.incarnation, gone + 1, gone + late_ns};
    if (!ledger.MayOwn(afterwards, slot)) return gone;
  }
  return WaiterOracle::kNever;
}

}  // namespace damselfly::sim
