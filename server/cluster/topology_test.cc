#include "server/cluster/topology.h"

#include <memory>

#include "gtest/gtest.h"
#include "server/cluster/cluster_config.h"
#include "server/cluster/config_json.h"

namespace damselfly {
namespace {

using config_json::Array;
using config_json::Range;

Topology Make(absl::string_view own_id) {
  const std::string json =
      Array({config_json::Shard({Range(0, 99), Range(200, 8191)}, config_json::Node("a"),
                                {config_json::Node("a1")}),
             config_json::Shard({Range(100, 199), Range(8192, 16383)}, config_json::Node("b")),
             config_json::Shard({}, config_json::Node("c"))});
  return Topology(std::make_shared<const ClusterConfig>(*ParseClusterConfig(json)),
                  Topology::kNoEpoch, own_id);
}

TEST(Topology, KnowsTheShardOfEverySlot) {
  const Topology topology = Make("a");
  for (const auto& [slot, id] : std::vector<std::pair<int, std::string>>{{0, "a"},
                                                                         {99, "a"},
                                                                         {100, "b"},
                                                                         {199, "b"},
                                                                         {200, "a"},
                                                                         {8191, "a"},
                                                                         {8192, "b"},
                                                                         {16383, "b"}}) {
    EXPECT_EQ(topology.ShardOf(static_cast<uint16_t>(slot)).master().id(), id) << slot;
  }
}

TEST(Topology, MasterAndReplicaOwnTheirShardsSlots) {
  for (const char* id : {"a", "a1"}) {
    const Topology topology = Make(id);
    EXPECT_EQ(topology.owned_slots().count(), 100u + 7992u);
    EXPECT_TRUE(topology.owned_slots().test(0));
    EXPECT_FALSE(topology.owned_slots().test(100));
    EXPECT_EQ(topology.own_shard()->master().id(), "a");
  }
}

TEST(Topology, AMasterWithoutSlotsAndAStrangerOwnNothing) {
  EXPECT_TRUE(Make("c").owned_slots().none());
  EXPECT_NE(Make("c").own_shard(), nullptr);
  EXPECT_TRUE(Make("stranger").owned_slots().none());
  EXPECT_EQ(Make("stranger").own_shard(), nullptr);
}

}  // namespace
}  // namespace damselfly
