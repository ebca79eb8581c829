#ifndef DAMSELFLY_SIM_REPLICATION_CONFIG_KEEPER_H_
#define DAMSELFLY_SIM_REPLICATION_CONFIG_KEEPER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/replication_history.h"
#include "sim/replication/scenario.pb.h"
#include "sim/replication/shard_map.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Pushes the one true configuration of a cluster to all nodes, each in its own time, and again
// after each death, and tells the oracle of shards what was pushed where. One push at a time to a
// node: the next one waits until it is clear that the one before, if it had no answer, can take
// effect no more.
class ConfigKeeper {
 public:
  static constexpr int kAdminPort = 6380;

  // All outlive this. Nothing is pushed before the first SetMap.
  ConfigKeeper(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
               const scenario::Range& delay_ms, ReplicationHistory* history, OracleBoard* board);
  ~ConfigKeeper();

  // Once.
  void Start();
  // What all nodes are told from now on.
  void SetMap(std::shared_ptr<const ShardMap> map);
  // Tells the node once more, though it may know. Whoever has been made a master may hold what its
  // former master had, in slots that it has lost: it removes that with the next configuration.
  void TellAgain(int node);
  // Every process that runs has taken the last configuration.
  bool settled() const;
  // Called when a node has taken a configuration: between when, and which one.
  void set_on_taken(std::function<void(const Occasion& occasion, const ShardMap& map)> handler) {
    on_taken_ = std::move(handler);
  }
  // All is over: what is still without an answer may yet have been taken.
  void Close();

 private:
  struct Taken {
    int incarnation = 0;
    uint64_t generation = 0;
  };
  // One that has no answer yet.
  struct Pending {
    Occasion occasion;
    int map;
  };

  // Now and then, for ever: whoever must be told is, by a task of his own.
  void LookAtNodes();
  bool MustTell(size_t node) const;
  Task<void> Keep(int node);
  Task<void> Push(int node);
  bool taken(size_t node) const;
  SimNode& NodeAt(int node) const { return *(*nodes_)[static_cast<size_t>(node)]; }
  SimLoop& loop() { return host_->runtime().loop(0); }

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const scenario::Range delay_ms_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
  std::shared_ptr<const ShardMap> map_;
  std::string json_;  // of it
  int map_number_ = -1;
  uint64_t generation_ = 0;
  std::vector<uint64_t> again_count_;  // of each node: calls of TellAgain
  std::vector<Taken> taken_;
  std::vector<std::optional<Pending>> pending_;
  std::vector<bool> tells_;  // somebody is about it, for each node
  std::vector<DecisionStream> decisions_;
  std::function<void(const Occasion&, const ShardMap&)> on_taken_ = [](const Occasion&,
                                                                       const ShardMap&) {};
  TaskScope tasks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_CONFIG_KEEPER_H_
