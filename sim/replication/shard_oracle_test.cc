#include "sim/replication/shard_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

// Node 0, with its replica 2, has slots 0 to 8191 from its first configuration, applied at 10..20,
// and loses slots 0 to 99 to node 1 at 30..40.
class ShardOracleTest : public testing::Test {
 protected:
  ShardOracleTest() : oracle_(&log_) {
    oracle_.set_nodes(
        {{"n0", "10.0.0.1", 6379}, {"n1", "10.0.0.2", 6379}, {"n2", "10.0.0.3", 6379}});
    ShardMap map;
    map.slots = Topology::Even(2);
    map.master_of = {0, 1};
    map.shard_of = {0, 1, 0};
    first_ = oracle_.AddMap(std::make_shared<const ShardMap>(map));
    map.slots.Assign(0, 99, 1);
    second_ = oracle_.AddMap(std::make_shared<const ShardMap>(map));
    for (int node : {0, 2}) {
      oracle_.OnPush({node, 1, 10, 20}, first_, true);
      oracle_.OnPush({node, 1, 30, 40}, second_, true);
    }
  }
  // What the oracle finds; kCanary for nothing.
  Oracle Found() {
    OracleBoard board;
    oracle_.Check(&board);
    return board.first_oracle();
  }
  // By node `by`.
  void TakeOver(int node, int64_t time_ns, int by = 2) {
    oracle_.OnTakeover(by, time_ns - 1, time_ns + 1);
    NodeView view;
    view.node = node;
    view.incarnation = 1;
    log_.Add(view, 0);
    view.service = NodeView::Service::kTakenOver;
    log_.Add(view, time_ns);
  }

  ViewLog log_;
  ShardOracle oracle_;
  int first_ = 0;
  int second_ = 0;
};

