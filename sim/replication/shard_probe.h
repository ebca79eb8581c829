#ifndef DAMSELFLY_SIM_REPLICATION_SHARD_PROBE_H_
#define DAMSELFLY_SIM_REPLICATION_SHARD_PROBE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/replication_history.h"
#include "sim/replication/shard_map.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// S2: whether a node holds keys of slots that `map` does not give to its shard. Looks into its
// memory: outside of the node's call-backs. "" if it holds none.
std::string ForeignKeysOf(SimNode& node, int number, const ShardMap& map);

// The last phase of a cluster with replicas: when every node has the last configuration and nothing
// goes wrong any more, asks each of them for keys of slots on either side of each range's ends, and
// for some of the workload's. L3: the nodes of the slot's shard answer. S3: all others name its
// master. S8: all of them tell the configuration as it is.
class ShardProbe {
 public:
  // All outlive this.
  ShardProbe(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
             ReplicationHistory* history, OracleBoard* board);
  ~ShardProbe();

  // Outside of call-backs.
  void Begin(std::shared_ptr<const ShardMap> map, const std::vector<uint16_t>& used_slots);
  bool done() const { return open_count_ == 0; }

 private:
  Task<void> ProbeNode(int node);
  bool Fits(int node, int slot, const Reply& reply) const;

  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
  DecisionStream decisions_;
  std::shared_ptr<const ShardMap> map_;
  std::vector<std::string> key_of_slot_;
  std::vector<uint16_t> used_slots_;
  size_t open_count_ = 0;
  TaskScope tasks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_SHARD_PROBE_H_
