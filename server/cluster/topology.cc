#include "server/cluster/topology.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"

namespace damselfly {
namespace {

bool HasMember(const Shard& shard, absl::string_view id) {
  return shard.master().id() == id ||
         std::any_of(shard.replicas().begin(), shard.replicas().end(),
                     [id](const ClusterNode& replica) { return replica.id() == id; });
}

}  // namespace

Topology::Topology(std::shared_ptr<const ClusterConfig> config, int64_t epoch,
                   absl::string_view own_id)
    : config_(std::move(config)), epoch_(epoch), own_id_(own_id) {
  for (int i = 0; i < config_->shards_size(); ++i) {
    const Shard& shard = config_->shards(i);
    const bool own = HasMember(shard, own_id);
    if (own) own_shard_ = &shard;
    for (const SlotRange& range : shard.slot_ranges()) {
      owners_.push_back({static_cast<uint16_t>(range.start()), i});
      if (!own) continue;
      for (uint32_t slot = range.start(); slot <= range.end(); ++slot) owned_slots_.set(slot);
    }
  }
  std::sort(owners_.begin(), owners_.end(),
            [](const RangeOwner& a, const RangeOwner& b) { return a.start < b.start; });
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
