#ifndef DAMSELFLY_SIM_CLUSTER_OWNERSHIP_ORACLE_H_
#define DAMSELFLY_SIM_CLUSTER_OWNERSHIP_ORACLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sim/cluster/push_ledger.h"
#include "sim/cluster/topology.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// Who may answer for a slot, by the configurations that a node may have had when it answered:
//   S1  what it executed is of a slot that one of them gives it
//   S3  whom it names in MOVED owns the key's slot under one of them, and is not the node itself
//   S9  it executes nothing while it cannot have had any, and says that it has none only then
class OwnershipOracle {
 public:
  // A command (for the message) with a key of that slot was executed.
  void OnExecuted(const Occasion& occasion, int slot, absl::string_view command);
  // It was answered by "MOVED `moved_slot` `address`".
  void OnMoved(const Occasion& occasion, int key_slot, int moved_slot, absl::string_view address);
  // It was answered by "Cluster is not yet configured".
  void OnUnconfigured(const Occasion& occasion);

  // Judges everything, once, when all is over.
  void Check(const PushLedger& ledger, absl::Span<const NodeAddress> nodes,
             OracleBoard* board) const;

 private:
  struct Executed {
    Occasion occasion;
    int slot;
    std::string command;
  };
  struct Moved {
    Occasion occasion;
    int key_slot;
    int moved_slot;
    std::string address;
  };

  static void CheckExecuted(const Executed& executed, const PushLedger& ledger, OracleBoard* board);
  static void CheckMoved(const Moved& moved, const PushLedger& ledger,
                         absl::Span<const NodeAddress> nodes, OracleBoard* board);

  std::vector<Executed> executed_;
  std::vector<Moved> moved_;
  std::vector<Occasion> unconfigured_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_OWNERSHIP_ORACLE_H_
