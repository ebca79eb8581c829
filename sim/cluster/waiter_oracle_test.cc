#include "sim/cluster/waiter_oracle.h"

#include "gtest/gtest.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {
namespace {

class WaiterOracleTest : public testing::Test {
 protected:
  WaiterOracleTest() {
    Topology topology = Topology::Even(2);
    owned_ = ledger_.AddConfig(topology);
    topology.Assign(0, kSlotCount - 1, 1);
    lost_ = ledger_.AddConfig(topology);
    oracle_.JudgeLateness(100, [this](int) { return stands_until_ns_; });
  }

  void Push(int config, int64_t begin_ns, int64_t end_ns,
            PushOutcome outcome = PushOutcome::kApplied) {
    ledger_.Add({{0, 1, begin_ns, end_ns}, config, damselfly::sim::Push::kNoEpoch, outcome, ""});
  }
  bool Passes() {
    oracle_.Check([this](const Occasion& occasion, int,
                         int64_t late_ns) { return SlotGoneNs(ledger_, occasion, 7, late_ns); },
                  &board_);
    return !board_.violated();
  }

  PushLedger ledger_;
  int owned_;
  int lost_;
  int64_t stands_until_ns_ = 0;
  WaiterOracle oracle_;
  OracleBoard board_;
};

TEST_F(WaiterOracleTest, WhoIsToldSoonIsTold) {
  Push(owned_, 0, 1);
  oracle_.OnWaited({0, 1, 50, 1099}, "k");
  Push(lost_, 990, 1000);
  EXPECT_TRUE(Passes()) << board_.first_message();
  EXPECT_EQ(board_.checks(Oracle::kWaitersLeave), 1u);
}

TEST_F(WaiterOracleTest, WhoIsToldLateIsNot) {
  Push(owned_, 0, 1);
  oracle_.OnWaited({0, 1, 50, 1101}, "k");
  Push(lost_, 990, 1000);
  EXPECT_FALSE(Passes());
}

TEST_F(WaiterOracleTest, WhatComesBackAtOnceMayBeWaitedFor) {
  Push(owned_, 0, 1);
  oracle_.OnWaited({0, 1, 50, 5000}, "k");
  Push(lost_, 990, 1000);
  Push(owned_, 1050, 1060);
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(WaiterOracleTest, APushWithoutAnAnswerTakesNothingForCertain) {
  Push(owned_, 0, 1);
  oracle_.OnWaited({0, 1, 50, 5000}, "k");
  Push(lost_, 990, 1000, PushOutcome::kUnknown);
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(WaiterOracleTest, AMachineThatStandsStillTellsNobody) {
  stands_until_ns_ = 2000;
  Push(owned_, 0, 1);
  oracle_.OnWaited({0, 1, 50, 1101}, "k");
  Push(lost_, 990, 1000);
  EXPECT_TRUE(Passes()) << board_.first_message();
}

}  // namespace
}  // namespace damselfly::sim
