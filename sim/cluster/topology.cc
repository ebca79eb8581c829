#include "sim/cluster/topology.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"

namespace damselfly::sim {

bool operator==(const SlotRange& a, const SlotRange& b) {
  return a.first == b.first && a.last == b.last && a.node == b.node;
}

Topology Topology::Even(int node_count) {
  DFLY_CHECK(node_count >= 1 && node_count <= kSlotCount);
  Topology topology;
  for (int slot = 0; slot < kSlotCount; ++slot)
    topology.owners_[static_cast<size_t>(slot)] =
        static_cast<int16_t>(int64_t{slot} * node_count / kSlotCount);
  return topology;
}

void Topology::Assign(int first, int last, int node) {
  DFLY_CHECK(0 <= first && first <= last && last < kSlotCount);
  std::fill(owners_.begin() + first, owners_.begin() + last + 1, static_cast<int16_t>(node));
}

// The first slot from `slot` on that is not `owner`'s. Asked for often: many slots at a time.
int Topology::EndOfRange(int slot, int16_t owner) const {
  constexpr int kStride = 64;
  const int16_t* const owners = owners_.data();
  for (; slot + kStride <= kSlotCount; slot += kStride) {
    bool same = true;
    for (int i = 0; i < kStride; ++i) same &= owners[slot + i] == owner;
    if (!same) break;
  }
  while (slot < kSlotCount && owners[slot] == owner) ++slot;
  return slot;
}

std::vector<SlotRange> Topology::Ranges() const {
  std::vector<SlotRange> ranges;
  for (int first = 0; first < kSlotCount;) {
    const int end = EndOfRange(first, owners_[static_cast<size_t>(first)]);
    ranges.push_back({first, end - 1, owner(first)});
    first = end;
  }
  return ranges;
}

std::string Topology::ToJson(absl::Span<const NodeAddress> nodes) const {
  std::vector<std::string> ranges_of(nodes.size());
  for (const SlotRange& range : Ranges()) {
    std::string& text = ranges_of[static_cast<size_t>(range.node)];
    absl::StrAppend(&text, text.empty() ? "" : ",", "{\"start\":", range.first,
                    ",\"end\":", range.last, "}");
  }
  std::string json = "[";
  for (size_t i = 0; i < nodes.size(); ++i) {
    absl::StrAppend(&json, i == 0 ? "" : ",", "{\"slot_ranges\":[", ranges_of[i],
                    "],\"master\":{\"id\":\"", nodes[i].id, "\",\"ip\":\"", nodes[i].ip,
                    "\",\"port\":", nodes[i].port, "},\"replicas\":[]}");
  }
  return json + "]";
}

std::string RangesText(absl::Span<const SlotRange> ranges) {
  std::string text;
  for (const SlotRange& range : ranges) {
    absl::StrAppend(&text, text.empty() ? "" : " ", range.first, "-", range.last, ":", range.node);
  }
  return text;
}

}  // namespace damselfly::sim
