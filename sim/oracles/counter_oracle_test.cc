#include "sim/oracles/counter_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

bool Passes(const CounterOracle& oracle) {
  OracleBoard board;
  oracle.Check("key", &board);
  return !board.violated();
}

TEST(CounterOracle, NumbersThatGrowWithTimePass) {
  CounterOracle oracle;
  oracle.OnRead(0, 0, 1);
  oracle.OnIncrement(1, 2, 5);
  oracle.OnIncrement(3, 4, 20);
  oracle.OnIncrement(2, 3, 10);
  oracle.OnRead(3, 30, 31);
  EXPECT_TRUE(Passes(oracle));
}

TEST(CounterOracle, TheSameNumberTwiceFails) {
  CounterOracle oracle;
  oracle.OnIncrement(1, 1, 2);
  oracle.OnIncrement(1, 3, 4);
  EXPECT_FALSE(Passes(oracle));
}

TEST(CounterOracle, AGapNeedsAnUnknownIncrement) {
  CounterOracle gap;
  gap.OnIncrement(1, 1, 2);
  gap.OnIncrement(3, 3, 4);
  EXPECT_FALSE(Passes(gap));
  gap.OnUnknownIncrement();
  EXPECT_TRUE(Passes(gap));
}

TEST(CounterOracle, ASmallerNumberLaterFails) {
  CounterOracle oracle;
  oracle.OnIncrement(2, 1, 2);
  oracle.OnIncrement(1, 3, 4);
  EXPECT_FALSE(Passes(oracle));
}

TEST(CounterOracle, AStaleReadFails) {
  CounterOracle oracle;
  oracle.OnIncrement(1, 1, 2);
  oracle.OnIncrement(2, 3, 4);
  oracle.OnRead(1, 5, 6);
  EXPECT_FALSE(Passes(oracle));
}

}  // namespace
}  // namespace damselfly::sim
