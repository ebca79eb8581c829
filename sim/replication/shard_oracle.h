#ifndef DAMSELFLY_SIM_REPLICATION_SHARD_ORACLE_H_
#define DAMSELFLY_SIM_REPLICATION_SHARD_ORACLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "sim/cluster/interval_register.h"
#include "sim/cluster/push_ledger.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/cluster_view.h"
#include "sim/replication/shard_map.h"
#include "sim/replication/view_log.h"

namespace damselfly::sim {

// Who may answer for a slot in a cluster with replicas, by the configurations that a node may have
// had when it answered: it is told what was pushed where, and what nodes have answered; when all is
// over, it judges.
//   S1  what a node executes is of a slot that one of them gives to the node's shard
//   S3  whom it names in MOVED is the master of the key's slot under one of them, and of another
//       shard than the node's own. One that has been taken over names who did it, in the slots of
//       their shard: a replica of that shard which was being asked to when the node closed
//   S8  CLUSTER SLOTS, SHARDS, NODES and MYID tell one of them; or, by a node that has been
//   promoted
//       or taken over, what it has made of one of them by itself
//   S9  it executes nothing while it cannot have had any, and says that it has none only then
class ShardOracle {
 public:
  enum class ViewCommand { kMyId, kSlots, kShards, kNodes };
  static constexpr ViewCommand kViewCommands[] = {ViewCommand::kMyId, ViewCommand::kSlots,
                                                  ViewCommand::kShards, ViewCommand::kNodes};
  // What a node must have made of its configuration by itself: the last thing that has happened to
  // it, unless a configuration has come since then.
  struct OwnChange {
    enum class Kind { kNone, kPromoted, kTakenOver };
    Kind kind = Kind::kNone;
    int by = -1;           // of kTakenOver
    int64_t since_ns = 0;  // it was not done before that, and has been done by the occasion's begin
  };
  struct View {
    Occasion occasion;
    ViewCommand command;
    std::string text;  // as cluster_view.h makes it of the answer
    OwnChange change;
  };

  // "SLOTS", ...; and what it should tell at the node `self`, that has this view.
  static absl::string_view NameOf(ViewCommand command);
  static std::string ViewText(ViewCommand command, const ClusterView& view, int self,
                              absl::Span<const NodeAddress> nodes);

  // Outlives the oracle.
  explicit ShardOracle(const ViewLog* log) : log_(log) {}

  void set_nodes(std::vector<NodeAddress> nodes) { nodes_ = std::move(nodes); }
  const std::vector<NodeAddress>& nodes() const { return nodes_; }

  // A configuration: returns its number.
  int AddMap(std::shared_ptr<const ShardMap> map);
  // It was pushed, and took effect within `occasion`; or, unless `certain`, perhaps not.
  void OnPush(const Occasion& occasion, int map, bool certain);

  // The replica has been asked to take over from its master, and may have begun to within these.
  void OnTakeover(int replica, int64_t begin_ns, int64_t end_ns) {
    takeovers_.push_back({replica, begin_ns, end_ns});
  }

  // A command (for the message) with a key of that slot was executed.
  void OnExecuted(const Occasion& occasion, int slot, absl::string_view command);
  // It was answered by "MOVED `moved_slot` `address`".
  void OnMoved(const Occasion& occasion, int key_slot, int moved_slot, absl::string_view address);
  void OnView(View view) { views_.push_back(std::move(view)); }
  // It was answered by "Cluster is not yet configured".
  void OnUnconfigured(const Occasion& occasion) { unconfigured_.push_back(occasion); }

  void Check(OracleBoard* board) const;

 private:
  static constexpr int64_t kUnconfigured = -1;
  struct Executed {
    Occasion occasion;
    int slot;
    std::string command;
  };
  struct TakeoverAsked {
    int replica;
    int64_t begin_ns;
    int64_t end_ns;
  };
  struct Moved {
    Occasion occasion;
    int key_slot;
    int moved_slot;
    std::string address;
  };

  // Each configuration that the node may have had, null for none, until `visit` returns true.
  // Returns whether it has.
  bool Any(const Occasion& occasion, absl::FunctionRef<bool(const ShardMap* map)> visit) const;
  bool MayName(const Moved& moved, const ShardMap& map) const;
  // Who may have taken over from the process before the occasion's end.
  std::set<int> TakenOverBy(const Occasion& occasion) const;
  // The process has been promoted before the occasion's end.
  bool Promoted(const Occasion& occasion) const;
  // Some configuration may have taken effect within these.
  bool MayHaveChanged(const Occasion& occasion, int64_t begin_ns, int64_t end_ns) const;
  // What a configuration, one of maps_, says; made once.
  const ClusterView& ViewOf(const ShardMap& map) const;
  // What the node may have made of a configuration by itself by the occasion's end.
  std::vector<ClusterView> PossibleViews(const Occasion& occasion, const ShardMap& map) const;
  // The node, which has this configuration, may tell what `view` says.
  bool MayTell(const View& view, const ShardMap& map) const;
  void CheckView(const View& view, OracleBoard* board) const;
  void CheckExecuted(const Executed& executed, OracleBoard* board) const;
  void CheckMoved(const Moved& moved, OracleBoard* board) const;

  const ViewLog* const log_;
  std::vector<NodeAddress> nodes_;
  std::vector<std::shared_ptr<const ShardMap>> maps_;
  mutable absl::flat_hash_map<const ShardMap*, std::unique_ptr<ClusterView>> view_of_;
  std::map<std::pair<int, int>, IntervalRegister> in_force_;  // by node and incarnation
  std::vector<TakeoverAsked> takeovers_;
  std::vector<Executed> executed_;
  std::vector<Moved> moved_;
  std::vector<View> views_;
  std::vector<Occasion> unconfigured_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_SHARD_ORACLE_H_