TEST_F(ShardOracleTest, MastersAndReplicasServeTheirShardAndRedirectTheRest) {
  for (int node : {0, 2}) {
    oracle_.OnUnconfigured({node, 1, 5, 6});
    oracle_.OnUnconfigured({node, 1, 15, 16});
    oracle_.OnExecuted({node, 1, 15, 16}, 50, "GET");
    oracle_.OnExecuted({node, 1, 35, 36}, 50, "GET");
    oracle_.OnMoved({node, 1, 35, 36}, 50, 50, "10.0.0.2:6379");
    oracle_.OnExecuted({node, 1, 50, 60}, 100, "GET");
    oracle_.OnMoved({node, 1, 50, 60}, 50, 50, "10.0.0.2:6379");
  }
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(ShardOracleTest, AReplicaThatServesALostSlotIsFound) {
  oracle_.OnExecuted({2, 1, 41, 42}, 50, "GET");
  EXPECT_EQ(Found(), Oracle::kOneOwner);
}

TEST_F(ShardOracleTest, WhatWasPushedWithoutAnAnswerMayHaveBeenTaken) {
  oracle_.OnPush({0, 1, 50, 60}, first_, false);
  oracle_.OnExecuted({0, 1, 70, 71}, 50, "GET");
  oracle_.OnMoved({0, 1, 70, 71}, 50, 50, "10.0.0.2:6379");
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(ShardOracleTest, ServingBeforeTheFirstConfigurationIsFound) {
  oracle_.OnExecuted({0, 1, 5, 9}, 50, "SET");
  EXPECT_EQ(Found(), Oracle::kUnconfigured);
}

TEST_F(ShardOracleTest, ServingAfterARestartIsFound) {
  oracle_.OnExecuted({0, 2, 100, 110}, 100, "SET");
  EXPECT_EQ(Found(), Oracle::kUnconfigured);
}

TEST_F(ShardOracleTest, WhoSaysThatItHasNoneAlthoughItHasIsFound) {
  oracle_.OnUnconfigured({0, 1, 25, 26});
  EXPECT_EQ(Found(), Oracle::kUnconfigured);
}

TEST_F(ShardOracleTest, MovedToTheWrongSlotIsFound) {
  oracle_.OnMoved({0, 1, 50, 60}, 50, 51, "10.0.0.2:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

TEST_F(ShardOracleTest, MovedToAReplicaIsFound) {
  oracle_.OnMoved({1, 1, 50, 60}, 200, 200, "10.0.0.3:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

TEST_F(ShardOracleTest, MovedToItselfIsFound) {
  TakeOver(0, 45);
  oracle_.OnMoved({0, 1, 50, 60}, 200, 200, "10.0.0.1:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

TEST_F(ShardOracleTest, WhoHasBeenTakenOverNamesItsReplica) {
  TakeOver(0, 45);
  oracle_.OnMoved({0, 1, 50, 60}, 200, 200, "10.0.0.3:6379");
  oracle_.OnMoved({0, 1, 50, 60}, 50, 50, "10.0.0.2:6379");
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(ShardOracleTest, MovedToAReplicaWithoutATakeoverIsFound) {
  TakeOver(0, 65);
  oracle_.OnMoved({0, 1, 50, 60}, 200, 200, "10.0.0.3:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

TEST_F(ShardOracleTest, MovedToAReplicaThatWasNotAskedToTakeOverThenIsFound) {
  oracle_.OnTakeover(2, 41, 43);
  TakeOver(0, 45, 1);
  oracle_.OnMoved({0, 1, 50, 60}, 200, 200, "10.0.0.3:6379");
  EXPECT_EQ(Found(), Oracle::kTruthfulMoved);
}

// ---- Views ----

using Change = ShardOracle::OwnChange;

// What a node says at 50..60 when it has the second configuration.
class ShardViewTest : public ShardOracleTest {
 protected:
  ShardViewTest() {
    map_.slots = Topology::Even(2);
    map_.slots.Assign(0, 99, 1);
    map_.master_of = {0, 1};
    map_.shard_of = {0, 1, 0};
  }
  void Tell(int node, const ClusterView& view, Change change = {}, int self = -1) {
    for (ShardOracle::ViewCommand command : ShardOracle::kViewCommands) {
      oracle_.OnView({{node, 1, 50, 60},
                      command,
                      ShardOracle::ViewText(command, view, self < 0 ? node : self, oracle_.nodes()),
                      change});
    }
  }
  void BePromoted(int node, int64_t time_ns) {
    NodeView view;
    view.node = node;
    view.incarnation = 1;
    view.replica = true;
    log_.Add(view, 0);
    view.replica = false;
    log_.Add(view, time_ns);
  }

  ShardMap map_;
};

TEST_F(ShardViewTest, NodesTellTheirConfiguration) {
  Tell(0, ClusterView(map_));
  Tell(2, ClusterView(map_));
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(ShardViewTest, AnOldConfigurationIsFound) {
  map_.slots.Assign(0, 99, 0);
  Tell(0, ClusterView(map_));
  EXPECT_EQ(Found(), Oracle::kIntrospection);
}

TEST_F(ShardViewTest, WhoTakesAnotherForItselfIsFound) {
  Tell(0, ClusterView(map_), {}, 2);
  EXPECT_EQ(Found(), Oracle::kIntrospection);
}

TEST_F(ShardViewTest, WhoHasBeenPromotedMayTellThat) {
  ClusterView view(map_);
  view.Promote(2);
  BePromoted(2, 55);
  Tell(2, view);
  Tell(2, ClusterView(map_));
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(ShardViewTest, WhoHasNotBeenPromotedMayNotTellThat) {
  ClusterView view(map_);
  view.Promote(2);
  BePromoted(2, 65);
  Tell(2, view);
  EXPECT_EQ(Found(), Oracle::kIntrospection);
}

TEST_F(ShardViewTest, AfterATakeoverWhoHasTakenOverMustTellThat) {
  ClusterView view(map_);
  view.Promote(2);
  BePromoted(2, 45);
  const Change change = {Change::Kind::kPromoted, -1, 41};
  Tell(2, view, change);
  EXPECT_EQ(Found(), Oracle::kCanary);
  Tell(2, ClusterView(map_), change);
  EXPECT_EQ(Found(), Oracle::kIntrospection);
}

TEST_F(ShardViewTest, AConfigurationThatHasComeSinceThenMayBeTold) {
  BePromoted(2, 45);
  oracle_.OnPush({2, 1, 48, 52}, second_, false);
  Tell(2, ClusterView(map_), {Change::Kind::kPromoted, -1, 41});
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(ShardViewTest, AfterATakeoverTheOldMasterMustTellWhoHasTakenOver) {
  TakeOver(0, 45);
  ClusterView view(map_);
  view.TakeOver(0, 2);
  const Change change = {Change::Kind::kTakenOver, 2, 41};
  Tell(0, view, change);
  Tell(0, view);
  EXPECT_EQ(Found(), Oracle::kCanary);
  Tell(0, ClusterView(map_), change);
  EXPECT_EQ(Found(), Oracle::kIntrospection);
}

TEST_F(ShardViewTest, WhoHasBeenTakenOverAndTakesOverInTurnIsInNoConfiguration) {
  TakeOver(0, 42);
  ClusterView view(map_);
  view.TakeOver(0, 2);
  Tell(0, view, {Change::Kind::kPromoted, -1, 44});
  EXPECT_EQ(Found(), Oracle::kCanary);
}

TEST_F(ShardViewTest, ReplicasThatATakeoverHasEndedAreFound) {
  TakeOver(0, 45);
  ClusterView view(map_);
  view.Promote(2);
  Tell(0, view);
  EXPECT_EQ(Found(), Oracle::kCanary) << "there are no others";
  map_.shard_of = {0, 1, 0, 0};
  oracle_.set_nodes({{"n0", "10.0.0.1", 6379},
                     {"n1", "10.0.0.2", 6379},
                     {"n2", "10.0.0.3", 6379},
                     {"n3", "10.0.0.4", 6379}});
  oracle_.OnPush({0, 1, 41, 42}, oracle_.AddMap(std::make_shared<const ShardMap>(map_)), true);
  ClusterView kept(map_);
  kept.Promote(2);
  Tell(0, kept);
  EXPECT_EQ(Found(), Oracle::kIntrospection);
}

}  // namespace
}  // namespace damselfly::sim
