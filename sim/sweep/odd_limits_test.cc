#include "sim/sweep/odd_limits.h"

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

TEST(OddLimits, EachIsTheUsualOneInHalfOfTheNodes) {
  std::map<std::string, int> drawn;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SeededDecider decider(seed);
    DecisionStream draw(&decider, "test");
    SimNode::Parameters parameters;
    DrawOddLimits(draw, &parameters);
    for (const auto& [name, value] : parameters) ++drawn[name];
  }
  EXPECT_EQ(drawn.size(), 8u);
  for (const auto& [name, count] : drawn) EXPECT_NEAR(count, 200, 60) << name;
}

TEST(OddLimits, ANodeRunsWithAllOfThem) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SeededDecider decider(seed);
    DecisionStream draw(&decider, "test");
    SimNode::Parameters parameters;
    DrawOddLimits(draw, &parameters);
    World world(&decider, seed, WorldKnobs());
    SimNode node(&world.AddHost("node", 1, 0), parameters);
    node.Start();
    world.RunUntil(kSecond);
    EXPECT_TRUE(node.running());
  }
}

}  // namespace
}  // namespace damselfly::sim
