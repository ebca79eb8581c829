#ifndef DAMSELFLY_SIM_REPLICATION_RECONNECT_WATCH_H_
#define DAMSELFLY_SIM_REPLICATION_RECONNECT_WATCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// L1, of time: a replica whose link has broken goes on making others, soon after one another, as
// long as its master is there. Hears now and then how each replica gets on, once nothing goes wrong
// any more.
class ReconnectWatch {
 public:
  // Between two attempts a replica rests for half a second, and is given as much again.
  static constexpr int64_t kRestNsMax = 1'000'000'000;

  struct Look {
    int node = 0;
    // Without a link, and may make one: its master runs, and neither is being taken over.
    bool seeks = false;
    int incarnation = 0;
    int master = 0;
    uint64_t attempts = 0;       // of the process
    int64_t attempt_ns_max = 0;  // so long one may take
  };

  explicit ReconnectWatch(OracleBoard* board) : board_(board) {}

  // Times never decrease.
  void Observe(const Look& look, int64_t now_ns);

 private:
  struct Seen {
    Look look;
    int64_t since_ns = 0;
  };

  OracleBoard* const board_;
  std::vector<Seen> seen_;  // by node
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_RECONNECT_WATCH_H_
