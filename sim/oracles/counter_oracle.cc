#include "sim/oracles/counter_oracle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

void CounterOracle::Check(absl::string_view key, OracleBoard* board) const {
  std::vector<Operation> by_value = done_;
  std::sort(by_value.begin(), by_value.end(),
            [](const Operation& a, const Operation& b) { return a.value < b.value; });
  for (size_t i = 0; i < by_value.size() + reads_.size(); ++i)
    board->CountCheck(Oracle::kLinearizable);
  for (size_t i = 1; i < by_value.size(); ++i) {
    if (by_value[i].value != by_value[i - 1].value) continue;
    board->Violate(Oracle::kLinearizable,
                   absl::StrCat(key, ": two increments returned ", by_value[i].value));
    return;
  }
  if (!by_value.empty()) {
    const int64_t possible_max = static_cast<int64_t>(by_value.size()) + unknown_;
    if (by_value.back().value > possible_max || by_value.front().value < 1) {
      board->Violate(Oracle::kLinearizable,
                     absl::StrCat(key, ": reached ", by_value.back().value, " by at most ",
                                  possible_max, " increments"));
      return;
    }
  }
  // In the order of values nothing may end before something smaller has begun.
  by_value.insert(by_value.end(), reads_.begin(), reads_.end());
  std::stable_sort(by_value.begin(), by_value.end(),
                   [](const Operation& a, const Operation& b) { return a.value < b.value; });
  int64_t latest_begin_ns = INT64_MIN;
  int64_t latest_value = 0;
  int64_t smaller_begin_ns = INT64_MIN;  // the latest among those of a smaller value
  int64_t smaller_value = 0;
  for (size_t i = 0; i < by_value.size(); ++i) {
    if (i > 0 && by_value[i].value != by_value[i - 1].value) {
      smaller_begin_ns = latest_begin_ns;
      smaller_value = latest_value;
    }
    if (by_value[i].end_ns < smaller_begin_ns) {
      board->Violate(Oracle::kLinearizable,
                     absl::StrCat(key, ": was ", by_value[i].value, " before ", by_value[i].end_ns,
                                  " ns and ", smaller_value, " after ", smaller_begin_ns, " ns"));
      return;
    }
    if (by_value[i].begin_ns > latest_begin_ns) {
      latest_begin_ns = by_value[i].begin_ns;
      latest_value = by_value[i].value;
    }
  }
}

}  // namespace damselfly::sim
