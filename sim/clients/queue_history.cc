#include "sim/clients/queue_history.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

std::vector<std::string> QueueHistory::AllKeys() {
  std::vector<std::string> keys;
  for (uint64_t group = 0; group < kGroupCount; ++group) {
    for (const char queue : {'a', 'b', 'c', 'd', 'z'}) keys.push_back(Key(group, queue));
  }
  return keys;
}

QueueOracle& QueueHistory::life(int incarnation) {
  const auto [life, is_new] = lives_.try_emplace(incarnation);
  if (is_new) {
    for (uint64_t group = 0; group < kGroupCount; ++group) {
      life->second.SetOrder(Key(group, 'c'), QueueOracle::Order::kLastIn);
      life->second.SetOrder(Key(group, 'z'), QueueOracle::Order::kLowestScore);
    }
  }
  return life->second;
}

void QueueHistory::CheckAll(absl::string_view name, OracleBoard* board) {
  for (auto& [incarnation, life] : lives_) {
    life.BeginCalm(calm_since_ns_, late_ns_);
    life.Check(absl::StrCat(name, " (process ", incarnation, ")"), board);
  }
}

}  // namespace damselfly::sim
