#include "server/cluster/cluster.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/cluster/cluster_config.h"

namespace damselfly {
namespace {

std::string NodeIdOf(ServerState& server) {
  const std::string given = server.config().text(Parameter::cluster_node_id);
  return given.empty() ? server.run_id() : given;
}

}  // namespace

Cluster::Cluster(ServerState* server) : server_(server), node_id_(NodeIdOf(*server)) {
  server_->set_slot_router(this);
  if (server_->cluster_mode() == ClusterMode::kReal) server_->store().RestrictToOwnedSlots();
}

Cluster::~Cluster() = default;

std::shared_ptr<const Topology> Cluster::topology() const {
  std::lock_guard<std::mutex> guard(topology_mutex_);
  return current_;
}

void Cluster::SetTopologies(std::shared_ptr<const Topology> current,
                            std::shared_ptr<const Topology> other) {
  std::lock_guard<std::mutex> guard(topology_mutex_);
  current_ = std::move(current);
  other_ = std::move(other);
}

std::shared_ptr<const Topology> Cluster::EmulatedTopology(absl::string_view local_host) const {
  const Config& config = server_->config();
  std::string host = config.text(Parameter::cluster_announce_ip);
  if (host.empty()) host = local_host.empty() ? "127.0.0.1" : std::string(local_host);
  const int64_t announced = config.integer(Parameter::announce_port);
  ClusterConfig emulated;
  Shard* const shard = emulated.add_shards();
  SlotRange* const range = shard->add_slot_ranges();
  range->set_start(0);
  range->set_end(kSlotCount - 1);
  ClusterNode* const node = shard->mutable_master();
  node->set_id(node_id_);
  node->set_ip(host);
  node->set_port(static_cast<uint32_t>(announced != 0 ? announced : server_->bound_port.load()));
  return std::make_shared<const Topology>(std::move(emulated), Topology::kNoEpoch, node_id_);
}

std::string Cluster::RefusalOf(uint16_t slot) const {
  std::shared_ptr<const Topology> views[2];
  {
    std::lock_guard<std::mutex> guard(topology_mutex_);
    views[0] = current_;
    views[1] = other_;
  }
  for (const std::shared_ptr<const Topology>& view : views) {
    if (view == nullptr || view->owned_slots().test(slot)) continue;
    const ClusterNode& master = view->ShardOf(slot).master();
    return absl::StrCat("MOVED ", slot, " ", master.ip(), ":", master.port());
  }
  return "ERR Cluster is not yet configured";
}

// ---- A configuration comes ----

absl::Status Cluster::Push(absl::string_view json, int64_t epoch, StoreCounters* counters) {
  DFLY_CHECK(server_->cluster_mode() == ClusterMode::kReal);
  const int64_t bytes_max = server_->config().integer(Parameter::cluster_config_bytes_max);
  absl::StatusOr<ClusterConfig> config = static_cast<int64_t>(json.size()) > bytes_max
                                             ? absl::InvalidArgumentError(absl::StrCat(
                                                   "its ", json.size(), " bytes are more than the ",
                                                   bytes_max, " of cluster-config-bytes-max"))
                                             : ParseClusterConfig(json);
  if (!config.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("ERR Invalid cluster configuration. ", config.status().message()));
  }
  std::lock_guard<std::mutex> guard(push_mutex_);
  const absl::Status in_order = CheckEpoch(epoch, *config);
  if (!in_order.ok()) return in_order;
  const std::shared_ptr<const Topology> before = topology();
  const bool equal = before != nullptr && EqualConfigs(before->config(), *config);
  last_epoch_ = std::max(last_epoch_, epoch);
  const auto next = std::make_shared<const Topology>(*std::move(config), last_epoch_, node_id_);
  if (epoch != Topology::kNoEpoch) last_with_epoch_ = next;
  if (equal) {
    SetTopologies(next, nullptr);
  } else {
    Apply(next, counters);
  }
  return absl::OkStatus();
}

absl::Status Cluster::CheckEpoch(int64_t epoch, const ClusterConfig& config) const {
  if (epoch == Topology::kNoEpoch || epoch > last_epoch_) return absl::OkStatus();
  if (epoch < last_epoch_) {
    return absl::FailedPreconditionError(absl::StrCat("ERR Stale cluster configuration: epoch ",
                                                      epoch, " is older than ", last_epoch_));
  }
  if (EqualConfigs(last_with_epoch_->config(), config)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("ERR Stale cluster configuration: epoch ",
                                                    epoch, " belongs to another configuration"));
}

