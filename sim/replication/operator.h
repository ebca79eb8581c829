#ifndef DAMSELFLY_SIM_REPLICATION_OPERATOR_H_
#define DAMSELFLY_SIM_REPLICATION_OPERATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/config_keeper.h"
#include "sim/replication/replication_history.h"
#include "sim/replication/scenario.pb.h"
#include "sim/replication/takeover_asker.h"
#include "sim/replication/view_asker.h"
#include "sim/world/world.h"

namespace damselfly::sim {

struct OperatorOptions {
  int master_count = 1;
  int64_t end_ns = 0;  // of what it does at random
  bool cluster = false;
  int64_t repoints = 0;
  int64_t takeovers = 0;
  int64_t failovers = 0;
  int64_t detours = 0;
  int64_t slot_moves = 0;
  std::vector<uint16_t> used_slots;  // in a cluster: those that clients use
  scenario::Range takeover_s;
  scenario::Range push_delay_ms;
};

// Who decides which node is whose replica, on a host of its own. Has a goal; a keeper for each node
// brings it there, again after each death, with REPLICAOF. Until the end of the faults it changes
// the goal at random times: re-points replicas, has them take over, promotes one when a master has
// died. In a cluster each of the first masters has a shard, and the slots are divided among them;
// ranges of slots go from one shard to another, and each change of anything is pushed to all nodes
// as a configuration. A shard is that of its master: a replica that is told another master changes
// its shard, and one that is a master of its own has a shard without slots meanwhile. Where there
// is one shard only, slots go to another one that is nowhere.
//
//   goal: master of each node ──keeper──> REPLICAOF host port | NO ONE     until +OK, in this
//   process
//     ^ Repoint · TakeOver · FailOver · Detour
//   goal, and the shard of each slot ──ConfigKeeper──> DFLYCLUSTER CONFIG
//     ^ MoveSlots
class Operator {
 public:
  static constexpr int kNone = -1;  // instead of a master: is one itself

  // All outlive the operator.
  Operator(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
           const OperatorOptions& options, ReplicationHistory* history, OracleBoard* board);
  ~Operator();

  void Start();
  // The goal stays as it is. What is under way goes on.
  void Stop() {
    stopped_ = true;
    views_.Stop();
  }
  // Nothing is under way, and every process that runs has been told the goal.
  bool settled() const;
  // A node's master, or kNone.
  int master_of(int node) const { return goal_[static_cast<size_t>(node)]; }
  // Gives a replica another master, or tells it the same one again, now. Outside of call-backs.
  // `draw` decides.
  void Repoint(int node, DecisionStream draw);
  // Makes a replica a master of its own, and a while later a replica again. Outside of call-backs.
  void MakeDetour(int node, DecisionStream draw);
  // Called when a node has taken a configuration.
  void set_on_configured(
      std::function<void(const Occasion& occasion, const ShardMap& map)> handler) {
    configs_.set_on_taken(std::move(handler));
  }
  const TakeoverAsker& takeovers() const { return takeovers_; }
  // All is over: the oracle of shards hears what became of the last pushes.
  void Close() { configs_.Close(); }
  // Called when a node has been told whose replica it is.
  void set_on_told(std::function<void(int node, int master)> handler) {
    on_told_ = std::move(handler);
  }
  // What died after a takeover, and is to be started again: outside of call-backs.
  void OnExited(int node);

 private:
  // What a node has been told.
  struct Told {
    int incarnation = 0;
    uint64_t generation = 0;
  };

  // Now and then, for ever: whoever must be told something is, by a task of his own.
  void LookAtNodes();
  bool MustTell(int node) const;
  Task<void> Keep(int node);
  Task<bool> Tell(int node);
  Task<void> TakeOver(int replica, DecisionStream draw);
  // Asks a replica, now and then another one of the same master at the same time, of whom one at
  // most may succeed, or when the first one has failed. Returns who has taken over, or -1.
  Task<int> AskTakeOver(int replica, int64_t seconds, DecisionStream draw);
  Task<void> AskRival(TakeoverAsker::Request request, DecisionStream draw, bool* over, bool* taken);
  // In a cluster: asks the two what they make of it by themselves, before anybody tells them.
  Task<void> AskForChanges(int old_master, int replica, int64_t since_ns);
  // Another replica of the same master that is there to be asked, or -1.
  int RivalOf(int replica, DecisionStream& draw);
  Task<void> Detour(int node, DecisionStream draw);
  void PlanActions();
  void FailOver(DecisionStream draw);
  // The replica becomes the master of all that its master had, and of that one too.
  void MakeMaster(int replica);
  void SetGoal(int node, int master);
  void OnGoalChanged();
  // In a cluster: how some node is said to be changes now and then, with something else.
  void DrawHealth();
  // Cuts the slots into as many parts as there are shards, none of them small.
  void DivideSlots();
  // A range of slots, some of them in use, goes to another shard, and perhaps comes back later.
  Task<void> MoveSlots(DecisionStream draw);
  std::shared_ptr<const ShardMap> MakeMap() const;
  // A random node of those that are replicas (or masters with replicas), or -1.
  int RandomReplica(DecisionStream& draw);
  int RandomMaster(DecisionStream& draw);
  // The process that runs knows the goal.
  bool told(int node) const;
  bool busy(int node) const { return busy_[static_cast<size_t>(node)] > 0; }
  void AddBusy(int node, int amount) { busy_[static_cast<size_t>(node)] += amount; }
  const NodeView* ViewOf(int node) const;
  SimNode& NodeAt(int node) const { return *(*nodes_)[static_cast<size_t>(node)]; }
  SimLoop& loop() { return host_->runtime().loop(0); }

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const OperatorOptions options_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
  DecisionStream decisions_;
  std::vector<int> goal_;
  std::vector<uint64_t> generation_;  // of each node's goal
  std::vector<Told> told_;
  std::vector<int> busy_;  // a takeover concerns it: keepers leave it alone
  // Somebody is about it, for each node.
  std::vector<bool> tells_;
  std::vector<DecisionStream> tell_decisions_;
  // In a cluster: the shard of each slot, and each shard's master.
  Topology slots_ = Topology::Even(1);
  std::vector<int> master_of_shard_;
  std::vector<NodeHealth> health_of_;
  DecisionStream health_decisions_;
  ConfigKeeper configs_;
  ViewAsker views_;
  TakeoverAsker takeovers_;
  bool stopped_ = false;
  int actions_open_ = 0;
  std::function<void(int, int)> on_told_ = [](int, int) {};
  TaskScope tasks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_OPERATOR_H_
