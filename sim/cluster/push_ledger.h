#ifndef DAMSELFLY_SIM_CLUSTER_PUSH_LEDGER_H_
#define DAMSELFLY_SIM_CLUSTER_PUSH_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/cluster/interval_register.h"
#include "sim/cluster/topology.h"

namespace damselfly::sim {

// Where and when something happened at a node, as well as it is known: in this process of the node,
// not before `begin_ns`, not after `end_ns`.
struct Occasion {
  int node = 0;
  int incarnation = 0;
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
};

// "node 3 (process 1) at 12..15 ns".
std::string OccasionText(const Occasion& occasion);

// What became of a push.
enum class PushOutcome {
  kUnknown,  // no answer: it may have been applied within its interval, or not
  kApplied,  // +OK
  kStale,    // refused: an older epoch
  kInvalid,  // refused: not a configuration
  kNever,    // the node was never given the whole of it
};

// One configuration sent to one node.
struct Push {
  static constexpr int64_t kNoEpoch = -1;
  static constexpr int kInvalidConfig = -1;

  Occasion occasion;
  int config = kInvalidConfig;  // its number in the ledger
  int64_t epoch = kNoEpoch;
  PushOutcome outcome = PushOutcome::kUnknown;
  std::string answer;  // the error's text, of a refused one
};

// The ground truth about configurations: which there are, and which was pushed where and when, and
// what the node said. The control plane writes it while the world runs; the oracles read it when
// all is over, and every push has found its outcome.
class PushLedger {
 public:
  // A node that has not applied any: it owns nothing.
  static constexpr int kUnconfigured = -1;

  int AddConfig(const Topology& topology);
  const Topology& config(int number) const { return configs_[static_cast<size_t>(number)]; }
  int config_count() const { return static_cast<int>(configs_.size()); }

  void Add(Push push);
  const std::vector<Push>& pushes() const { return pushes_; }

  // The pushes (by their number) that may have been the last one applied at some instant of
  // `occasion`; kUnconfigured if it may have been none.
  std::vector<int> PossiblePushes(const Occasion& occasion) const;
  // Whether some configuration that may have been in force there gives the node that slot.
  bool MayOwn(const Occasion& occasion, int slot) const;
  // Whether the node may have had no configuration then.
  bool MayBeUnconfigured(const Occasion& occasion) const;
  // Pushes to this process that may have been applied, in the order of Add.
  const std::vector<int>& AppliedAt(int node, int incarnation) const;

 private:
  struct NodeHistory {
    IntervalRegister in_force;
    std::vector<int> applied;
  };

  const NodeHistory* Find(const Occasion& occasion) const;

  std::vector<Topology> configs_;
  std::vector<Push> pushes_;
  std::map<std::pair<int, int>, NodeHistory> nodes_;  // by node and incarnation
  const std::vector<int> nothing_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_PUSH_LEDGER_H_
