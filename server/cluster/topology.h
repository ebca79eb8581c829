#ifndef DAMSELFLY_SERVER_CLUSTER_TOPOLOGY_H_
#define DAMSELFLY_SERVER_CLUSTER_TOPOLOGY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/slot_set.h"
#include "server/cluster/cluster_config.pb.h"

namespace damselfly {

// One node's view of its cluster under one configuration. Immutable: any thread.
class Topology {
 public:
  // An epoch that no configuration has: none was given.
  static constexpr int64_t kNoEpoch = -1;

  // `config` is valid and canonical (ParseClusterConfig); `own_id` is this node's.
  Topology(std::shared_ptr<const ClusterConfig> config, int64_t epoch, absl::string_view own_id);

  const ClusterConfig& config() const { return *config_; }
  // The highest that any configuration came with until this one was applied, or kNoEpoch.
  int64_t epoch() const { return epoch_; }
  const std::string& own_id() const { return own_id_; }

  // The shard that this node is a master or replica of; null when the configuration does not know
  // it.
  const Shard* own_shard() const { return own_shard_; }
  // The slots that this node serves: those of its shard.
  const SlotSet& owned_slots() const { return owned_slots_; }
  // The shard that a slot belongs to.
  const Shard& ShardOf(uint16_t slot) const;

 private:
  struct RangeOwner {
    uint16_t start;
    int shard;
  };

  const std::shared_ptr<const ClusterConfig> config_;
  const int64_t epoch_;
  const std::string own_id_;
  const Shard* own_shard_ = nullptr;
  SlotSet owned_slots_;
  std::vector<RangeOwner> owners_;  // sorted; each range ends where the next one starts
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_TOPOLOGY_H_
