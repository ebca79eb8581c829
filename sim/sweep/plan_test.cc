#include "sim/sweep/plan.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

Plan PlanOf(uint64_t seed, Scenario scenario = Scenario::kMixed) {
  SeededDecider decider(seed);
  return DrawPlan(&decider, scenario);
}

TEST(Plan, AQuarterHasNoFaultAndSomeHaveOne) {
  int none = 0;
  int one = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    const size_t count = PlanOf(seed).faults.size();
    none += count == 0;
    one += count == 1;
  }
  EXPECT_NEAR(none, 500, 100);
  EXPECT_GT(one, 150);
}

TEST(Plan, StaysWithinItsBounds) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    const Plan plan = PlanOf(seed);
    EXPECT_GE(plan.nodes.size(), 1u);
    EXPECT_LE(plan.nodes.size(), 4u);
    EXPECT_GE(plan.clients.size(), 1u);
    EXPECT_LE(plan.clients.size(), 12u);
    for (const Plan::ClientPlan& client : plan.clients) EXPECT_LT(client.node, plan.nodes.size());
  }
}

TEST(Plan, AScenarioNarrowsTheClients) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    for (const Plan::ClientPlan& client : PlanOf(seed, Scenario::kShared).clients)
      EXPECT_TRUE(client.shared);
    for (const Plan::ClientPlan& client : PlanOf(seed, Scenario::kCaching).clients)
      EXPECT_TRUE(client.shared);
    for (const Plan::ClientPlan& client : PlanOf(seed, Scenario::kExclusive).clients)
      EXPECT_FALSE(client.shared || client.caches);
  }
}

TEST(Plan, ASeedGivesOnePlan) {
  EXPECT_EQ(PlanOf(7).ToString(), PlanOf(7).ToString());
  EXPECT_NE(PlanOf(7).ToString(), PlanOf(8).ToString());
}

TEST(Scenario, NamesLeadBack) {
  for (Scenario scenario : {Scenario::kMixed, Scenario::kExclusive, Scenario::kShared,
                            Scenario::kCaching, Scenario::kQueues}) {
    Scenario parsed = Scenario::kMixed;
    EXPECT_TRUE(ParseScenario(ScenarioName(scenario), &parsed));
    EXPECT_EQ(parsed, scenario);
  }
  Scenario parsed;
  EXPECT_FALSE(ParseScenario("no such", &parsed));
}

}  // namespace
}  // namespace damselfly::sim
