#include "sim/cluster/topology.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

TEST(Topology, EvenOnesCoverAllSlotsInOrder) {
  EXPECT_EQ(RangesText(Topology::Even(1).Ranges()), "0-16383:0");
  EXPECT_EQ(RangesText(Topology::Even(3).Ranges()), "0-5461:0 5462-10922:1 10923-16383:2");
  EXPECT_EQ(Topology::Even(100).Ranges().size(), 100u);
}

TEST(Topology, AssignedSlotsChangeTheirOwnerAndNeighboursJoin) {
  Topology topology = Topology::Even(2);
  topology.Assign(8000, 8999, 1);
  EXPECT_EQ(RangesText(topology.Ranges()), "0-7999:0 8000-16383:1");
  EXPECT_EQ(topology.owner(7999), 0);
  EXPECT_EQ(topology.owner(8000), 1);
  EXPECT_FALSE(topology == Topology::Even(2));
  topology.Assign(8000, 8191, 0);
  EXPECT_TRUE(topology == Topology::Even(2));
}

TEST(Topology, JsonNamesEveryNodeAndInclusiveRanges) {
  Topology topology = Topology::Even(1);
  topology.Assign(16383, 16383, 0);
  EXPECT_EQ(topology.ToJson({{"a", "10.0.0.1", 6379}, {"b", "10.0.0.2", 6379}}),
            "[{\"slot_ranges\":[{\"start\":0,\"end\":16383}],\"master\":{\"id\":\"a\",\"ip\":"
            "\"10.0.0.1\",\"port\":6379},\"replicas\":[]},{\"slot_ranges\":[],\"master\":{\"id\":"
            "\"b\",\"ip\":\"10.0.0.2\",\"port\":6379},\"replicas\":[]}]");
}

}  // namespace
}  // namespace damselfly::sim
