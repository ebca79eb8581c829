#include "sim/cluster/ownership_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

// Node 0 owns slots 0 to 8191 from its first configuration, applied at 10..20, and loses slots 0
// to 99 to node 1 at 30..40.
class OwnershipOracleTest : public testing::Test {
 protected:
  OwnershipOracleTest() {
    Topology topology = Topology::Even(2);
    Apply(topology, 10, 20);
    topology.Assign(0, 99, 1);
    Apply(topology, 30, 40);
  }
  void Apply(const Topology& topology, int64_t begin_ns, int64_t end_ns) {
    Push push;
    push.occasion = {0, 1, begin_ns, end_ns};
    push.config = ledger_.AddConfig(topology);
    push.outcome = PushOutcome::kApplied;
    ledger_.Add(push);
  }
  // What the oracle finds; kCanary for nothing.
  Oracle Found() {
    OracleBoard board;
    oracle_.Check(ledger_, nodes_, &board);
    return board.first_oracle();
  }

  const std::vector<NodeAddress> nodes_ = {{"a", "10.0.0.1", 6379}, {"b", "10.0.0.2", 6379}};
  PushLedger ledger_;
  OwnershipOracle oracle_;
};

TEST_F(OwnershipOracleTest, OwnedSlotsAreServedAndOthersRedirected) {
  oracle_.OnUnconfigured({0, 1, 5, 6});
  oracle_.OnUnconfigured({0, 1, 15, 16});
  oracle_.OnExecuted({0, 1, 15, 16}, 50, "GET");
  oracle_.OnExecuted({0, 1, 35, 36}, 50, "GET");
  oracle_.OnMoved({0, 1, 35, 36}, 50, 50, "10.0.0.2:6379");
  oracle_.OnExecuted({0, 1, 50, 60}, 100, "GET");
  oracle_.OnMoved({0, 1, 50, 60}, 50, 50, "10.0.0.2:6379");
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(OwnershipOracleTest, ServingALostSlotIsFound) {
  oracle_.OnExecuted({0, 1, 41, 42}, 50, "SET");
  EXPECT_EQ(Found(), Oracle::kOneOwner);
}

TEST_F(OwnershipOracleTest, ServingBeforeTheFirstConfigurationIsFound) {
  oracle_.OnExecuted({0, 1, 5, 9}, 50, "SET");
  EXPECT_EQ(Found(), Oracle::kUnconfigured);
}

TEST_F(OwnershipOracleTest, ServingAfterARestartIsFound) {
  oracle_.OnExecuted({0, 2, 100, 110}, 100, "SET");
  EXPECT_EQ(Found(), Oracle::kUnconfigured);
}

TEST_F(OwnershipOracleTest, ClaimingToBeUnconfiguredIsFound) {
  oracle_.OnUnconfigured({0, 1, 50, 60});
  EXPECT_EQ(Found(), Oracle::kUnconfigured);
}

TEST_F(OwnershipOracleTest, MovedWithTheWrongSlotIsFound) {
  oracle_.OnMoved({0, 1, 50, 60}, 50, 51, "10.0.0.2:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

TEST_F(OwnershipOracleTest, MovedToTheResponderIsFound) {
  oracle_.OnMoved({0, 1, 50, 60}, 50, 50, "10.0.0.1:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

TEST_F(OwnershipOracleTest, MovedOfASlotThatTheNodeOwnsIsFound) {
  oracle_.OnMoved({0, 1, 50, 60}, 100, 100, "10.0.0.2:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

TEST_F(OwnershipOracleTest, MovedBeforeTheConfigurationThatSaysSoIsFound) {
  oracle_.OnMoved({0, 1, 21, 29}, 50, 50, "10.0.0.2:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

TEST_F(OwnershipOracleTest, MovedToNobodyIsFound) {
  oracle_.OnMoved({0, 1, 50, 60}, 50, 50, "10.0.0.9:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

}  // namespace
}  // namespace damselfly::sim
