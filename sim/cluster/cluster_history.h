#ifndef DAMSELFLY_SIM_CLUSTER_CLUSTER_HISTORY_H_
#define DAMSELFLY_SIM_CLUSTER_CLUSTER_HISTORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/cluster/data_oracle.h"
#include "sim/cluster/introspection.h"
#include "sim/cluster/ownership_oracle.h"
#include "sim/cluster/push_ledger.h"
#include "sim/cluster/subscription_oracle.h"
#include "sim/cluster/topology.h"
#include "sim/cluster/view_oracle.h"
#include "sim/cluster/waiter_oracle.h"

namespace damselfly::sim {

// What the nodes of one world answered, to the clients and to the control plane, and how often what
// happened. Outlives the world's actors; judged when all is over, but
// for S6, which comes first: see ClusterRun.
struct ClusterHistory {
  std::vector<NodeAddress> nodes;
  PushLedger ledger;
  OwnershipOracle ownership;
  DataOracle data;
  ViewOracle views;
  RedirectOracle redirects;
  ForeignKeysOracle foreign_keys;
  SubscriptionOracle subscriptions;
  WaiterOracle waiters;
  std::map<std::string, uint64_t> counters;

  // All nodes are known when it is asked for first.
  const NodeIndex& node_index() {
    if (index_.size() != nodes.size()) index_ = NodeIndex(nodes);
    return index_;
  }

  void Count(absl::string_view what, uint64_t amount = 1) { counters[std::string(what)] += amount; }

  void Check(OracleBoard* board) const {
    ownership.Check(ledger, nodes, board);
    foreign_keys.Check(ledger, board);
    data.Check(ledger, board);
    redirects.Check(board);
    views.Check(ledger, board);
    subscriptions.Check(ledger, board);
    waiters.Check([this](const Occasion& occasion, int slot,
                         int64_t late_ns) { return SlotGoneNs(ledger, occasion, slot, late_ns); },
                  board);
  }

 private:
  NodeIndex index_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_CLUSTER_HISTORY_H_
