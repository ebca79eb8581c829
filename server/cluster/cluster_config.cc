#include "server/cluster/cluster_config.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
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

template <typename Message>
bool EqualLists(const google::protobuf::RepeatedPtrField<Message>& a,
                const google::protobuf::RepeatedPtrField<Message>& b,
                bool (*equal)(const Message&, const Message&)) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

bool EqualRanges(const SlotRange& a, const SlotRange& b) {
  return a.start() == b.start() && a.end() == b.end();
}

bool EqualNodes(const ClusterNode& a, const ClusterNode& b) {
  return a.id() == b.id() && a.ip() == b.ip() && a.port() == b.port() && a.health() == b.health();
}

bool EqualMigrations(const Migration& a, const Migration& b) {
  return a.node_id() == b.node_id() && a.ip() == b.ip() && a.port() == b.port() &&
         EqualLists(a.slot_ranges(), b.slot_ranges(), EqualRanges);
}

bool EqualShards(const Shard& a, const Shard& b) {
  return EqualLists(a.slot_ranges(), b.slot_ranges(), EqualRanges) &&
         EqualNodes(a.master(), b.master()) && EqualLists(a.replicas(), b.replicas(), EqualNodes) &&
         EqualLists(a.migrations(), b.migrations(), EqualMigrations);
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

// Field by field: a comparison by reflection takes a hundred times as long, which a thousand nodes
// in one process feel.
bool EqualConfigs(const ClusterConfig& a, const ClusterConfig& b) {
  return &a == &b || EqualLists(a.shards(), b.shards(), EqualShards);
}

}  // namespace damselfly
