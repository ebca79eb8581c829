#include "sim/oracles/transfer_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

bool Passes(const TransferOracle& oracle, std::vector<int64_t> balances, int64_t begin_ns,
            int64_t end_ns) {
  OracleBoard board;
  oracle.OnRead("bank", balances, begin_ns, end_ns, &board);
  return !board.violated();
}

TEST(TransferOracle, TheTotalStays) {
  TransferOracle oracle(300);
  oracle.OnOpenSent(10);
  oracle.OnOpenDone(20);
  EXPECT_TRUE(Passes(oracle, {100, 100, 100}, 30, 31));
  EXPECT_TRUE(Passes(oracle, {-50, 250, 100}, 30, 31));
  EXPECT_FALSE(Passes(oracle, {90, 100, 100}, 30, 31));
}

TEST(TransferOracle, BeforeTheOpeningAllIsZero) {
  TransferOracle oracle(300);
  EXPECT_TRUE(Passes(oracle, {0, 0, 0}, 1, 2));
  EXPECT_TRUE(Passes(oracle, {-5, 5, 0}, 1, 2));
  EXPECT_FALSE(Passes(oracle, {100, 100, 100}, 1, 2));
}

TEST(TransferOracle, DuringTheOpeningItIsAllOrNothing) {
  TransferOracle oracle(300);
  oracle.OnOpenSent(10);
  EXPECT_TRUE(Passes(oracle, {0, 0, 0}, 15, 16));
  EXPECT_TRUE(Passes(oracle, {100, 100, 100}, 15, 16));
  EXPECT_FALSE(Passes(oracle, {100, 100, 0}, 15, 16));
}

TEST(TransferOracle, AfterTheOpeningNothingIsAnError) {
  TransferOracle oracle(300);
  oracle.OnOpenSent(10);
  oracle.OnOpenDone(20);
  EXPECT_FALSE(Passes(oracle, {0, 0, 0}, 30, 31));
}

}  // namespace
}  // namespace damselfly::sim
