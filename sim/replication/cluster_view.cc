#include "sim/replication/cluster_view.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace damselfly::sim {
namespace {

// "5-10", "7", with a comma or blank between them.
std::string RangesOf(const std::vector<SlotRange>& ranges, absl::string_view between) {
  return absl::StrJoin(ranges, between, [](std::string* text, const SlotRange& range) {
    absl::StrAppend(text, range.first);
    if (range.last != range.first) absl::StrAppend(text, "-", range.last);
  });
}

std::string Lines(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  return absl::StrJoin(lines, "\n");
}

// "first-last: master | replica replica".
std::string SlotsLine(int64_t first, int64_t last, const std::string& master,
                      std::vector<std::string> replicas) {
  std::sort(replicas.begin(), replicas.end());
  return absl::StrCat(first, "-", last, ": ", master, " | ", absl::StrJoin(replicas, " "));
}

std::string NodeText(const std::string& id, const std::string& ip, int64_t port) {
  return absl::StrCat(id, "@", ip, ":", port);
}

std::string NodeText(const NodeAddress& node) { return NodeText(node.id, node.ip, node.port); }

// "ranges: master health | replica health, replica health".
std::string ShardLine(const std::string& ranges, const std::string& master,
                      std::vector<std::string> replicas) {
  std::sort(replicas.begin(), replicas.end());
  return absl::StrCat(ranges, ": ", master, " | ", absl::StrJoin(replicas, ", "));
}

const Reply* Field(const Reply& list, absl::string_view name) {
  for (size_t i = 0; i + 1 < list.elements.size(); i += 2) {
    if (list.elements[i].text == name) return &list.elements[i + 1];
  }
  return nullptr;
}

// Of CLUSTER SHARDS; "" if it makes no sense as a node in that role.
std::string ShardNodeText(const Reply& node, absl::string_view wanted_role) {
  const Reply* const id = Field(node, "id");
  const Reply* const ip = Field(node, "ip");
  const Reply* const endpoint = Field(node, "endpoint");
  const Reply* const port = Field(node, "port");
  const Reply* const role = Field(node, "role");
  const Reply* const health = Field(node, "health");
  for (const Reply* field : {id, ip, endpoint, port, role, health}) {
    if (field == nullptr) return "";
  }
  if (role->text != wanted_role || endpoint->text != ip->text) return "";
  return absl::StrCat(NodeText(id->text, ip->text, port->integer), " ", health->text);
}

}  // namespace

ClusterView::ClusterView(const ShardMap& map) : health_of_(map.health_of) {
  shards_.resize(map.master_of.size());
  for (const SlotRange& range : map.slots.Ranges())
    shards_[static_cast<size_t>(range.node)].ranges.push_back(range);
  for (size_t i = 0; i < shards_.size(); ++i) shards_[i].master = map.master_of[i];
  for (size_t i = 0; i < map.shard_of.size(); ++i) {
    const int node = static_cast<int>(i);
    if (map.shard_of[i] == ShardMap::kNone) continue;
    ShownShard& shard = shards_[static_cast<size_t>(map.shard_of[i])];
    if (shard.master != node) shard.replicas.push_back(node);
  }
}

NodeHealth ClusterView::health(int node) const {
  const bool told = node >= 0 && static_cast<size_t>(node) < health_of_.size();
  return told ? health_of_[static_cast<size_t>(node)] : NodeHealth::kOnline;
}

ClusterView::ShownShard* ClusterView::ShardOfMaster(int node) {
  for (ShownShard& shard : shards_) {
    if (shard.master == node) return &shard;
  }
  return nullptr;
}

std::vector<int> ClusterView::ReplicasOf(int node) const {
  for (const ShownShard& shard : shards_) {
    if (shard.master == node) return shard.replicas;
  }
  return {};
}

void ClusterView::Promote(int node) {
  for (ShownShard& shard : shards_) {
    const auto found = std::find(shard.replicas.begin(), shard.replicas.end(), node);
    if (found == shard.replicas.end()) continue;
    shard.replicas.erase(found);
    shard.master = node;
  }
}

bool ClusterView::TakeOver(int node, int by) {
  ShownShard* const shard = ShardOfMaster(node);
  if (shard == nullptr) return false;
  if (std::count(shard->replicas.begin(), shard->replicas.end(), by) == 0) return false;
  shard->master = by;
  shard->replicas.clear();
  return true;
}

