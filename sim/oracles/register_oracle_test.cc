#include "sim/oracles/register_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

bool Passes(const RegisterOracle& oracle) {
  OracleBoard board;
  oracle.Check("key", &board);
  return !board.violated();
}

TEST(RegisterOracle, WritesAndReadsInTurnPass) {
  RegisterOracle oracle;
  oracle.OnRead("", 0, 1);
  oracle.OnWrite("a", 10, 20);
  oracle.OnRead("a", 30, 40);
  oracle.OnWrite("b", 50, 60);
  oracle.OnRead("b", 70, 80);
  EXPECT_TRUE(Passes(oracle));
}

TEST(RegisterOracle, ConcurrentWritesMayTakeEffectInEitherOrder) {
  RegisterOracle oracle;
  oracle.OnWrite("a", 10, 50);
  oracle.OnWrite("b", 20, 40);
  oracle.OnRead("b", 25, 30);
  oracle.OnRead("a", 60, 70);
  EXPECT_TRUE(Passes(oracle));
}

TEST(RegisterOracle, AStaleReadFails) {
  RegisterOracle oracle;
  oracle.OnWrite("a", 10, 20);
  oracle.OnWrite("b", 30, 40);
  oracle.OnRead("a", 50, 60);
  EXPECT_FALSE(Passes(oracle));
}

TEST(RegisterOracle, ALostWriteFails) {
  RegisterOracle oracle;
  oracle.OnWrite("a", 10, 20);
  oracle.OnRead("", 30, 40);
  EXPECT_FALSE(Passes(oracle));
}

TEST(RegisterOracle, TwoReadersThatDisagreeOnTheOrderFail) {
  RegisterOracle oracle;
  oracle.OnWrite("a", 10, 20);
  oracle.OnWrite("b", 10, 20);
  oracle.OnRead("a", 30, 31);
  oracle.OnRead("b", 32, 33);
  oracle.OnRead("a", 34, 35);
  EXPECT_FALSE(Passes(oracle));
}

TEST(RegisterOracle, AValueFromNowhereFails) {
  RegisterOracle oracle;
  oracle.OnRead("x", 10, 20);
  EXPECT_FALSE(Passes(oracle));
}

TEST(RegisterOracle, AReadBeforeItsWriteFails) {
  RegisterOracle oracle;
  oracle.OnRead("a", 1, 2);
  oracle.OnWrite("a", 10, 20);
  EXPECT_FALSE(Passes(oracle));
}

TEST(RegisterOracle, AnUnknownWriteMayShowLateOrNever) {
  RegisterOracle never;
  never.OnWrite("a", 10, 20);
  never.OnUnknownWrite("b", 15);
  never.OnRead("a", 100, 110);
  EXPECT_TRUE(Passes(never));
  RegisterOracle late;
  late.OnWrite("a", 10, 20);
  late.OnUnknownWrite("b", 15);
  late.OnRead("a", 100, 110);
  late.OnRead("b", 200, 210);
  EXPECT_TRUE(Passes(late));
}

TEST(RegisterOracle, AnUnknownWriteThatShowedDoesNotVanish) {
  RegisterOracle oracle;
  oracle.OnWrite("a", 10, 20);
  oracle.OnUnknownWrite("b", 15);
  oracle.OnRead("b", 100, 110);
  oracle.OnRead("a", 200, 210);
  EXPECT_FALSE(Passes(oracle));
}

TEST(RegisterOracle, AWriteSwallowedWholeByAnotherValuesReignFails) {
  RegisterOracle oracle;
  oracle.OnWrite("a", 10, 20);
  oracle.OnRead("a", 30, 31);
  oracle.OnWrite("b", 40, 50);
  oracle.OnRead("a", 60, 61);
  EXPECT_FALSE(Passes(oracle));
}

TEST(RegisterOracle, OperationsOfOneInstantMayBeInAnyOrder) {
  RegisterOracle oracle;
  oracle.OnWrite("a", 10, 10);
  oracle.OnRead("a", 10, 10);
  oracle.OnWrite("b", 10, 10);
  oracle.OnRead("b", 10, 10);
  oracle.OnRead("b", 12, 12);
  EXPECT_TRUE(Passes(oracle));
}

}  // namespace
}  // namespace damselfly::sim
