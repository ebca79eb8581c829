#include "sim/replication/shard_map.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

// Nobody answers there.
const NodeAddress& Elsewhere() {
  static const NodeAddress* const elsewhere = new NodeAddress{"elsewhere", "10.255.255.254", 6379};
  return *elsewhere;
}

std::string MemberJson(const NodeAddress& node, NodeHealth health) {
  return absl::StrCat(
      "{\"id\":\"", node.id, "\",\"ip\":\"", node.ip, "\",\"port\":", node.port,
      health == NodeHealth::kOnline ? "" : absl::StrCat(",\"health\":\"", HealthText(health), "\""),
      "}");
}

std::string TextOf(const NodeAddress& node) { return absl::StrCat(node.ip, ":", node.port); }

}  // namespace

std::string HealthText(NodeHealth health) {
  switch (health) {
    case NodeHealth::kOnline:
      return "online";
    case NodeHealth::kFail:
      return "fail";
    case NodeHealth::kLoading:
      return "loading";
    case NodeHealth::kHidden:
      return "hidden";
  }
  return "?";
}

const NodeAddress& AddressOfNode(int node, absl::Span<const NodeAddress> nodes) {
  return node == ShardMap::kNone ? Elsewhere() : nodes[static_cast<size_t>(node)];
}

std::string ShardMap::AddressOf(int shard, absl::Span<const NodeAddress> nodes) const {
  return TextOf(AddressOfNode(master_of[static_cast<size_t>(shard)], nodes));
}

std::string ShardMap::ToJson(absl::Span<const NodeAddress> nodes) const {
  std::vector<std::string> ranges(master_of.size());
  for (const SlotRange& range : slots.Ranges()) {
    std::string& text = ranges[static_cast<size_t>(range.node)];
    absl::StrAppend(&text, text.empty() ? "" : ",", "{\"start\":", range.first,
                    ",\"end\":", range.last, "}");
  }
  const auto member_json = [&](int node) {
    const bool told = node != kNone && static_cast<size_t>(node) < health_of.size();
    return MemberJson(AddressOfNode(node, nodes),
                      told ? health_of[static_cast<size_t>(node)] : NodeHealth::kOnline);
  };
  std::string json;
  for (size_t shard = 0; shard < master_of.size(); ++shard) {
    std::string replicas;
    for (size_t node = 0; node < shard_of.size(); ++node) {
      if (shard_of[node] != static_cast<int>(shard)) continue;
      if (master_of[shard] == static_cast<int>(node)) continue;
      absl::StrAppend(&replicas, replicas.empty() ? "" : ",", member_json(static_cast<int>(node)));
    }
    absl::StrAppend(&json, json.empty() ? "" : ",", "{\"slot_ranges\":[", ranges[shard],
                    "],\"master\":", member_json(master_of[shard]), ",\"replicas\":[", replicas,
                    "]}");
  }
  return absl::StrCat("[", json, "]");
}

std::string ShardMap::ToString() const {
  std::string text = RangesText(slots.Ranges());
  for (size_t shard = 0; shard < master_of.size(); ++shard) {
    absl::StrAppend(&text, "; shard ", shard, ": node ", master_of[shard]);
    for (size_t node = 0; node < shard_of.size(); ++node) {
      if (shard_of[node] == static_cast<int>(shard) && master_of[shard] != static_cast<int>(node))
        absl::StrAppend(&text, ", ", node);
    }
  }
  return text;
}

}  // namespace damselfly::sim
