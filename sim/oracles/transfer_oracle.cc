#include "sim/oracles/transfer_oracle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace damselfly::sim {

void TransferOracle::OnOpenSent(int64_t begin_ns) {
  first_open_begin_ns_ = std::min(first_open_begin_ns_, begin_ns);
}

void TransferOracle::OnOpenDone(int64_t end_ns) {
  first_open_end_ns_ = std::min(first_open_end_ns_, end_ns);
}

void TransferOracle::OnRead(absl::string_view bank, absl::Span<const int64_t> balances,
                            int64_t begin_ns, int64_t end_ns, OracleBoard* board) const {
  board->CountCheck(Oracle::kAllOrNothing);
  int64_t sum = 0;
  for (int64_t balance : balances) sum += balance;
  const bool may_be_unopened = begin_ns <= first_open_end_ns_;
  const bool may_be_open = end_ns >= first_open_begin_ns_;
  if ((sum == 0 && may_be_unopened) || (sum == total_ && may_be_open)) return;
  board->Violate(Oracle::kAllOrNothing,
                 absl::StrCat(bank, ": the accounts hold ", absl::StrJoin(balances, " + "), " = ",
                              sum, ", not ", total_, " in all"));
}

}  // namespace damselfly::sim
