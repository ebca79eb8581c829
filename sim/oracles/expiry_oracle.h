#ifndef DAMSELFLY_SIM_ORACLES_EXPIRY_ORACLE_H_
#define DAMSELFLY_SIM_ORACLES_EXPIRY_ORACLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/model/moment.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S35 and S36 for one key that one client sets, each time to a new value with a time to live, and
// others read. A value may be read only while it can be alive by the node's own clock, and must be
// found while nothing can have ended it.
class ExpiryOracle {
 public:
  // Returns the write's number. It may be executed from `begin_ns` on.
  size_t OnWriteSent(const std::string& value, int64_t ttl_ms, int64_t begin_ns);
  // It was executed within `moment`. Writes that never get here have an unknown outcome.
  void OnWriteDone(size_t number, const Moment& moment);
  // A read; "" for nil.
  void OnRead(absl::string_view key, const std::string& value, const Moment& moment,
              OracleBoard* board) const;

 private:
  struct Write {
    std::string value;
    int64_t ttl_ms;
    int64_t sent_ns;
    bool done = false;
    Moment moment{0, 0, nullptr};
  };

  std::vector<Write> writes_;  // in the order of execution: they come from one connection at a time
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_EXPIRY_ORACLE_H_
