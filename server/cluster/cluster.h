#ifndef DAMSELFLY_SERVER_CLUSTER_CLUSTER_H_
#define DAMSELFLY_SERVER_CLUSTER_CLUSTER_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/cluster/config_cache.h"
#include "server/cluster/topology.h"
#include "server/session/server_state.h"
#include "server/session/slot_router.h"

namespace damselfly {

// A node's part in a cluster: the configuration that was last pushed to it, and what follows from
// it. Owned by the node; any thread.
//
// The configuration comes from outside and is applied slot by slot, each under its lock:
//
//   current: old ──> lost slots closed and emptied ──> current: new ──> gained slots opened
//
// Between the first and the last step both configurations are kept, so that whoever meets a closed
// slot is told the node that has it under the one which says that this node has not.
class Cluster final : public SlotRouter {
 public:
  // In mode kReal, restricts the store to owned slots, of which there are none yet. Both outlive
  // the cluster; `server` is not yet used by other threads.
  Cluster(ServerState* server, ConfigCache* config_cache);
  ~Cluster() override;
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // What configurations call this node: the parameter cluster_node_id, else the run id.
  const std::string& node_id() const { return node_id_; }

  // Applies a configuration: DFLYCLUSTER CONFIG <json> [EPOCH epoch]. Returns when no command can
  // act on the former one any more; an equal one changes nothing and disturbs nobody. The error is
  // the whole reply. `counters` are the calling worker's; no slot is locked. Requires mode kReal.
  absl::Status Push(absl::string_view json, int64_t epoch, StoreCounters* counters);

  // The last configuration applied; null before the first.
  std::shared_ptr<const Topology> topology() const;

  // The topology that emulated mode shows to a client that has connected to `local_host`.
  std::shared_ptr<const Topology> EmulatedTopology(absl::string_view local_host) const;

  std::string RefusalOf(uint16_t slot) const override;
  void OnTakenOver(absl::string_view node_id) override;
  void OnPromoted() override;
  // A takeover of this node has failed, and it is about to answer again: removes what it had in
  // slots that it has lost meanwhile, also where it has them again. Under all slots' locks.
  void OnReopening();

 private:
  // Refuses an epoch that lies behind, or belongs to a different configuration.
  absl::Status CheckEpoch(int64_t epoch, const ClusterConfig& config) const;
  // Without `counters` no key is removed.
  void Apply(std::shared_ptr<const Topology> next, StoreCounters* counters);
  // With the first configuration behind a promotion: removes what this node has from its former
  // master in slots but the `kept` ones, all of which are closed. Not before that: until then
  // nobody has said which slots this node, as a master, has, and what it has may be all that is
  // left of them. Requires push_mutex_.
  void RemoveForeignKeys(const SlotSet& kept, StoreCounters* counters);
  // Who is made the master of the shard when it has been taken over by that node: that node.
  std::string TakenOverBy(const Shard& shard, absl::string_view node_id) const;
  // Puts an edited configuration of its own in the place of the current one. Requires push_mutex_.
  void ApplyOwn(std::shared_ptr<ClusterConfig> config);
  // Closes the lost slots and removes what is in them; but not on a replica, whose data is its
  // master's to change, nor on a node that is being taken over, or has been: what it has is what
  // the replica will have. Returns the number of keys.
  uint64_t CloseSlots(const SlotSet& lost, StoreCounters* counters);
  // Before the first configuration slots may have been filled by DEBUG POPULATE.
  uint64_t ClearForeignSlots(const SlotSet& owned, StoreCounters* counters);
  void OpenSlots(const SlotSet& gained);
  void SetTopologies(std::shared_ptr<const Topology> current,
                     std::shared_ptr<const Topology> other);
  void LogApplied(const Topology& topology, const SlotSet& lost, const SlotSet& gained,
                  uint64_t removed_keys);
  bool HasMutant(ServerMutant mutant) const;
  // The id that the configuration gives to whatever listens at this node's port, or "".
  std::string IdAtOwnPort(const Topology& topology) const;

  ServerState* const server_;
  ConfigCache* const config_cache_;
  const std::string node_id_;
  // Held while a configuration is judged and applied: one at a time.
  std::mutex push_mutex_;
  // Guarded by push_mutex_: the highest epoch that a configuration came with, and which one that
  // was. Configurations without an epoch leave both as they are.
  int64_t last_epoch_ = Topology::kNoEpoch;
  std::shared_ptr<const Topology> last_with_epoch_;
  bool has_foreign_keys_ = false;  // guarded by push_mutex_
  // Slots that were lost while a takeover was under way, and still hold what they had then. Each is
  // set under its slot's lock, with push_mutex_; all are read and reset under all slots' locks.
  SlotSet lost_in_takeover_;
  // Guards the two topologies. Taken with slots locked; no slot is locked while it is held.
  mutable std::mutex topology_mutex_;
  std::shared_ptr<const Topology> current_;
  std::shared_ptr<const Topology>
      other_;  // while one is being applied: the one that is not current
};

// The cluster of the node that `server` belongs to. Requires that the node has one, as all nodes
// do.
Cluster& ClusterOf(ServerState& server);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CLUSTER_H_
