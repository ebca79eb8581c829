#include "server/cluster/topology.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/base/check.h"

namespace damselfly {
namespace {

// The shard that a node is in; null: in none. Masters are found by their order.
const Shard* ShardWith(const ClusterConfig& config, absl::string_view id) {
  const auto& shards = config.shards();
  const auto at = std::lower_bound(
      shards.begin(), shards.end(), id,
      [](const Shard& shard, absl::string_view wanted) { return shard.master().id() < wanted; });
  if (at != shards.end() && at->master().id() == id) return &*at;
  for (const Shard& shard : shards) {
    for (const ClusterNode& replica : shard.replicas()) {
      if (replica.id() == id) return &shard;
    }
  }
  return nullptr;
}

}  // namespace

Topology::Topology(std::shared_ptr<const ClusterConfig> config, int64_t epoch,
                   absl::string_view own_id)
    : config_(std::move(config)),
      epoch_(epoch),
      own_id_(own_id),
      own_shard_(ShardWith(*config_, own_id)) {
  // By the slot where they start, of which no two ranges have the same: in order without a sort.
  SlotSet starts;
  const auto shard_at = std::make_unique_for_overwrite<int[]>(kSlotCount);
  for (int i = 0; i < config_->shards_size(); ++i) {
    const Shard& shard = config_->shards(i);
    for (const SlotRange& range : shard.slot_ranges()) {
      starts.set(range.start());
      shard_at[range.start()] = i;
    }
  }
  if (own_shard_ != nullptr) {
    for (const SlotRange& range : own_shard_->slot_ranges()) {
      for (uint32_t slot = range.start(); slot <= range.end(); ++slot) owned_slots_.set(slot);
    }
  }
  owners_.reserve(starts.count());
  for (size_t slot = starts._Find_first(); slot < kSlotCount; slot = starts._Find_next(slot))
    owners_.push_back({static_cast<uint16_t>(slot), shard_at[slot]});
  // Every slot has an owner.
  DFLY_CHECK(!owners_.empty() && owners_[0].start == 0);
}

const Shard& Topology::ShardOf(uint16_t slot) const {
  const auto behind = std::upper_bound(
      owners_.begin(), owners_.end(), slot,
      [](uint16_t wanted, const RangeOwner& owner) { return wanted < owner.start; });
  return config_->shards(std::prev(behind)->shard);
}

}  // namespace damselfly
