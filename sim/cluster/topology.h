#ifndef DAMSELFLY_SIM_CLUSTER_TOPOLOGY_H_
#define DAMSELFLY_SIM_CLUSTER_TOPOLOGY_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/base/crc16.h"

namespace damselfly::sim {

// How a node is named in configurations, and where clients reach it.
struct NodeAddress {
  std::string id;
  std::string ip;
  int port = 0;
};

// Slots [first, last], both included, that one node owns.
struct SlotRange {
  int first = 0;
  int last = 0;
  int node = 0;
};
bool operator==(const SlotRange& a, const SlotRange& b);

// Who owns which slot, by the number of the node: what one configuration says.
class Topology {
 public:
  // All slots, divided evenly in order. Requires node_count in [1, kSlotCount].
  static Topology Even(int node_count);

  int owner(int slot) const { return owners_[static_cast<size_t>(slot)]; }
  // Gives slots [first, last] to `node`.
  void Assign(int first, int last, int node);

  // As long as possible, in the order of slots.
  std::vector<SlotRange> Ranges() const;

  // The configuration to push: every node is a master, some of them with no slots.
  std::string ToJson(absl::Span<const NodeAddress> nodes) const;

  bool operator==(const Topology& other) const { return owners_ == other.owners_; }

 private:
  int EndOfRange(int slot, int16_t owner) const;

  std::array<int16_t, kSlotCount> owners_{};
};

// "0-99:2 100-16383:0": ranges and their nodes, for messages.
std::string RangesText(absl::Span<const SlotRange> ranges);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_TOPOLOGY_H_
