#include "sim/replication/shard_probe.h"

#include "gtest/gtest.h"
#include "sim/oracles/key_slot.h"
#include "sim/replication/cluster_nodes.h"

namespace damselfly::sim {
namespace {

class ShardProbeTest : public testing::Test {
 protected:
  ShardProbeTest() {
    for (int node : {0, 1}) Configure(node, map_);
  }
  void Configure(int node, const ShardMap& map) {
    EXPECT_EQ(
        cluster_.Ask(node, {"DFLYCLUSTER", "CONFIG", map.ToJson(cluster_.history.shards.nodes())},
                     true),
        "OK");
  }
  // What the probe finds.
  std::string Found() {
    ShardProbe probe(&cluster_.world, &cluster_.host, &cluster_.nodes, &cluster_.history,
                     &cluster_.board);
    probe.Begin(std::make_shared<const ShardMap>(map_), {KeySlot("x"), KeySlot("Y")});
    cluster_.RunFor(10 * kSecond);
    EXPECT_TRUE(probe.done());
    return cluster_.board.first_message();
  }

  ClusterNodes cluster_{2};
  ShardMap map_ = TwoShards(2);
};

TEST_F(ShardProbeTest, ASlotAnswersAtItsShardAndIsRedirectedByAllOthers) {
  EXPECT_EQ(Found(), "");
  EXPECT_GT(cluster_.board.checks(Oracle::kEverySlot), 10u);
}

TEST_F(ShardProbeTest, AnEndOfARangeThatIsOffByOneIsFound) {
  ShardMap other = map_;
  other.slots.Assign(8192, 8192, 0);
  Configure(0, other);
  EXPECT_NE(Found(), "");
}

TEST_F(ShardProbeTest, ANodeWithoutAConfigurationIsFound) {
  cluster_.nodes[1]->Kill(Host::Death::kReset);
  cluster_.nodes[1]->Start();
  EXPECT_NE(Found(), "");
}

TEST_F(ShardProbeTest, ForeignKeysAreFoundWhereTheMapGivesTheirSlotAway) {
  EXPECT_EQ(cluster_.Ask(0, {"SET", "Y", "1"}), "OK");
  EXPECT_EQ(ForeignKeysOf(*cluster_.nodes[0], 0, map_), "");
  map_.slots.Assign(KeySlot("Y"), KeySlot("Y"), 1);
  EXPECT_EQ(ForeignKeysOf(*cluster_.nodes[0], 0, map_),
            "node 0 holds 1 keys of slot 3036, which its configuration gives to another shard");
}

}  // namespace
}  // namespace damselfly::sim
