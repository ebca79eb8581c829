#include "sim/cluster/config_order_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

class ConfigOrderOracleTest : public testing::Test {
 protected:
  ConfigOrderOracleTest() {
    for (int i = 0; i < 3; ++i) {
      Topology topology = Topology::Even(3);
      topology.Assign(0, 0, i);
      ledger_.AddConfig(topology);
    }
    ledger_.AddConfig(ledger_.config(0));
  }
  void Add(int config, int64_t epoch, int64_t begin_ns, int64_t end_ns, PushOutcome outcome,
           int incarnation = 1) {
    Push push;
    push.occasion = {0, incarnation, begin_ns, end_ns};
    push.config = config;
    push.epoch = epoch;
    push.outcome = outcome;
    ledger_.Add(push);
  }
  bool Passes() {
    OracleBoard board;
    CheckConfigOrder(ledger_, &board);
    return !board.violated();
  }

  PushLedger ledger_;
};

TEST_F(ConfigOrderOracleTest, GrowingEpochsAreAcceptedAndOlderOnesRefused) {
  Add(0, 1, 10, 11, PushOutcome::kApplied);
  Add(1, 2, 20, 21, PushOutcome::kApplied);
  Add(0, 1, 30, 31, PushOutcome::kStale);
  Add(1, 2, 40, 41, PushOutcome::kApplied);
  Add(2, 2, 50, 51, PushOutcome::kStale);
  EXPECT_TRUE(Passes());
}

TEST_F(ConfigOrderOracleTest, AnOlderEpochAcceptedIsFound) {
  Add(1, 2, 20, 21, PushOutcome::kApplied);
  Add(0, 1, 30, 31, PushOutcome::kApplied);
  EXPECT_FALSE(Passes());
}

TEST_F(ConfigOrderOracleTest, TwoAtOnceMayComeInEitherOrder) {
  Add(1, 2, 20, 31, PushOutcome::kApplied);
  Add(0, 1, 30, 41, PushOutcome::kApplied);
  EXPECT_TRUE(Passes());
}

TEST_F(ConfigOrderOracleTest, AnEqualEpochIsForAnEqualConfigurationOnly) {
  Add(0, 1, 10, 11, PushOutcome::kApplied);
  Add(3, 1, 20, 21, PushOutcome::kApplied);
  EXPECT_TRUE(Passes());
  Add(1, 1, 30, 31, PushOutcome::kApplied);
  EXPECT_FALSE(Passes());
}

TEST_F(ConfigOrderOracleTest, ARestartForgetsEpochs) {
  Add(1, 2, 20, 21, PushOutcome::kApplied);
  Add(0, 1, 30, 31, PushOutcome::kApplied, 2);
  EXPECT_TRUE(Passes());
}

TEST_F(ConfigOrderOracleTest, WithoutEpochsTheLastOneWins) {
  Add(1, Push::kNoEpoch, 20, 21, PushOutcome::kApplied);
  Add(0, Push::kNoEpoch, 30, 31, PushOutcome::kApplied);
  EXPECT_TRUE(Passes());
  Add(0, Push::kNoEpoch, 40, 41, PushOutcome::kStale);
  EXPECT_FALSE(Passes());
}

TEST_F(ConfigOrderOracleTest, ARefusalWithoutAReasonIsFound) {
  Add(0, 1, 10, 11, PushOutcome::kApplied);
  Add(1, 2, 20, 21, PushOutcome::kStale);
  EXPECT_FALSE(Passes());
}

TEST_F(ConfigOrderOracleTest, ADoubtfulNewerOneExplainsARefusal) {
  Add(1, 2, 5, 11, PushOutcome::kUnknown);
  Add(0, 1, 20, 21, PushOutcome::kStale);
  EXPECT_TRUE(Passes());
}

TEST_F(ConfigOrderOracleTest, NonsenseIsRefusedAndNothingElseAsNonsense) {
  Add(Push::kInvalidConfig, 1, 10, 11, PushOutcome::kInvalid);
  EXPECT_TRUE(Passes());
  Add(0, 1, 20, 21, PushOutcome::kInvalid);
  EXPECT_FALSE(Passes());
}

TEST_F(ConfigOrderOracleTest, NonsenseAcceptedIsFound) {
  Add(Push::kInvalidConfig, 1, 10, 11, PushOutcome::kApplied);
  EXPECT_FALSE(Passes());
}

}  // namespace
}  // namespace damselfly::sim
