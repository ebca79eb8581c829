#ifndef DAMSELFLY_SIM_ORACLES_TRANSFER_ORACLE_H_
#define DAMSELFLY_SIM_ORACLES_TRANSFER_ORACLE_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S28 by bank accounts in different slots: one atomic write opens them all with a known total,
// transactions move amounts between them, and whoever reads all of them in one transaction or one
// command must find the total. Before the accounts were opened in this life of the node they are
// empty, and transfers between empty accounts leave a total of zero.
class TransferOracle {
 public:
  explicit TransferOracle(int64_t total) : total_(total) {}

  void OnOpenSent(int64_t begin_ns);
  void OnOpenDone(int64_t end_ns);
  // Everybody's accounts as one read, executed in [begin_ns, end_ns], found them; 0 for one that
  // does not exist.
  void OnRead(absl::string_view bank, absl::Span<const int64_t> balances, int64_t begin_ns,
              int64_t end_ns, OracleBoard* board) const;

 private:
  const int64_t total_;
  int64_t first_open_begin_ns_ = INT64_MAX;
  int64_t first_open_end_ns_ = INT64_MAX;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_TRANSFER_ORACLE_H_
