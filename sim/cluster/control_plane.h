#ifndef DAMSELFLY_SIM_CLUSTER_CONTROL_PLANE_H_
#define DAMSELFLY_SIM_CLUSTER_CONTROL_PLANE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/cluster/cluster_history.h"
#include "sim/cluster/scenario.pb.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/world/world.h"

namespace damselfly::sim {

struct ControlPlaneOptions {
  scenario::ControlPlane behaviour;
  bool epochs = true;
  int64_t change_count = 0;
  // The changes are made between these.
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  // A controller of old days: its epochs lag behind, and it never has the last word.
  bool deposed = false;
  // Slots that clients use: half of the changes move these.
  std::vector<int> used_slots;
  // Counts the starts of all nodes (SimNode::CountStartsIn), and outlives the control plane; null:
  // nobody does.
  const uint64_t* node_starts = nullptr;
};

// Who decides which node owns which slot, on a host of its own. Makes a goal topology, changes it
// at random, and pushes it to the admin port of each node as badly as the scenario wants: late,
// twice, out of order, to some nodes only, mixed with nonsense, and again to nodes that have come
// back from the dead and forgotten all. A push is a connection of its own and is tried again until
// it is answered. Keeps the ledger.
//
//   Start -> first topology -> changes ... -> Settle -> last topology, until every node has it
class ControlPlane {
 public:
  static constexpr int kAdminPort = 6380;

  // All outlive the control plane. It listens to no clients; its calls come outside of call-backs.
  ControlPlane(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
               const ControlPlaneOptions& options, ClusterHistory* history, OracleBoard* board);
  ~ControlPlane();

  void Start();
  // No new changes, no repetitions. Pushes that carry no epoch are not begun any more.
  void Stop() { stopped_ = true; }
  // Nothing is under way, nor will be.
  bool idle() const { return pushes_open_ == 0; }
  // Of a controller that has epochs: repetitions without one, which are under way.
  size_t pushes_without_epoch_open() const { return pushes_without_epoch_open_; }
  // After Stop, and once no push without epoch is under way: has the last word.
  void Settle();
  // Every node has taken the last topology.
  bool settled() const;
  const Topology& goal() const { return goal_; }
  // The world ends: pushes that nobody knows the end of go into the ledger as they are.
  void Close();

 private:
  // A topology to push. What is sent for it goes to a thousand nodes: made once.
  struct Version {
    int config = 0;
    int64_t epoch = 0;
    std::shared_ptr<const std::string> json;
    std::shared_ptr<const std::string> request;
  };

  Task<void> Live();
  Task<void> WatchNodes();
  Task<void> PushLate(int node, Version version, int64_t delay_ns);
  // Without its epoch, with it, and with it again.
  Task<void> PushThrice(int node, Version version, int64_t delay_ns);
  Task<void> PushNonsense(int node, int64_t delay_ns);
  Task<void> SettleNode(int node);
  // Until it is answered, or not wanted any more. Returns whether it was applied.
  Task<bool> Deliver(int node, Version version);
  // One connection. Returns whether there was an answer; *applied is set then.
  Task<bool> PushOnce(int node, Version version, bool* applied);
  // Looks what the node says of itself, on the connection of a push.
  Task<void> Inspect(AdminLink* link, int node);

  void Change();
  void MakeVersion();
  void Announce();
  int64_t NextEpoch();
  bool Wanted(const Version& version) const;
  Version VersionOf(int config, int64_t epoch, std::shared_ptr<const std::string> json) const;
  // What is sent for a push; mutants change it.
  std::vector<std::shared_ptr<const std::string>> Requests(const Version& version);
  void Note(Push push, const Reply& reply);
  bool IsApplied(const Reply& reply) const;
  SimLoop& loop() { return host_->runtime().loop(0); }
  Endpoint AdminEndpoint(int node) const;
  int64_t Delay(DecisionStream& draw);
  // Each change is decided for itself, and whom it is told to when: part 0 is the change.
  void BeginTurn() {
    ++turn_count_;
    BeginUnit(0);
  }
  void BeginUnit(uint64_t part) { decisions_.BeginUnit(turn_count_ << 16 | part); }

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const ControlPlaneOptions options_;
  ClusterHistory* const history_;
  OracleBoard* const board_;
  DecisionStream decisions_;  // what it wants
  DecisionStream push_decisions_;
  uint64_t turn_count_ = 0;
  Topology goal_;
  Version version_;
  int64_t change_number_ = 0;
  SlotRange last_move_{0, 0, -1};  // with the node that owned it before
  bool stopped_ = false;
  bool settling_ = false;
  size_t pushes_open_ = 0;
  size_t pushes_without_epoch_open_ = 0;
  uint64_t push_count_ = 0;
  std::map<uint64_t, Push> unresolved_;  // sent, and neither answered nor known to be over
  std::vector<int> incarnations_;        // of each node, as last seen
  uint64_t node_starts_seen_ = 0;
  std::vector<bool> settled_;
  TaskScope tasks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_CONTROL_PLANE_H_
