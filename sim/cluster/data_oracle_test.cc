#include "sim/cluster/data_oracle.h"

#include "gtest/gtest.h"
#include "server/base/crc16.h"

namespace damselfly::sim {
namespace {

// Node 0 owns everything from 10 on, loses it at 100..110 and regains it at 200..210.
class DataOracleTest : public testing::Test {
 protected:
  DataOracleTest() {
    Topology lost = Topology::Even(1);
    lost.Assign(0, kSlotCount - 1, 1);
    Apply(Topology::Even(1), 10, 10);
    Apply(lost, 100, 110);
    Apply(Topology::Even(1), 200, 210);
  }
  void Apply(const Topology& topology, int64_t begin_ns, int64_t end_ns) {
    Push push;
    push.occasion = {0, 1, begin_ns, end_ns};
    push.config = ledger_.AddConfig(topology);
    push.outcome = PushOutcome::kApplied;
    ledger_.Add(push);
  }
  void Write(const std::string& value, int64_t begin_ns, int64_t end_ns,
             WriteOutcome outcome = WriteOutcome::kDone) {
    oracle_.OnWrite("k", value, {0, 1, begin_ns, end_ns}, outcome);
  }
  void Read(const std::string& value, int64_t begin_ns, int64_t end_ns, int incarnation = 1) {
    oracle_.OnRead("k", value, {0, incarnation, begin_ns, end_ns});
  }
  // What the oracle finds; kCanary for nothing.
  Oracle Found() {
    OracleBoard board;
    oracle_.Check(ledger_, &board);
    return board.first_oracle();
  }

  PushLedger ledger_;
  DataOracle oracle_;
};

TEST_F(DataOracleTest, TheLastValueIsReadUntilTheSlotIsLost) {
  Read("", 11, 12);
  Write("a", 20, 21);
  Read("a", 30, 31);
  Write("b", 40, 41);
  Read("b", 50, 105);
  Read("", 101, 105);
  Read("", 220, 221);
  Write("c", 230, 231);
  Read("c", 240, 241);
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(DataOracleTest, AnOldValueIsFound) {
  Write("a", 20, 21);
  Write("b", 40, 41);
  Read("a", 50, 51);
  EXPECT_EQ(Found(), Oracle::kLinearizable);
}

TEST_F(DataOracleTest, AVanishedValueIsFound) {
  Write("a", 20, 21);
  Read("", 50, 51);
  EXPECT_EQ(Found(), Oracle::kLinearizable);
}

TEST_F(DataOracleTest, ADeletionExplainsThatNothingIsThere) {
  Write("a", 20, 21);
  oracle_.OnDelete("k", {0, 1, 30, INT64_MAX}, false);
  Read("a", 40, 41);
  Read("", 50, 51);
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(DataOracleTest, AValueThatComesBackWithItsSlotIsFound) {
  Write("a", 20, 21);
  Read("a", 220, 221);
  EXPECT_EQ(Found(), Oracle::kNoResurrection);
}

TEST_F(DataOracleTest, AValueNewerThanTheLossIsNoResurrection) {
  Write("a", 90, 205, WriteOutcome::kUnknown);
  Read("a", 220, 221);
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(DataOracleTest, ARestartedNodeIsEmpty) {
  Write("a", 20, 21);
  Read("", 30, 31, 2);
  EXPECT_EQ(Found(), Oracle::kCanary);
  Read("a", 40, 41, 2);
  EXPECT_EQ(Found(), Oracle::kLinearizable);
}

TEST_F(DataOracleTest, WhatWasRefusedIsNeverSeen) {
  Write("a", 20, 21, WriteOutcome::kRefused);
  Read("", 30, 31);
  EXPECT_EQ(Found(), Oracle::kCanary);
  Read("a", 40, 41);
  EXPECT_EQ(Found(), Oracle::kConfigAtomic);
}

TEST_F(DataOracleTest, WhatHadKeysOfSeveralSlotsIsNeverSeen) {
  Write("a", 20, 21, WriteOutcome::kRefusedSlots);
  Read("a", 40, 41);
  EXPECT_EQ(Found(), Oracle::kOneSlot);
}

TEST_F(DataOracleTest, AValueFromNowhereIsFound) {
  Read("a", 40, 41);
  EXPECT_EQ(Found(), Oracle::kLinearizable);
}

TEST_F(DataOracleTest, HalfAPairIsFound) {
  Write("a", 20, 21);
  oracle_.OnWrite("l", "a", {0, 1, 20, 21}, WriteOutcome::kDone);
  oracle_.OnPairRead("k", "l", "a", "a", {0, 1, 30, 31});
  EXPECT_EQ(Found(), Oracle::kCanary);
  oracle_.OnPairRead("k", "l", "a", "", {0, 1, 20, 21});
  EXPECT_EQ(Found(), Oracle::kAllOrNothing);
}

TEST_F(DataOracleTest, ExecAfterTheWatchedKeyWasLostIsFound) {
  Write("a", 20, 21);
  oracle_.OnWatched("k", "a", {0, 1, 30, 31}, {0, 1, 40, 41});
  oracle_.OnWatched("k", "", {0, 1, 201, 202}, {0, 1, 220, 221});
  EXPECT_EQ(Found(), Oracle::kCanary);
  oracle_.OnWatched("k", "a", {0, 1, 90, 91}, {0, 1, 220, 221});
  EXPECT_EQ(Found(), Oracle::kWatch);
}

TEST_F(DataOracleTest, ExecAfterTheSlotOfAMissingWatchedKeyWasLostIsFound) {
  oracle_.OnWatched("k", "", {0, 1, 90, 91}, {0, 1, 220, 221});
  EXPECT_EQ(Found(), Oracle::kWatch);
}

TEST_F(DataOracleTest, ExecAfterTheWatchedKeyWasWrittenIsFound) {
  Write("a", 20, 21);
  oracle_.OnWatched("k", "", {0, 1, 12, 13}, {0, 1, 40, 41});
  EXPECT_EQ(Found(), Oracle::kWatch);
}

TEST_F(DataOracleTest, ANullExecIsExplainedByWhateverMayHaveChangedTheKey) {
  const auto fails = [this](int64_t watch_ns, int64_t exec_ns) {
    oracle_.OnWatchFailed("k", {0, 1, watch_ns, watch_ns + 1}, {0, 1, exec_ns, exec_ns + 1});
  };
  Write("a", 20, 25);
  fails(12, 19);
  fails(25, 30);
  oracle_.OnDelete("k", {0, 1, 40, 41}, true);
  fails(35, 50);
  // The loss of the slot.
  fails(90, 95 + 5);
  fails(110, 120);
  Write("b", 130, INT64_MAX, WriteOutcome::kUnknown);
  fails(300, 310);
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(DataOracleTest, ANullExecThatNothingExplainsIsFound) {
  Write("a", 20, 25);
  Write("b", 60, 61);
  Write("c", 40, 41, WriteOutcome::kRefused);
  // Another process of the node.
  oracle_.OnWrite("k", "d", {0, 2, 40, 41}, WriteOutcome::kDone);
  oracle_.OnWatchFailed("k", {0, 1, 26, 27}, {0, 1, 58, 59});
  EXPECT_EQ(Found(), Oracle::kWatch);
}

}  // namespace
}  // namespace damselfly::sim
