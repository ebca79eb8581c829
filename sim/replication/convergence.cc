#include "sim/replication/convergence.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "sim/replication/node_probe.h"

namespace damselfly::sim {
namespace {

std::string WhyNot(const SimNodes& nodes, const Operator& op, bool equal) {
  const std::vector<uint16_t> no_slots;
  std::vector<NodeView> views;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i]->running()) return absl::StrCat("node ", i, " does not run");
    views.push_back(NodeProbe(static_cast<int>(i), nodes[i].get(), &no_slots).View());
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    const int master = op.master_of(static_cast<int>(i));
    const NodeView& view = views[i];
    if (master == Operator::kNone) {
      if (view.serves_master()) continue;
      return absl::StrCat("no master: ", ViewText(view));
    }
    const NodeView& of_master = views[static_cast<size_t>(master)];
    if (!view.serves_replica()) return absl::StrCat("no replica: ", ViewText(view));
    if (view.lineage != of_master.lineage || (equal && view.positions != of_master.positions))
      return absl::StrCat("not the same: ", ViewText(of_master), " and ", ViewText(view));
    if (!NodeProbe(static_cast<int>(i), nodes[i].get(), &no_slots).Facts().link_up)
      return absl::StrCat("no link: ", ViewText(view));
  }
  return "";
}

std::string Shown(const Held* held) {
  if (held == nullptr) return "nothing";
  return absl::StrCat("\"", absl::CHexEscape(held->data->substr(0, 40)), "\" (", held->data->size(),
                      " bytes) until ", held->expiry_ms);
}

}  // namespace

std::string WhyNotFollowing(const SimNodes& nodes, const Operator& op) {
  return WhyNot(nodes, op, false);
}

std::string WhyNotEqual(const SimNodes& nodes, const Operator& op) {
  return WhyNot(nodes, op, true);
}

std::string WhatDiffers(const Contents& master, const Contents& replica, bool* only_deadlines) {
  std::set<KeyName> keys;
  for (const auto& [key, held] : master) keys.insert(key);
  for (const auto& [key, held] : replica) keys.insert(key);
  *only_deadlines = true;
  std::string text;
  for (const KeyName& key : keys) {
    const auto of_master = master.find(key);
    const auto of_replica = replica.find(key);
    const Held* const want = of_master == master.end() ? nullptr : &of_master->second;
    const Held* const have = of_replica == replica.end() ? nullptr : &of_replica->second;
    const bool same_data = want != nullptr && have != nullptr && *want->data == *have->data;
    if (same_data && want->expiry_ms == have->expiry_ms) continue;
    *only_deadlines = *only_deadlines && same_data;
    absl::StrAppend(&text, key.second, " (database ", key.first, "): ", Shown(want),
                    " at the master, ", Shown(have), " at the replica\n");
  }
  return text;
}

void CompareContents(const SimNodes& nodes, const Operator& op, OracleBoard* board) {
  const std::vector<uint16_t> no_slots;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const int master = op.master_of(static_cast<int>(i));
    if (master == Operator::kNone) continue;
    bool only_deadlines = false;
    const std::string difference = WhatDiffers(
        NodeProbe(master, nodes[static_cast<size_t>(master)].get(), &no_slots).AllContents(),
        NodeProbe(static_cast<int>(i), nodes[i].get(), &no_slots).AllContents(), &only_deadlines);
    board->CountCheck(Oracle::kConvergence);
    board->CountCheck(Oracle::kDeadlineIdentity);
    if (difference.empty()) continue;
    board->Violate(
        only_deadlines ? Oracle::kDeadlineIdentity : Oracle::kConvergence,
        absl::StrCat("node ", i, " differs from its master, node ", master, ":\n", difference));
  }
}

std::string WhatIsOverdue(const Contents& contents, int64_t since_ms) {
  std::string text;
  for (const auto& [key, held] : contents) {
    if (held.expiry_ms < 0 || held.expiry_ms >= since_ms) continue;
    absl::StrAppend(&text, key.second, " (database ", key.first, "): ", Shown(&held), "\n");
  }
  return text;
}

void CheckExpired(const SimNodes& nodes, const Operator& op, int64_t late_ns, OracleBoard* board) {
  const std::vector<uint16_t> no_slots;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (op.master_of(static_cast<int>(i)) != Operator::kNone || !nodes[i]->running()) continue;
    board->CountCheck(Oracle::kExpiryCompletes);
    const int64_t since_ms = (nodes[i]->host().clock().WallUs() - late_ns / 1000) / 1000;
    const std::string overdue = WhatIsOverdue(
        NodeProbe(static_cast<int>(i), nodes[i].get(), &no_slots).AllContents(), since_ms);
    if (overdue.empty()) continue;
    board->Violate(Oracle::kExpiryCompletes,
                   absl::StrCat("long after their deadlines node ", i, " still holds\n", overdue));
    return;
  }
}

}  // namespace damselfly::sim
