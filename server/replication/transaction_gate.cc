#include "server/replication/transaction_gate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"

namespace damselfly {

absl::StatusOr<TransactionParts> TransactionGate::Arrive(std::unique_ptr<TransactionPart> part) {
  const uint64_t id = part->record.transaction_id;
  const uint64_t parts_expected = part->record.lane_count;
  DFLY_CHECK(id != 0);
  if (parts_expected > static_cast<uint64_t>(lane_count_)) {
    return absl::DataLossError(
        absl::StrCat("transaction ", id, " in ", parts_expected, " of ", lane_count_, " lanes"));
  }
  if (in_parts_) {
    TransactionParts alone;
    alone.push_back(std::move(part));
    return alone;
  }
  std::lock_guard<std::mutex> guard(mutex_);
  TransactionParts& parts = waiting_[id];
  for (const std::unique_ptr<TransactionPart>& other : parts) {
    if (other->lane == part->lane || other->record.lane_count != parts_expected)
      return absl::DataLossError(absl::StrCat("transaction ", id, " does not fit together"));
  }
  parts.push_back(std::move(part));
  if (parts.size() < parts_expected) return TransactionParts();
  TransactionParts complete = std::move(parts);
  waiting_.erase(id);
  std::sort(complete.begin(), complete.end(),
            [](const auto& one, const auto& other) { return one->lane < other->lane; });
  return complete;
}

}  // namespace damselfly
