#include "sim/cluster/push_ledger.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

std::string OccasionText(const Occasion& occasion) {
  return absl::StrCat("node ", occasion.node, " (process ", occasion.incarnation, ") at ",
                      occasion.begin_ns, "..", occasion.end_ns, " ns");
}

int PushLedger::AddConfig(const Topology& topology) {
  configs_.push_back(topology);
  return static_cast<int>(configs_.size()) - 1;
}

void PushLedger::Add(Push push) {
  const bool certain = push.outcome == PushOutcome::kApplied;
  const bool possible = certain || push.outcome == PushOutcome::kUnknown;
  const int number = static_cast<int>(pushes_.size());
  if (possible && push.config != Push::kInvalidConfig) {
    const auto [at, is_new] =
        nodes_.try_emplace({push.occasion.node, push.occasion.incarnation}, NodeHistory());
    if (is_new) at->second.in_force.Add(INT64_MIN, INT64_MIN, true, kUnconfigured);
    at->second.in_force.Add(push.occasion.begin_ns, push.occasion.end_ns, certain, number);
    at->second.applied.push_back(number);
  }
  pushes_.push_back(std::move(push));
}

const PushLedger::NodeHistory* PushLedger::Find(const Occasion& occasion) const {
  const auto found = nodes_.find({occasion.node, occasion.incarnation});
  return found == nodes_.end() ? nullptr : &found->second;
}

std::vector<int> PushLedger::PossiblePushes(const Occasion& occasion) const {
  const NodeHistory* const history = Find(occasion);
  if (history == nullptr) return {kUnconfigured};
  std::vector<int> pushes;
  history->in_force.ForEachPossible(occasion.begin_ns, occasion.end_ns, [&](int64_t number) {
    pushes.push_back(static_cast<int>(number));
  });
  return pushes;
}

bool PushLedger::MayOwn(const Occasion& occasion, int slot) const {
  for (int number : PossiblePushes(occasion)) {
    if (number == kUnconfigured) continue;
    const int config_number = pushes_[static_cast<size_t>(number)].config;
    if (config(config_number).owner(slot) == occasion.node) return true;
  }
  return false;
}

bool PushLedger::MayBeUnconfigured(const Occasion& occasion) const {
  for (int number : PossiblePushes(occasion)) {
    if (number == kUnconfigured) return true;
  }
  return false;
}

const std::vector<int>& PushLedger::AppliedAt(int node, int incarnation) const {
  const auto found = nodes_.find({node, incarnation});
  return found == nodes_.end() ? nothing_ : found->second.applied;
}

}  // namespace damselfly::sim
