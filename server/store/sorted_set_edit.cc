#include "server/store/sorted_set_edit.h"

#include <cstdint>

namespace damselfly {
namespace {

OperationWriter& Begin(OperationWriter* steps, SortedSetStep step) {
  return steps->Code(static_cast<uint8_t>(step));
}

}  // namespace

SortedSetValue::Outcome SortedSetEdit::Update(absl::string_view member,
                                              SortedSetValue::Decide decide) {
  double score = 0;
  const SortedSetValue::Outcome outcome = value<SortedSetValue>().Update(
      member,
      [&](const double* present, double* chosen) {
        const bool is_set = decide(present, chosen);
        score = *chosen;
        return is_set;
      },
      context());
  if (outcome == SortedSetValue::Outcome::kUnchanged) return outcome;
  if (OperationWriter* const steps = Changed())
    Begin(steps, SortedSetStep::kSet).Bytes(member).Double(score);
  return outcome;
}

SortedSetValue::Outcome SortedSetEdit::Set(absl::string_view member, double score) {
  return Update(member, [score](const double*, double* chosen) {
    *chosen = score;
    return true;
  });
}

bool SortedSetEdit::Erase(absl::string_view member) {
  if (!value<SortedSetValue>().Erase(member)) return false;
  if (OperationWriter* const steps = Changed()) Begin(steps, SortedSetStep::kErase).Bytes(member);
  return true;
}

void SortedSetEdit::EraseRanks(const RankRange& range) {
  if (range.empty()) return;
  value<SortedSetValue>().EraseRanks(range);
  if (OperationWriter* const steps = Changed())
    Begin(steps, SortedSetStep::kEraseRanks).Number(range.first).Number(range.count());
}

}  // namespace damselfly
