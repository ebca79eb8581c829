#include "sim/cluster/view_oracle.h"

#include <utility>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

// Both nodes have an even configuration from 10 on (epoch 1); node 0 loses slots 0 to 99 to node 1
// at 30..40 (epoch 2), of which node 1 hears at 100..110 only.
class ViewOracleTest : public testing::Test {
 protected:
  ViewOracleTest() {
    const int even = ledger_.AddConfig(Topology::Even(2));
    moved_topology_.Assign(0, 99, 1);
    const int moved = ledger_.AddConfig(moved_topology_);
    Apply(0, even, 1, 10, 10);
    Apply(1, even, 1, 10, 10);
    Apply(0, moved, 2, 30, 40);
    Apply(1, moved, 2, 100, 110);
  }
  void Apply(int node, int config, int64_t epoch, int64_t begin_ns, int64_t end_ns) {
    Push push;
    push.occasion = {node, 1, begin_ns, end_ns};
    push.config = config;
    push.epoch = epoch;
    push.outcome = PushOutcome::kApplied;
    ledger_.Add(push);
  }
  // What an oracle finds; kCanary for nothing.
  template <typename AnyOracle>
  Oracle Found(const AnyOracle& oracle) {
    OracleBoard board;
    oracle.Check(ledger_, &board);
    return board.first_oracle();
  }

  Topology moved_topology_ = Topology::Even(2);
  PushLedger ledger_;
};

TEST_F(ViewOracleTest, TheConfigurationInForceIsShown) {
  ViewOracle oracle;
  oracle.OnView({0, 1, 20, 21}, "SLOTS", Topology::Even(2).Ranges());
  oracle.OnView({0, 1, 35, 35}, "SLOTS", Topology::Even(2).Ranges());
  oracle.OnView({0, 1, 35, 36}, "NODES", moved_topology_.Ranges());
  oracle.OnView({0, 1, 41, 42}, "SHARDS", moved_topology_.Ranges());
  oracle.OnEpoch({0, 1, 20, 21}, 1);
  oracle.OnEpoch({0, 1, 50, 51}, 2);
  EXPECT_EQ(Found(oracle), Oracle::kCanary);
}

TEST_F(ViewOracleTest, AnOldViewIsFound) {
  ViewOracle oracle;
  oracle.OnView({0, 1, 41, 42}, "SLOTS", Topology::Even(2).Ranges());
  EXPECT_EQ(Found(oracle), Oracle::kIntrospection);
}

TEST_F(ViewOracleTest, AViewBeforeItsTimeIsFound) {
  ViewOracle oracle;
  oracle.OnView({1, 1, 41, 42}, "SLOTS", moved_topology_.Ranges());
  EXPECT_EQ(Found(oracle), Oracle::kIntrospection);
}

TEST_F(ViewOracleTest, AnOldEpochIsFound) {
  ViewOracle oracle;
  oracle.OnEpoch({0, 1, 50, 51}, 1);
  EXPECT_EQ(Found(oracle), Oracle::kConfigOrder);
}

// All nodes have the last topology from 110 on.
class RedirectOracleTest : public testing::Test {
 protected:
  void Arrive(int64_t begin_ns, int hops, bool given_up = false) {
    RedirectOracle::Journey journey;
    journey.slot = 50;
    journey.begin_ns = begin_ns;
    journey.hops = hops;
    journey.given_up = given_up;
    for (int i = 0; i <= hops; ++i)
      journey.answers.push_back({i % 2, 1, begin_ns + i, begin_ns + i});
    oracle_.OnArrived(std::move(journey));
  }
  // What the oracle finds in how many checks; kCanary for nothing.
  std::pair<Oracle, uint64_t> Found() {
    OracleBoard board;
    oracle_.OnSettled(110);
    oracle_.Check(&board);
    return {board.first_oracle(), board.checks(Oracle::kRedirectsEnd)};
  }

  RedirectOracle oracle_;
};

TEST_F(RedirectOracleTest, OneHopIsEnoughOnceTheNodesAgree) {
  Arrive(110, 0);
  Arrive(120, 1);
  EXPECT_EQ(Found(), std::make_pair(Oracle::kCanary, uint64_t{2}));
}

TEST_F(RedirectOracleTest, NothingIsSaidOfWhatBeganBefore) {
  Arrive(109, 3);
  Arrive(50, 9, true);
  EXPECT_EQ(Found(), std::make_pair(Oracle::kCanary, uint64_t{0}));
}

TEST_F(RedirectOracleTest, ASecondHopIsFound) {
  Arrive(110, 2);
  EXPECT_EQ(Found().first, Oracle::kRedirectsEnd);
}

TEST_F(RedirectOracleTest, WhoGivesUpIsFound) {
  Arrive(120, 9, true);
  EXPECT_EQ(Found().first, Oracle::kRedirectsEnd);
}

TEST_F(RedirectOracleTest, ARunThatEndedBeforeTheNodesAgreedIsNotJudged) {
  Arrive(120, 3);
  OracleBoard board;
  oracle_.Check(&board);
  EXPECT_FALSE(board.violated());
}

TEST_F(ViewOracleTest, KeysOfOwnedSlotsMayBeThere) {
  ForeignKeysOracle oracle;
  oracle.OnLook({0, 1, 35, 35}, {50, 8191});
  oracle.OnLook({0, 1, 41, 41}, {100});
  oracle.OnLook({0, 2, 50, 50}, {});
  EXPECT_EQ(Found(oracle), Oracle::kCanary);
}

TEST_F(ViewOracleTest, KeysOfALostSlotAreFound) {
  ForeignKeysOracle oracle;
  oracle.OnLook({0, 1, 41, 41}, {100, 50});
  EXPECT_EQ(Found(oracle), Oracle::kNoForeignKeys);
}

}  // namespace
}  // namespace damselfly::sim