std::string ClusterView::SlotsText(absl::Span<const NodeAddress> nodes) const {
  std::vector<std::string> lines;
  for (const ShownShard& shard : shards_) {
    std::vector<std::string> replicas;
    for (int replica : shard.replicas) {
      if (health(replica) == NodeHealth::kOnline)
        replicas.push_back(NodeText(AddressOfNode(replica, nodes)));
    }
    for (const SlotRange& range : shard.ranges) {
      lines.push_back(SlotsLine(range.first, range.last,
                                NodeText(AddressOfNode(shard.master, nodes)), replicas));
    }
  }
  return Lines(std::move(lines));
}

std::string ClusterView::ShardsText(absl::Span<const NodeAddress> nodes) const {
  const auto text_of = [&](int node) {
    return absl::StrCat(NodeText(AddressOfNode(node, nodes)), " ", HealthText(health(node)));
  };
  std::vector<std::string> lines;
  for (const ShownShard& shard : shards_) {
    std::vector<std::string> replicas;
    for (int replica : shard.replicas) {
      if (health(replica) != NodeHealth::kHidden) replicas.push_back(text_of(replica));
    }
    lines.push_back(ShardLine(RangesOf(shard.ranges, ","), text_of(shard.master), replicas));
  }
  return Lines(std::move(lines));
}

std::string ClusterView::NodesText(absl::Span<const NodeAddress> nodes, int self) const {
  std::vector<std::string> lines;
  const auto add = [&](int node, absl::string_view role, absl::string_view master,
                       const std::string& ranges) {
    const NodeAddress& address = AddressOfNode(node, nodes);
    lines.push_back(absl::StrCat(address.id, " ", address.ip, ":", address.port, "@", address.port,
                                 " ", node == self ? "myself," : "", role, " ", master, " 0 0 0 ",
                                 health(node) == NodeHealth::kFail ? "disconnected" : "connected",
                                 ranges.empty() ? "" : " ", ranges));
  };
  for (const ShownShard& shard : shards_) {
    add(shard.master, "master", "-", RangesOf(shard.ranges, " "));
    for (int replica : shard.replicas) {
      if (health(replica) != NodeHealth::kHidden)
        add(replica, "slave", AddressOfNode(shard.master, nodes).id, "");
    }
  }
  return Lines(std::move(lines));
}

std::string SlotsTextOf(const Reply& reply) {
  std::vector<std::string> lines;
  for (const Reply& entry : reply.elements) {
    std::vector<std::string> members;
    for (size_t i = 2; i < entry.elements.size(); ++i) {
      const std::vector<Reply>& node = entry.elements[i].elements;
      if (node.size() != 3) return DebugString(reply);
      members.push_back(NodeText(node[2].text, node[0].text, node[1].integer));
    }
    if (members.empty()) return DebugString(reply);
    lines.push_back(SlotsLine(entry.elements[0].integer, entry.elements[1].integer, members[0],
                              {members.begin() + 1, members.end()}));
  }
  return lines.empty() ? DebugString(reply) : Lines(std::move(lines));
}

std::string ShardsTextOf(const Reply& reply) {
  std::vector<std::string> lines;
  for (const Reply& shard : reply.elements) {
    const Reply* const slots = Field(shard, "slots");
    const Reply* const members = Field(shard, "nodes");
    if (slots == nullptr || members == nullptr || members->elements.empty() ||
        slots->elements.size() % 2 != 0)
      return DebugString(reply);
    std::vector<SlotRange> ranges;
    for (size_t i = 0; i < slots->elements.size(); i += 2) {
      ranges.push_back({static_cast<int>(slots->elements[i].integer),
                        static_cast<int>(slots->elements[i + 1].integer), 0});
    }
    std::vector<std::string> texts;
    for (const Reply& member : members->elements) {
      texts.push_back(ShardNodeText(member, texts.empty() ? "master" : "replica"));
      if (texts.back().empty()) return DebugString(reply);
    }
    lines.push_back(ShardLine(RangesOf(ranges, ","), texts[0], {texts.begin() + 1, texts.end()}));
  }
  return lines.empty() ? DebugString(reply) : Lines(std::move(lines));
}

std::string NodesTextOf(const Reply& reply) {
  absl::string_view text = reply.text;
  if (reply.type == Reply::Type::kVerbatim) absl::ConsumePrefix(&text, "txt:");
  if (text.empty()) return DebugString(reply);
  return Lines(absl::StrSplit(text, absl::ByAnyChar("\r\n"), absl::SkipEmpty()));
}

}  // namespace damselfly::sim
