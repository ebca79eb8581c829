#ifndef DAMSELFLY_SIM_ORACLES_COUNTER_ORACLE_H_
#define DAMSELFLY_SIM_ORACLES_COUNTER_ORACLE_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S24 for one counter that many clients increment by one (and nobody does anything else to): every
// reply is a number of its own, they leave no gap but for increments whose outcome nobody knows,
// and they grow with time.
class CounterOracle {
 public:
  void OnIncrement(int64_t reply, int64_t begin_ns, int64_t end_ns) {
    done_.push_back({reply, begin_ns, end_ns});
  }
  void OnUnknownIncrement() { ++unknown_; }
  void OnRead(int64_t value, int64_t begin_ns, int64_t end_ns) {
    reads_.push_back({value, begin_ns, end_ns});
  }

  // Judges the whole history, once, at its end.
  void Check(absl::string_view key, OracleBoard* board) const;

 private:
  struct Operation {
    int64_t value;
    int64_t begin_ns;
    int64_t end_ns;
  };

  std::vector<Operation> done_;
  std::vector<Operation> reads_;
  int64_t unknown_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_COUNTER_ORACLE_H_
