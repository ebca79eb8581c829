#ifndef DAMSELFLY_SIM_REPLICATION_NODE_PROBE_H_
#define DAMSELFLY_SIM_REPLICATION_NODE_PROBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "server/session/replication_view.h"
#include "sim/node/sim_node.h"
#include "sim/replication/node_view.h"

namespace damselfly::sim {

// Looks into a node that runs, past all that it says. Outside of its call-backs, and changes
// nothing. Sees the slots of the keys that clients use, in the databases that they use; AllContents
// sees all of both.
class NodeProbe final : public NodeMemory {
 public:
  // From 0 on.
  static constexpr int kDatabaseCount = 3;

  // Both outlive the probe. `slots` ascend.
  NodeProbe(int number, SimNode* node, const std::vector<uint16_t>* slots)
      : number_(number), node_(node), slots_(slots) {}

  // Requires that the node runs, as all here do.
  NodeView View() const;
  // Whether View() is `view`, for a fraction of the time.
  bool IsStill(const NodeView& view) const;
  ReplicationFacts Facts() const;
  Contents AllContents() const;

  uint64_t SlotDigest(uint16_t slot) const override;
  void LaneDigests(int lane, int lane_count, SlotDigests* digests) const override;
  Contents LaneContents(int lane, int lane_count) const override;
  uint64_t KeyCount() const override;
  bool ReadRecords(int lane, uint64_t position, std::vector<std::string>* records) const override;

 private:
  template <typename Visit>
  void ForEachInSlot(uint16_t slot, const Visit& visit) const;
  Store& store() const { return node_->node().store(); }

  const int number_;
  SimNode* const node_;
  const std::vector<uint16_t>* const slots_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_NODE_PROBE_H_
