#ifndef DAMSELFLY_SIM_SCRIPT_STAGE_H_
#define DAMSELFLY_SIM_SCRIPT_STAGE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/cluster/cluster_history.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/node_watch.h"
#include "sim/replication/replication_history.h"
#include "sim/script/script.pb.h"
#include "sim/script/script_client.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// The nodes and clients of a script, and the oracles that hold whatever a script does: what nodes
// hold is what the journals say (S10 to S22, S30, S37, S38), who answers for a slot owns it (S1,
// S3, S9) and holds no other keys (S2), no node dies by itself (S41). Knows nothing of steps.
class Stage {
 public:
  // All outlive the stage. Makes every machine; starts the nodes that are not down.
  Stage(World* world, const scenario::Script& script, DecisionStream* draw, OracleBoard* board);
  ~Stage();

  SimNode& node(absl::string_view name) { return *nodes_[NumberOf(name)]; }
  const std::vector<std::unique_ptr<SimNode>>& nodes() const { return nodes_; }
  // A node's or a client's.
  Host& host(absl::string_view name);
  // The connection of a client to a node; the control plane's is to the admin port.
  ScriptClient& client(absl::string_view client, absl::string_view node);
  ScriptClient& control_plane(absl::string_view node);
  // The node's next process: connections to the last one on which nothing is due are given up.
  void Restart(absl::string_view node);
  bool is_member(absl::string_view node) const { return members_[NumberOf(node)]; }

  // Fills in the placeholders of a text: "<a>", "<a ip>".
  std::string Fill(absl::string_view text) const;

  // A request is on its way, and this came of it.
  void OnAsked(absl::string_view node, const Args& args);
  void OnAnswered(absl::string_view node, const Args& args, const Answer& answer);
  // The configuration has been pushed to the node, with that answer.
  void OnPushed(absl::string_view node, const scenario::ScriptConfig& config, const Answer& answer);
  // The text of a configuration.
  std::string JsonOf(const scenario::ScriptConfig& config) const;

  // Why the replica does not follow its master or lags behind; "" if it is in step.
  std::string WhyNotInStep(absl::string_view replica) const;
  // Everything that the node holds, looked at from inside. Requires that it runs.
  Contents ContentsOf(absl::string_view node) const;

  // Whether the node has ended itself, with this exit code, and nobody has asked yet.
  bool TakeExit(absl::string_view node, int* exit_code);

  // Looks for foreign keys in every member that runs.
  void LookForForeignKeys();
  // All is over: closes every connection. What is judged at the end is judged by Judge().
  void CloseClients();
  void Judge();

  ReplicationHistory& replication() { return replication_; }
  const ReplicationHistory& replication() const { return replication_; }

 private:
  // Where the node is in nodes_. Requires that there is one of that name.
  size_t NumberOf(absl::string_view name) const;
  void MakeNode(const scenario::ScriptNode& node, DecisionStream* draw);
  void CollectSlots(const scenario::Script& script);
  Topology TopologyOf(const scenario::ScriptConfig& config) const;
  std::string AddressOf(absl::string_view name) const;

  World* const world_;
  OracleBoard* const board_;
  ReplicationHistory replication_;
  ClusterHistory cluster_;
  // Ownership is judged where every shard is one node for ever.
  bool judges_ownership_ = true;
  std::vector<uint16_t> slots_;  // that the script's keys may be in
  std::vector<std::string> names_;
  std::vector<bool> members_;
  ConfigCache config_cache_{kConfigTextsMax};
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::vector<std::unique_ptr<NodeWatch>> watches_;
  std::map<std::string, int> exits_;
  std::map<std::string, Host*> client_hosts_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<ScriptClient>> clients_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCRIPT_STAGE_H_
