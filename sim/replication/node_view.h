#ifndef DAMSELFLY_SIM_REPLICATION_NODE_VIEW_H_
#define DAMSELFLY_SIM_REPLICATION_NODE_VIEW_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/replication/lineage.h"

namespace damselfly::sim {

// What a process of a node is at an instant, seen from inside.
struct NodeView {
  enum class Service { kActive, kLoading, kTakenOver };

  int node = 0;
  int incarnation = 0;
  bool replica = false;
  Service service = Service::kActive;
  std::string lineage;      // whose positions these are
  LanePositions positions;  // none: it keeps no journal

  bool serves_master() const { return !replica && service == Service::kActive; }
  bool serves_replica() const { return replica && service == Service::kActive; }
  friend bool operator==(const NodeView& a, const NodeView& b) {
    return a.node == b.node && a.incarnation == b.incarnation && a.replica == b.replica &&
           a.service == b.service && a.lineage == b.lineage && a.positions == b.positions;
  }
};

std::string ViewText(const NodeView& view);

// Of slots, in ascending order.
using SlotDigests = std::vector<std::pair<uint16_t, uint64_t>>;

// What a process of a node holds, for who wants to compare.
class NodeMemory {
 public:
  virtual ~NodeMemory() = default;
  // The sum of HeldDigest over all keys of a slot.
  virtual uint64_t SlotDigest(uint16_t slot) const = 0;
  // The same of each slot of a lane, of so many, that may hold anything. Fills *digests.
  virtual void LaneDigests(int lane, int lane_count, SlotDigests* digests) const = 0;
  virtual Contents LaneContents(int lane, int lane_count) const = 0;
  // In all lanes and databases. Another number than before tells that something has changed; the
  // same number tells nothing.
  virtual uint64_t KeyCount() const = 0;

  // The records of a lane from `position` on up to the end of the journal, in their wire form;
  // false when they are not all kept any more.
  virtual bool ReadRecords(int lane, uint64_t position,
                           std::vector<std::string>* records) const = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_NODE_VIEW_H_