void Cluster::Apply(std::shared_ptr<const Topology> next, StoreCounters* counters) {
  const std::shared_ptr<const Topology> before = topology();
  const SlotSet owned_before = before == nullptr ? SlotSet() : before->owned_slots();
  const SlotSet lost = owned_before & ~next->owned_slots();
  const SlotSet gained = next->owned_slots() & ~owned_before;

  SetTopologies(before, next);
  uint64_t removed_keys = CloseSlots(lost, counters);
  if (before == nullptr) removed_keys += ClearForeignSlots(next->owned_slots(), counters);
  SetTopologies(next, before);
  OpenSlots(gained);
  SetTopologies(next, nullptr);

  if (lost.any()) server_->OnSlotsLost(lost);
  LogApplied(*next, lost, gained, removed_keys);
}

uint64_t Cluster::CloseSlots(const SlotSet& lost, StoreCounters* counters) {
  Store& store = server_->store();
  uint64_t keys = 0;
  for (int i = 0; i < kSlotCount; ++i) {
    if (!lost.test(static_cast<size_t>(i))) continue;
    const auto slot = static_cast<uint16_t>(i);
    store.Lock(slot);
    keys += store.Disown(slot, counters);
    store.Unlock(slot);
  }
  return keys;
}

uint64_t Cluster::ClearForeignSlots(const SlotSet& owned, StoreCounters* counters) {
  Store& store = server_->store();
  store.set_ownership_known();
  // Without other workers nothing is filled meanwhile, and slots that are empty can be left
  // untouched, memory and all.
  SlotSet foreign = ~owned;
  if (server_->worker_count() == 1) {
    for (int i = 0; i < kSlotCount; ++i) {
      if (store.KeyCountInSlot(0, static_cast<uint16_t>(i)) == 0)
        foreign.reset(static_cast<size_t>(i));
    }
  }
  return CloseSlots(foreign, counters);
}

void Cluster::OpenSlots(const SlotSet& gained) {
  Store& store = server_->store();
  for (int i = 0; i < kSlotCount; ++i) {
    if (!gained.test(static_cast<size_t>(i))) continue;
    const auto slot = static_cast<uint16_t>(i);
    store.Lock(slot);
    store.Own(slot);
    store.Unlock(slot);
  }
}

// ---- The log ----

std::string Cluster::IdAtOwnPort(const Topology& topology) const {
  const auto port = static_cast<uint32_t>(server_->bound_port.load());
  std::string found;
  for (const Shard& shard : topology.config().shards()) {
    if (shard.master().port() == port && found.empty()) found = shard.master().id();
    for (const ClusterNode& replica : shard.replicas()) {
      if (replica.port() == port && found.empty()) found = replica.id();
    }
  }
  return found;
}

void Cluster::LogApplied(const Topology& topology, const SlotSet& lost, const SlotSet& gained,
                         uint64_t removed_keys) {
  const std::string epoch =
      topology.epoch() == Topology::kNoEpoch ? "" : absl::StrCat(" with epoch ", topology.epoch());
  server_->runtime().Log(
      Runtime::Severity::kInfo,
      absl::StrCat("Cluster configuration", epoch, " applied: ", topology.owned_slots().count(),
                   " slots are served, ", gained.count(), " of them new; ", lost.count(), " lost; ",
                   removed_keys, " keys removed"));
  if (topology.own_shard() != nullptr) return;
  const std::string other_id = IdAtOwnPort(topology);
  server_->runtime().Log(
      Runtime::Severity::kWarning,
      absl::StrCat("This node's id '", node_id_, "' is not in the cluster configuration",
                   other_id.empty()
                       ? ""
                       : absl::StrCat(", which calls a node on this port '", other_id, "'"),
                   ": it serves no slot"));
}

Cluster& ClusterOf(ServerState& server) {
  DFLY_CHECK(server.slot_router() != nullptr);
  // Nothing else is ever set as a node's router.
  return static_cast<Cluster&>(*server.slot_router());
}

}  // namespace damselfly
