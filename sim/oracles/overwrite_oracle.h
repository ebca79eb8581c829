#ifndef DAMSELFLY_SIM_ORACLES_OVERWRITE_ORACLE_H_
#define DAMSELFLY_SIM_ORACLES_OVERWRITE_ORACLE_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S29 under contention: every writer of a key WATCHes it, reads it, and replaces what it read by a
// value never used before in a transaction. If EXEC succeeds only when nothing has changed since
// WATCH, each value is replaced at most once.
class OverwriteOracle {
 public:
  // A transaction that replaced `old_value` by `new_value` succeeded. "" for a key that did not
  // exist.
  void OnOverwrite(absl::string_view key, const std::string& old_value,
                   const std::string& new_value, OracleBoard* board);

 private:
  std::map<std::string, std::string> replaced_by_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_OVERWRITE_ORACLE_H_
