#include "sim/replication/view_asker.h"

#include "gtest/gtest.h"
#include "sim/replication/cluster_nodes.h"

namespace damselfly::sim {
namespace {

// Two shards; node 2 is a replica of the first one's master by the configuration that nodes 0 and 2
// have.
class ViewAskerTest : public testing::Test {
 protected:
  ViewAskerTest() {
    number_ = cluster_.history.shards.AddMap(std::make_shared<const ShardMap>(map_));
    for (int node : {0, 2}) {
      const int64_t begin_ns = cluster_.world.now_ns();
      EXPECT_EQ(
          cluster_.Ask(
              node, {"DFLYCLUSTER", "CONFIG", map_.ToJson(cluster_.history.shards.nodes())}, true),
          "OK");
      const int incarnation = cluster_.nodes[static_cast<size_t>(node)]->host().incarnation();
      cluster_.history.shards.OnPush({node, incarnation, begin_ns, cluster_.world.now_ns()},
                                     number_, true);
    }
  }
  void Ask(int node) {
    cluster_.host.runtime().loop(0).Post([this, node] { tasks_.Spawn(asker_.Ask(node, {})); });
    cluster_.RunFor(5 * kSecond);
    EXPECT_TRUE(asker_.idle());
  }
  std::string Found() {
    cluster_.history.shards.Check(&cluster_.board);
    return cluster_.board.first_message();
  }
  std::string WhatIsWrong(int node, const ShardMap& map) {
    std::string text = "nothing was asked";
    cluster_.host.runtime().loop(0).Post([&] { tasks_.Spawn(AskWhatIsWrong(node, &map, &text)); });
    cluster_.RunFor(5 * kSecond);
    return text;
  }

  ClusterNodes cluster_{3};
  ShardMap map_ = TwoShards(3);
  int number_ = 0;
  ViewAsker asker_{&cluster_.world, &cluster_.host, &cluster_.nodes, &cluster_.history};
  TaskScope tasks_;

 private:
  Task<void> AskWhatIsWrong(int node, const ShardMap* map, std::string* text) {
    *text = co_await ViewAsker::AskWhatIsWrong(&cluster_.host,
                                               cluster_.nodes[static_cast<size_t>(node)].get(),
                                               node, map, cluster_.history.shards.nodes());
  }
};

TEST_F(ViewAskerTest, WhatNodesTellIsTheirConfiguration) {
  Ask(0);
  Ask(2);
  EXPECT_EQ(cluster_.history.counters["views that nodes have told"], 8u);
  EXPECT_EQ(Found(), "");
  EXPECT_EQ(cluster_.board.checks(Oracle::kIntrospection), 8u);
}

TEST_F(ViewAskerTest, ANodeWithoutAConfigurationHasItsIdAndNoView) {
  Ask(1);
  EXPECT_EQ(Found(), "");
  EXPECT_EQ(cluster_.board.checks(Oracle::kIntrospection), 1u);
  EXPECT_EQ(cluster_.board.checks(Oracle::kUnconfigured), 3u);
}

TEST_F(ViewAskerTest, AConfigurationThatItWasNeverPushedIsFound) {
  map_.slots.Assign(5, 5, 1);
  EXPECT_EQ(cluster_.Ask(0, {"DFLYCLUSTER", "CONFIG", map_.ToJson(cluster_.history.shards.nodes())},
                         true),
            "OK");
  Ask(0);
  EXPECT_NE(Found(), "");
}

TEST_F(ViewAskerTest, AtTheEndOneViewIsRight) {
  EXPECT_EQ(WhatIsWrong(0, map_), "");
  EXPECT_EQ(WhatIsWrong(2, map_), "");
  EXPECT_NE(WhatIsWrong(1, map_), "");
  map_.health_of = {NodeHealth::kOnline, NodeHealth::kOnline, NodeHealth::kHidden};
  EXPECT_NE(WhatIsWrong(0, map_), "");
}

TEST_F(ViewAskerTest, SomeNodeIsAskedNowAndThen) {
  asker_.Start();
  cluster_.RunFor(30 * kSecond);
  asker_.Stop();
  EXPECT_GT(cluster_.history.counters["views that nodes have told"], 30u);
  EXPECT_EQ(Found(), "");
}

}  // namespace
}  // namespace damselfly::sim
