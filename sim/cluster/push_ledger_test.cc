#include "sim/cluster/push_ledger.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

class PushLedgerTest : public testing::Test {
 protected:
  PushLedgerTest() {
    even_ = ledger_.AddConfig(Topology::Even(2));
    Topology moved = Topology::Even(2);
    moved.Assign(0, 99, 1);
    moved_ = ledger_.AddConfig(moved);
  }
  void Add(int config, int64_t begin_ns, int64_t end_ns, PushOutcome outcome, int node = 0) {
    Push push;
    push.occasion = {node, 1, begin_ns, end_ns};
    push.config = config;
    push.outcome = outcome;
    ledger_.Add(push);
  }

  PushLedger ledger_;
  int even_ = 0;
  int moved_ = 0;
};

TEST_F(PushLedgerTest, ANodeOwnsNothingBeforeItsFirstConfiguration) {
  Add(even_, 10, 20, PushOutcome::kApplied);
  EXPECT_FALSE(ledger_.MayOwn({0, 1, 1, 9}, 5));
  EXPECT_TRUE(ledger_.MayBeUnconfigured({0, 1, 1, 9}));
  EXPECT_TRUE(ledger_.MayOwn({0, 1, 15, 15}, 5));
  EXPECT_TRUE(ledger_.MayBeUnconfigured({0, 1, 15, 15}));
  EXPECT_TRUE(ledger_.MayOwn({0, 1, 21, 22}, 5));
  EXPECT_FALSE(ledger_.MayBeUnconfigured({0, 1, 21, 22}));
  EXPECT_FALSE(ledger_.MayOwn({0, 1, 21, 22}, 16383));
}

TEST_F(PushLedgerTest, ARestartedNodeAndAnotherOneAreUnconfigured) {
  Add(even_, 10, 20, PushOutcome::kApplied);
  EXPECT_TRUE(ledger_.MayBeUnconfigured({0, 2, 30, 40}));
  EXPECT_FALSE(ledger_.MayOwn({0, 2, 30, 40}, 5));
  EXPECT_FALSE(ledger_.MayOwn({1, 1, 30, 40}, 16383));
}

TEST_F(PushLedgerTest, TheLastOneAppliedCounts) {
  Add(even_, 10, 20, PushOutcome::kApplied);
  Add(moved_, 30, 40, PushOutcome::kApplied);
  EXPECT_TRUE(ledger_.MayOwn({0, 1, 29, 29}, 5));
  EXPECT_TRUE(ledger_.MayOwn({0, 1, 35, 50}, 5));
  EXPECT_FALSE(ledger_.MayOwn({0, 1, 41, 50}, 5));
  EXPECT_TRUE(ledger_.MayOwn({0, 1, 41, 50}, 100));
}

TEST_F(PushLedgerTest, RefusedOnesDoNotCountAndUnansweredOnesMay) {
  Add(even_, 10, 20, PushOutcome::kApplied);
  Add(moved_, 30, 40, PushOutcome::kStale);
  Add(moved_, 32, 42, PushOutcome::kNever);
  Add(Push::kInvalidConfig, 33, 43, PushOutcome::kUnknown);
  EXPECT_EQ(ledger_.PossiblePushes({0, 1, 50, 50}), (std::vector<int>{0}));
  Add(moved_, 60, INT64_MAX, PushOutcome::kUnknown);
  EXPECT_EQ(ledger_.PossiblePushes({0, 1, 70, 70}), (std::vector<int>{0, 4}));
  EXPECT_EQ(ledger_.AppliedAt(0, 1), (std::vector<int>{0, 4}));
}

}  // namespace
}  // namespace damselfly::sim
