#ifndef DAMSELFLY_SIM_CLUSTER_VIEW_ORACLE_H_
#define DAMSELFLY_SIM_CLUSTER_VIEW_ORACLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/cluster/push_ledger.h"
#include "sim/cluster/topology.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S8: what CLUSTER SLOTS, SHARDS and NODES tell is what a configuration says that the node may have
// had, so that they agree with each other and with MOVED wherever only one is possible. The epoch
// in CLUSTER INFO is that of a push which may have been the last one applied.
class ViewOracle {
 public:
  // `command` answered with these ranges, joined to be as long as possible.
  void OnView(const Occasion& occasion, const std::string& command, std::vector<SlotRange> ranges);
  void OnEpoch(const Occasion& occasion, int64_t epoch);

  // Judges everything, once, when all is over.
  void Check(const PushLedger& ledger, OracleBoard* board) const;

 private:
  struct View {
    Occasion occasion;
    std::string command;
    std::vector<SlotRange> ranges;
  };

  std::vector<View> views_;
  std::vector<std::pair<Occasion, int64_t>> epochs_;
};

// S4: when every node has acknowledged the last topology, a client arrives in at most one hop, and
// none gives up for being sent about. Needs nothing of what was pushed: only when the last push was
// acknowledged.
class RedirectOracle {
 public:
  // What a client went through for one request.
  struct Journey {
    int slot = 0;
    int64_t begin_ns = 0;
    int hops = 0;
    bool given_up = false;
    // Who answered, in order.
    std::vector<Occasion> answers;
  };

  void OnArrived(Journey journey) { journeys_.push_back(std::move(journey)); }
  // All nodes have acknowledged the last topology, and nothing else will be pushed with success.
  void OnSettled(int64_t time_ns) { settled_ns_ = time_ns; }

  // Judges everything that began after OnSettled, once, when all is over.
  void Check(OracleBoard* board) const;

 private:
  std::vector<Journey> journeys_;
  int64_t settled_ns_ = INT64_MAX;
};

// S2: keys that were found in a node's memory.
class ForeignKeysOracle {
 public:
  // The node, looked at at one instant, held keys of these slots and of no others.
  void OnLook(const Occasion& occasion, std::vector<int> slots);

  // Judges everything, once, when all is over.
  void Check(const PushLedger& ledger, OracleBoard* board) const;

 private:
  std::vector<std::pair<Occasion, std::vector<int>>> looks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_VIEW_ORACLE_H_
