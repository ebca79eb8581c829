#include "server/cluster/config_rules.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/crc16.h"
#include "server/cluster/config_path.h"

namespace damselfly {
namespace {

constexpr int kNone = -1;

// Which node an id stands for: a replica of a shard, or its master (kNone).
struct NodePlace {
  int shard;
  int replica;
};

using NodeIndex = absl::btree_map<absl::string_view, NodePlace>;

// Which range of which shard owns a slot.
struct SlotOwner {
  int shard = kNone;
  int range = kNone;

  bool operator==(const SlotOwner& other) const {
    return shard == other.shard && range == other.range;
  }
};

// By slot, kSlotCount of them.
using SlotOwners = std::vector<SlotOwner>;

ConfigPath PathOf(const NodePlace& place) {
  const ConfigPath shard = ConfigPath().Element(place.shard);
  return place.replica == kNone ? shard.Member("master")
                                : shard.Member("replicas").Element(place.replica);
}

absl::Status AddNode(const ClusterNode& node, const NodePlace& place, NodeIndex* nodes) {
  const auto [known, is_new] = nodes->try_emplace(node.id(), place);
  if (is_new) return absl::OkStatus();
  return Refusal(
      PathOf(place).Member("id"),
      absl::StrCat(Quoted(node.id()), " is already the id of ", PathOf(known->second).ToString()));
}

absl::Status IndexNodes(const ClusterConfig& config, NodeIndex* nodes) {
  for (int i = 0; i < config.shards_size(); ++i) {
    const Shard& shard = config.shards(i);
    absl::Status status = AddNode(shard.master(), {i, kNone}, nodes);
    for (int r = 0; status.ok() && r < shard.replicas_size(); ++r) {
      status = AddNode(shard.replicas(r), {i, r}, nodes);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckRange(const SlotRange& range, const ConfigPath& path) {
  if (range.start() > range.end()) {
    return Refusal(path,
                   absl::StrCat("start ", range.start(), " is greater than end ", range.end()));
  }
  if (range.end() >= kSlotCount) {
    return Refusal(path, absl::StrCat("slot ", std::max<uint32_t>(range.start(), kSlotCount),
                                      " is beyond the last slot, ", kSlotCount - 1));
  }
  return absl::OkStatus();
}

// Ends at the first slot that is taken, so all ranges together cost one pass over the slots.
absl::Status AssignRange(const SlotRange& range, SlotOwner owner, SlotOwners* owners) {
  const ConfigPath path =
      ConfigPath().Element(owner.shard).Member("slot_ranges").Element(owner.range);
  absl::Status status = CheckRange(range, path);
  if (!status.ok()) return status;
  for (uint32_t slot = range.start(); slot <= range.end(); ++slot) {
    SlotOwner& current = (*owners)[slot];
    if (current.shard != kNone) {
      return Refusal(path,
                     absl::StrCat("slot ", slot, " is already owned by shard ", current.shard));
    }
    current = owner;
  }
  return absl::OkStatus();
}

absl::Status AssignSlots(const ClusterConfig& config, SlotOwners* owners) {
  for (int i = 0; i < config.shards_size(); ++i) {
    const Shard& shard = config.shards(i);
    for (int r = 0; r < shard.slot_ranges_size(); ++r) {
      absl::Status status = AssignRange(shard.slot_ranges(r), {i, r}, owners);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEverySlotIsOwned(const SlotOwners& owners) {
  const auto is_free = [](const SlotOwner& owner) { return owner.shard == kNone; };
  const auto first = std::find_if(owners.begin(), owners.end(), is_free);
  if (first == owners.end()) return absl::OkStatus();
  std::string reason = absl::StrCat("slot ", first - owners.begin(), " is owned by no shard");
  const auto others = std::count_if(first + 1, owners.end(), is_free);
  if (others > 0) absl::StrAppend(&reason, " (and ", others, others == 1 ? " other)" : " others)");
  return Refusal(ConfigPath(), reason);
}

// The migrations of one shard, looked at in their order.
class MigrationRules {
 public:
  // Requires: what is handed in outlives this.
  MigrationRules(int shard_index, const Shard& shard, const NodeIndex& nodes,
                 const SlotOwners& owners)
      : shard_index_(shard_index), shard_(shard), nodes_(nodes), owners_(owners) {}

  absl::Status Check() {
    for (int i = 0; i < shard_.migrations_size(); ++i) {
      absl::Status status = CheckTarget(i);
      if (status.ok()) status = CheckRanges(i);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  ConfigPath PathTo(int index) const {
    return ConfigPath().Element(shard_index_).Member("migrations").Element(index);
  }

  absl::Status CheckTarget(int index) {
    const std::string& target = shard_.migrations(index).node_id();
    const ConfigPath path = PathTo(index).Member("node_id");
    if (target == shard_.master().id()) {
      return Refusal(path, absl::StrCat(Quoted(target), " is the shard's own master"));
    }
    const auto found = nodes_.find(target);
    if (found == nodes_.end() || found->second.replica != kNone) {
      return Refusal(path, absl::StrCat(Quoted(target), " is the master of no shard"));
    }
    const auto [known, is_new] = targets_.try_emplace(target, index);
    if (is_new) return absl::OkStatus();
    return Refusal(
        path, absl::StrCat(Quoted(target), " is already the target of migration ", known->second));
  }

  absl::Status CheckRanges(int index) {
    const Migration& migration = shard_.migrations(index);
    const ConfigPath path = PathTo(index).Member("slot_ranges");
    if (migration.slot_ranges_size() == 0) return Refusal(path, "is empty");
    for (int i = 0; i < migration.slot_ranges_size(); ++i) {
      absl::Status status = CheckOneRange(migration.slot_ranges(i), index, path.Element(i));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status CheckOneRange(const SlotRange& range, int index, const ConfigPath& path) {
    absl::Status status = CheckRange(range, path);
    if (!status.ok()) return status;
    // A slot has one owner, so what begins and ends in one range of the shard lies inside it.
    const SlotOwner& owner = owners_[range.start()];
    if (owner.shard != shard_index_ || !(owner == owners_[range.end()])) {
      return Refusal(path, absl::StrCat("slots ", range.start(), " to ", range.end(),
                                        " do not lie inside one slot range of the shard"));
    }
    migration_of_slot_.resize(kSlotCount, kNone);
    for (uint32_t slot = range.start(); slot <= range.end(); ++slot) {
      int& migration = migration_of_slot_[slot];
      if (migration != kNone) {
        return Refusal(path, absl::StrCat("slot ", slot, " is already in migration ", migration));
      }
      migration = index;
    }
    return absl::OkStatus();
  }

  const int shard_index_;
  const Shard& shard_;
  const NodeIndex& nodes_;
  const SlotOwners& owners_;
  absl::btree_map<absl::string_view, int> targets_;
  std::vector<int> migration_of_slot_;  // empty until there is one
};

}  // namespace

absl::Status CheckRules(const ClusterConfig& config) {
  NodeIndex nodes;
  absl::Status status = IndexNodes(config, &nodes);
  if (!status.ok()) return status;
  SlotOwners owners(kSlotCount);
  status = AssignSlots(config, &owners);
  if (status.ok()) status = CheckEverySlotIsOwned(owners);
  for (int i = 0; status.ok() && i < config.shards_size(); ++i) {
    status = MigrationRules(i, config.shards(i), nodes, owners).Check();
  }
  return status;
}

absl::Status CheckSupported(const ClusterConfig& config) {
  for (int i = 0; i < config.shards_size(); ++i) {
    if (config.shards(i).migrations_size() == 0) continue;
    return Refusal(ConfigPath().Element(i).Member("migrations"),
                   "slot migration is not supported yet");
  }
  return absl::OkStatus();
}

}  // namespace damselfly
