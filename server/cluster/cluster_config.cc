#include "server/cluster/cluster_config.h"

#include <algorithm>

#include "absl/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/cluster/config_reader.h"
#include "server/cluster/config_rules.h"

namespace damselfly {
namespace {

template <typename Message, typename Key>
void SortBy(Key key, google::protobuf::RepeatedPtrField<Message>* messages) {
  std::sort(messages->pointer_begin(), messages->pointer_end(),
            [&](const Message* a, const Message* b) { return key(*a) < key(*b); });
}

void SortRanges(google::protobuf::RepeatedPtrField<SlotRange>* ranges) {
  SortBy([](const SlotRange& range) { return range.start(); }, ranges);
}

// No two keys are equal in a configuration that obeys the rules, so there is one order only.
void MakeCanonical(ClusterConfig* config) {
  for (Shard& shard : *config->mutable_shards()) {
    SortRanges(shard.mutable_slot_ranges());
    SortBy(
        [](const ClusterNode& node) -> const auto& { return node.id(); }, shard.mutable_replicas());
    for (Migration& migration : *shard.mutable_migrations()) {
      SortRanges(migration.mutable_slot_ranges());
    }
    SortBy(
        [](const Migration& migration) -> const auto& { return migration.node_id(); },
        shard.mutable_migrations());
  }
  SortBy(
      [](const Shard& shard) -> const auto& { return shard.master().id(); },
      config->mutable_shards());
}

}  // namespace

absl::StatusOr<ClusterConfig> ParseClusterConfig(absl::string_view json) {
  absl::StatusOr<ClusterConfig> config = ReadClusterConfig(json);
  if (!config.ok()) return config;
  absl::Status status = CheckRules(*config);
  if (status.ok()) status = CheckSupported(*config);
  if (!status.ok()) return status;
  MakeCanonical(&*config);
  return config;
}

bool EqualConfigs(const ClusterConfig& a, const ClusterConfig& b) {
  return &a == &b || google::protobuf::util::MessageDifferencer::Equals(a, b);
}

}  // namespace damselfly
