#include "sim/oracles/overwrite_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

TEST(OverwriteOracle, AChainPasses) {
  OracleBoard board;
  OverwriteOracle oracle;
  oracle.OnOverwrite("key", "", "a", &board);
  oracle.OnOverwrite("key", "b", "c", &board);
  oracle.OnOverwrite("key", "a", "b", &board);
  EXPECT_FALSE(board.violated());
  EXPECT_EQ(board.checks(Oracle::kWatch), 3u);
}

TEST(OverwriteOracle, ALostUpdateFails) {
  OracleBoard board;
  OverwriteOracle oracle;
  oracle.OnOverwrite("key", "", "a", &board);
  oracle.OnOverwrite("key", "", "b", &board);
  EXPECT_TRUE(board.violated());
  EXPECT_EQ(board.first_oracle(), Oracle::kWatch);
}

}  // namespace
}  // namespace damselfly::sim
