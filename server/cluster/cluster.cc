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

void SetNode(absl::string_view id, absl::string_view host, int64_t port, ClusterNode* node) {
  node->set_id(std::string(id));
  node->set_ip(std::string(host));
  node->set_port(static_cast<uint32_t>(port));
}

// Makes the replica `id` the master of its shard, which has the former one no more. Returns it as a
// node; null if the shard has no such replica.
const ClusterNode* PromoteIn(Shard* shard, absl::string_view id) {
  for (int i = 0; i < shard->replicas_size(); ++i) {
    if (shard->replicas(i).id() != id) continue;
    *shard->mutable_master() = shard->replicas(i);
    shard->mutable_replicas()->erase(shard->replicas().begin() + i);
    return &shard->master();
  }
  return nullptr;
}

Shard* OwnShardIn(ClusterConfig* config, const Topology& topology) {
  for (Shard& shard : *config->mutable_shards()) {
    if (topology.own_shard() != nullptr &&
        shard.master().id() == topology.own_shard()->master().id())
      return &shard;
  }
  return nullptr;
}

// The first slot of the set from `slot` on; kSlotCount: none. Skips 64 at a time what is not in it.
int NextIn(const SlotSet& slots, int slot) {
  const auto from = static_cast<size_t>(slot);
  return static_cast<int>(slot == 0 ? slots._Find_first() : slots._Find_next(from - 1));
}

SlotSet WithoutLast(SlotSet slots) {
  for (size_t slot = kSlotCount; slot-- > 0;) {
    if (!slots.test(slot)) continue;
    slots.reset(slot);
    break;
  }
  return slots;
}

}  // namespace

Cluster::Cluster(ServerState* server, ConfigCache* config_cache)
    : server_(server), config_cache_(config_cache), node_id_(NodeIdOf(*server)) {
  server_->set_slot_router(this);
  if (server_->cluster_mode() == ClusterMode::kReal) server_->store().RestrictToOwnedSlots();
}

Cluster::~Cluster() = default;

bool Cluster::HasMutant(ServerMutant mutant) const { return server_->runtime().HasMutant(mutant); }

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
  const int64_t port = announced != 0 ? announced : server_->bound_port.load();
  const ReplicationFacts facts =
      server_->replication() != nullptr ? server_->replication()->Facts() : ReplicationFacts();
  auto emulated = std::make_shared<ClusterConfig>();
  Shard* const shard = emulated->add_shards();
  SlotRange* const range = shard->add_slot_ranges();
  range->set_start(0);
  range->set_end(kSlotCount - 1);
  if (facts.is_replica) {
    // Nobody has told it the id.
    SetNode("", facts.master_host, facts.master_port, shard->mutable_master());
    SetNode(node_id_, host, port, shard->add_replicas());
  } else {
    SetNode(node_id_, host, port, shard->mutable_master());
    for (const ReplicaFacts& replica : facts.replicas)
      SetNode(replica.node_id, replica.host, replica.port, shard->add_replicas());
  }
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
  absl::StatusOr<std::shared_ptr<const ClusterConfig>> config =
      static_cast<int64_t>(json.size()) > bytes_max
          ? absl::InvalidArgumentError(absl::StrCat("its ", json.size(),
                                                    " bytes are more than the ", bytes_max,
                                                    " of cluster-config-bytes-max"))
          : config_cache_->Parse(json);
  if (!config.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("ERR Invalid cluster configuration. ", config.status().message()));
  }
  std::lock_guard<std::mutex> guard(push_mutex_);
  const absl::Status in_order = CheckEpoch(epoch, **config);
  const std::shared_ptr<const Topology> before = topology();
  if (!in_order.ok()) {
    if (HasMutant(ServerMutant::kRefusedConfigShown))
      SetTopologies(std::make_shared<const Topology>(*config, last_epoch_, node_id_), nullptr);
    return in_order;
  }
  const bool equal = before != nullptr && EqualConfigs(before->config(), **config);
  last_epoch_ = std::max(last_epoch_, epoch);
  const auto next = std::make_shared<const Topology>(*config, last_epoch_, node_id_);
  if (epoch != Topology::kNoEpoch) last_with_epoch_ = next;
  if (std::exchange(has_foreign_keys_, false) && before != nullptr)
    RemoveForeignKeys(before->owned_slots() | next->owned_slots(), counters);
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
  uint64_t removed_keys =
      CloseSlots(HasMutant(ServerMutant::kLastSlotKept) ? WithoutLast(lost) : lost, counters);
  if (before == nullptr) removed_keys += ClearForeignSlots(next->owned_slots(), counters);
  SetTopologies(next, before);
  OpenSlots(HasMutant(ServerMutant::kLastSlotUnopened) ? WithoutLast(gained) : gained);
  SetTopologies(next, nullptr);

  const bool taken_over = server_->service_state.load() == ServiceState::kTakenOver;
  const bool forgets = HasMutant(ServerMutant::kSubscribersKept) ||
                       (HasMutant(ServerMutant::kDemotedKeepsSubscribers) && taken_over);
  if (lost.any() && !forgets) server_->OnSlotsLost(lost);
  LogApplied(*next, lost, gained, removed_keys);
}

