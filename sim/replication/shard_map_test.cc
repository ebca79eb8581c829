#include "sim/replication/shard_map.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

const std::vector<NodeAddress> kNodes = {
    {"n0", "10.0.0.1", 6379}, {"n1", "10.0.0.2", 6379}, {"n2", "10.0.0.3", 6379}};

// Nodes 1 and 0 have the lower half, with 1 as their master; the upper half is elsewhere; node 2 is
// the master of a shard without slots.
ShardMap Map() {
  ShardMap map;
  map.slots = Topology::Even(2);
  map.master_of = {1, ShardMap::kNone, 2};
  map.shard_of = {0, 0, 2};
  return map;
}

TEST(ShardMap, TellsWhoServesASlotAndWhoIsNamedForIt) {
  const ShardMap map = Map();
  EXPECT_EQ(map.MasterOf(8191), 1);
  EXPECT_EQ(map.MasterOf(8192), ShardMap::kNone);
  EXPECT_TRUE(map.Serves(0, 8191));
  EXPECT_FALSE(map.Serves(0, 8192));
  EXPECT_FALSE(map.Serves(2, 0));
  EXPECT_EQ(map.AddressOf(0, kNodes), "10.0.0.2:6379");
  EXPECT_EQ(map.AddressOf(1, kNodes), "10.255.255.254:6379");
}

TEST(ShardMap, JsonHasEveryShardWithItsReplicas) {
  EXPECT_EQ(
      Map().ToJson(kNodes),
      R"([{"slot_ranges":[{"start":0,"end":8191}],)"
      R"("master":{"id":"n1","ip":"10.0.0.2","port":6379},)"
      R"("replicas":[{"id":"n0","ip":"10.0.0.1","port":6379}]},)"
      R"({"slot_ranges":[{"start":8192,"end":16383}],)"
      R"("master":{"id":"elsewhere","ip":"10.255.255.254","port":6379},"replicas":[]},)"
      R"({"slot_ranges":[],"master":{"id":"n2","ip":"10.0.0.3","port":6379},"replicas":[]}])");
}

TEST(ShardMap, TextNamesRangesAndMembers) {
  EXPECT_EQ(Map().ToString(),
            "0-8191:0 8192-16383:1; shard 0: node 1, 0; shard 1: node -1; shard 2: node 2");
}

}  // namespace
}  // namespace damselfly::sim
