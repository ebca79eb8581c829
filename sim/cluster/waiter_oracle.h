#ifndef DAMSELFLY_SIM_CLUSTER_WAITER_ORACLE_H_
#define DAMSELFLY_SIM_CLUSTER_WAITER_ORACLE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/cluster/push_ledger.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S32: whoever waits for a key is answered soon when its node has nothing to do with it any more.
// Why that is so somebody else knows; what he is answered others judge.
class WaiterOracle {
 public:
  static constexpr int64_t kNever = INT64_MAX;

  // From when the node had the request to when it had written the answer.
  void OnWaited(const Occasion& occasion, absl::string_view key) {
    waits_.push_back({occasion, std::string(key)});
  }

  // Whoever is to leave has been answered within `late_ns`; but at a machine that stands still
  // until later, as `stands_until_ns` tells. Before this nobody is judged.
  void JudgeLateness(int64_t late_ns, std::function<int64_t(int node)> stands_until_ns) {
    late_ns_ = late_ns;
    stands_until_ns_ = std::move(stands_until_ns);
  }

  // Judges all who have waited. `gone_ns` tells from when on, not before the occasion begins, the
  // node had nothing to do with the key for longer than `late_ns`; kNever if that was never so.
  void Check(
      const std::function<int64_t(const Occasion& occasion, int slot, int64_t late_ns)>& gone_ns,
      OracleBoard* board) const;

 private:
  struct Wait {
    Occasion occasion;
    std::string key;
  };

  std::vector<Wait> waits_;
  int64_t late_ns_ = kNever;
  std::function<int64_t(int node)> stands_until_ns_;
};

// `gone_ns` of WaiterOracle, for the loss of a slot to a configuration.
int64_t SlotGoneNs(const PushLedger& ledger, const Occasion& occasion, int slot, int64_t late_ns);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_WAITER_ORACLE_H_
