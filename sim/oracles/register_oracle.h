#ifndef DAMSELFLY_SIM_ORACLES_REGISTER_ORACLE_H_
#define DAMSELFLY_SIM_ORACLES_REGISTER_ORACLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S24 for one key that many clients set, each time to a value never used before, and read. With
// unique values there is no search: Gibbons and Korach, "Testing shared memories", SIAM J. Comput.
// 1997, section 5. All operations on one value form a cluster; each cluster's zone reaches from the
// earliest end to the latest beginning in it. If the earliest end comes first the zone is forward:
// the key must hold the value throughout it. Else it is backward: the value is there at some
// instant within it. The history is linearizable if and only if no value is read that was not
// written or before it was, no two forward zones overlap, and no backward zone lies inside a
// forward one.
class RegisterOracle {
 public:
  // In nobody's value: the key does not exist yet.
  static constexpr absl::string_view kInitial = "";

  // A write that was acknowledged, executed in [begin_ns, end_ns].
  void OnWrite(const std::string& value, int64_t begin_ns, int64_t end_ns) {
    Add(value, begin_ns, end_ns, true);
  }
  // A write whose outcome nobody knows: executed after begin_ns, or never.
  void OnUnknownWrite(const std::string& value, int64_t begin_ns) {
    Add(value, begin_ns, INT64_MAX, true);
  }
  // A read; kInitial for nil.
  void OnRead(const std::string& value, int64_t begin_ns, int64_t end_ns) {
    Add(value, begin_ns, end_ns, false);
  }

  // Judges the whole history, once, at its end. `key` is for the message.
  void Check(absl::string_view key, OracleBoard* board) const;

 private:
  struct Cluster {
    bool written = false;
    int64_t write_begin_ns = INT64_MIN;
    int64_t first_end_ns = INT64_MAX;
    int64_t last_begin_ns = INT64_MIN;
    int64_t first_read_end_ns = INT64_MAX;
    int operations = 0;
  };
  struct Zone {
    int64_t low_ns;
    int64_t high_ns;
    const std::string* value;
  };

  void Add(const std::string& value, int64_t begin_ns, int64_t end_ns, bool write);
  // The zones of all values; false if a value was read from nowhere.
  bool MakeZones(absl::string_view key, OracleBoard* board, std::vector<Zone>* forward,
                 std::vector<Zone>* backward) const;

  std::map<std::string, Cluster> clusters_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_REGISTER_ORACLE_H_