uint64_t Cluster::CloseSlots(const SlotSet& lost, StoreCounters* counters) {
  Store& store = server_->store();
  uint64_t keys = 0;
  for (int i = NextIn(lost, 0); i < kSlotCount; i = NextIn(lost, i + 1)) {
    const auto slot = static_cast<uint16_t>(i);
    store.Lock(slot);
    // Judged slot by slot: the node may become a replica meanwhile, or a master.
    if (counters != nullptr && store.access() == Store::Access::kReadWrite &&
        !HasMutant(ServerMutant::kLostKeysStay)) {
      keys += store.Disown(slot, counters);
    } else if (!HasMutant(ServerMutant::kReplicaKeepsSlots) || !server_->is_replica.load()) {
      store.Close(slot);
      if (store.access() == Store::Access::kNone && !server_->is_replica.load())
        lost_in_takeover_.set(static_cast<size_t>(i));
    }
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
    if (store.KeyCount(0) == 0) return 0;
    for (int i = 0; i < kSlotCount; ++i) {
      if (store.KeyCountInSlot(0, static_cast<uint16_t>(i)) == 0)
        foreign.reset(static_cast<size_t>(i));
    }
  }
  return CloseSlots(foreign, counters);
}

void Cluster::OpenSlots(const SlotSet& gained) {
  Store& store = server_->store();
  for (int i = NextIn(gained, 0); i < kSlotCount; i = NextIn(gained, i + 1)) {
    const auto slot = static_cast<uint16_t>(i);
    store.Lock(slot);
    store.Own(slot);
    store.Unlock(slot);
  }
}

// ---- The master of this node's shard changes ----

std::string Cluster::TakenOverBy(const Shard& shard, absl::string_view node_id) const {
  if (HasMutant(ServerMutant::kTakenOverNamesAnother) && shard.replicas_size() > 0)
    return shard.replicas(0).id();
  return std::string(node_id);
}

void Cluster::OnTakenOver(absl::string_view node_id) {
  if (server_->cluster_mode() != ClusterMode::kReal) return;
  if (HasMutant(ServerMutant::kTakenOverNamesItself)) return;
  std::lock_guard<std::mutex> guard(push_mutex_);
  const std::shared_ptr<const Topology> before = topology();
  // A configuration may have come meanwhile that knows of it.
  if (before == nullptr || before->own_shard() == nullptr ||
      before->own_shard()->master().id() != node_id_)
    return;
  auto config = std::make_shared<ClusterConfig>(before->config());
  Shard* const shard = OwnShardIn(config.get(), *before);
  if (PromoteIn(shard, TakenOverBy(*shard, node_id)) == nullptr) {
    if (shard->replicas_size() > 0) {
      server_->runtime().Log(
          Runtime::Severity::kError,
          absl::StrCat("The node '", node_id,
                       "', which has taken over, is no replica of this "
                       "node's shard in the cluster configuration: clients are not sent there "
                       "before the next one. Slot redirection after takeover corrupted."));
    }
    return;
  }
  if (!HasMutant(ServerMutant::kOldReplicasShown)) shard->clear_replicas();
  // Whoever has the data now is not to lose it: nothing is removed here.
  ApplyOwn(std::move(config));
  // Somebody has made it a master again meanwhile, before its shard was another's.
  if (server_->store().access() == Store::Access::kReadWrite)
    has_foreign_keys_ = !HasMutant(ServerMutant::kForeignKeysKept);
}

void Cluster::OnPromoted() {
  if (server_->cluster_mode() != ClusterMode::kReal) return;
  std::lock_guard<std::mutex> guard(push_mutex_);
  // What it had before it was a replica has gone.
  server_->store().LockAll();
  lost_in_takeover_.reset();
  server_->store().UnlockAll();
  const std::shared_ptr<const Topology> before = topology();
  if (before == nullptr) return;
  auto config = std::make_shared<ClusterConfig>(before->config());
  Shard* const shard = OwnShardIn(config.get(), *before);
  if (shard != nullptr && PromoteIn(shard, node_id_) != nullptr) ApplyOwn(std::move(config));
  has_foreign_keys_ = !HasMutant(ServerMutant::kForeignKeysKept);
}

void Cluster::OnReopening() {
  if (lost_in_takeover_.none() || HasMutant(ServerMutant::kLossForgotten)) return;
  Store& store = server_->store();
  for (int i = 0; i < kSlotCount; ++i) {
    // Any worker's counters will do: all slots are locked.
    if (lost_in_takeover_.test(static_cast<size_t>(i)))
      store.FlushSlot(static_cast<uint16_t>(i), &store.counters(0));
  }
  lost_in_takeover_.reset();
}

void Cluster::RemoveForeignKeys(const SlotSet& kept, StoreCounters* counters) {
  Store& store = server_->store();
  uint64_t keys = 0;
  for (int i = 0; i < kSlotCount; ++i) {
    const auto slot = static_cast<uint16_t>(i);
    if (kept.test(slot)) continue;
    store.Lock(slot);
    // It may be a replica again.
    if (store.access() == Store::Access::kReadWrite) keys += store.FlushSlot(slot, counters);
    store.Unlock(slot);
  }
  if (keys == 0) return;
  server_->runtime().Log(Runtime::Severity::kInfo,
                         absl::StrCat("This node is a master now: ", keys,
                                      " keys removed from slots that it does not own"));
}

void Cluster::ApplyOwn(std::shared_ptr<ClusterConfig> config) {
  // Which shard comes first goes by its master's id.
  auto& shards = *config->mutable_shards();
  std::sort(shards.pointer_begin(), shards.pointer_end(), [](const Shard* one, const Shard* other) {
    return one->master().id() < other->master().id();
  });
  Apply(std::make_shared<const Topology>(std::move(config), last_epoch_, node_id_),
        /*counters=*/nullptr);
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
