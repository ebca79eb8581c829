#include "sim/cluster/interval_register.h"

#include <algorithm>

namespace damselfly::sim {

void IntervalRegister::Add(int64_t begin_ns, int64_t end_ns, bool certain, int64_t value) {
  writes_of_value_[value].push_back(writes_.size());
  writes_.push_back({begin_ns, end_ns, certain, value});
  sorted_ = false;
}

void IntervalRegister::Sort() const {
  settled_.clear();
  for (const Write& write : writes_) {
    if (write.certain) settled_.emplace_back(write.end_ns, write.begin_ns);
  }
  std::sort(settled_.begin(), settled_.end());
  for (size_t i = 1; i < settled_.size(); ++i)
    settled_[i].second = std::max(settled_[i].second, settled_[i - 1].second);
  sorted_ = true;
}

int64_t IntervalRegister::SettledSince(int64_t begin_ns) const {
  if (!sorted_) Sort();
  const auto next = std::lower_bound(settled_.begin(), settled_.end(),
                                     std::pair<int64_t, int64_t>(begin_ns, INT64_MIN));
  return next == settled_.begin() ? INT64_MIN : std::prev(next)->second;
}

bool IntervalRegister::MayHold(int64_t value, int64_t begin_ns, int64_t end_ns) const {
  const auto found = writes_of_value_.find(value);
  if (found == writes_of_value_.end()) return false;
  const int64_t settled_ns = SettledSince(begin_ns);
  for (size_t number : found->second) {
    const Write& write = writes_[number];
    if (write.begin_ns <= end_ns && write.end_ns >= settled_ns) return true;
  }
  return false;
}

bool IntervalRegister::MayChange(int64_t begin_ns, int64_t end_ns) const {
  return std::any_of(writes_.begin(), writes_.end(), [&](const Write& write) {
    return write.begin_ns <= end_ns && write.end_ns >= begin_ns;
  });
}

void IntervalRegister::ForEachPossible(int64_t begin_ns, int64_t end_ns,
                                       absl::FunctionRef<void(int64_t value)> visit) const {
  const int64_t settled_ns = SettledSince(begin_ns);
  for (const Write& write : writes_) {
    if (write.begin_ns <= end_ns && write.end_ns >= settled_ns) visit(write.value);
  }
}

}  // namespace damselfly::sim
