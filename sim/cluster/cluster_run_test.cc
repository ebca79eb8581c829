#include "sim/cluster/cluster_run.h"

#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "sim/cluster/cluster_plan.h"
#include "sim/cluster/scenario.h"
#include "sim/sweep/sweep.h"

namespace damselfly::sim {
namespace {

// Every way of pushing badly, and any faults.
constexpr char kEverything[] = "testing/scenarios/everything_at_once.textproto";

scenario::ClusterScenario Everything() {
  std::ifstream file(kEverything);
  EXPECT_TRUE(file.is_open()) << kEverything;
  std::ostringstream text;
  text << file.rdbuf();
  const auto scenario = ParseClusterScenario(text.str(), kEverything);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return *scenario;
}

SweepOptions Sweep(uint64_t last_seed) {
  SweepOptions options;
  options.last_seed = last_seed;
  options.scenario_argument = kEverything;
  SweepClusters(Everything(), &options);
  return options;
}

TEST(ClusterRun, ASweepPassesAndChecksEverything) {
  SweepOptions options = Sweep(60);
  options.repeat_every = 6;
  const SweepResult sweep = RunSweep(options);
  for (const RunResult& failure : sweep.failures)
    ADD_FAILURE() << DescribeFailure(failure, options);
  EXPECT_EQ(sweep.problems, "");
  EXPECT_EQ(sweep.repeated_count, 10u);
  for (Oracle oracle : options.oracles) {
    EXPECT_GT(sweep.checks[static_cast<size_t>(oracle)], 0u) << OracleName(oracle);
  }
  for (const char* counter :
       {"pushes applied", "pushes refused as stale", "pushes refused as invalid",
        "pushes without an answer", "requests redirected", "requests of two slots refused",
        "transactions refused by EXEC", "restarted nodes configured again"}) {
    EXPECT_GT(sweep.counters.at(counter), 0u) << counter;
  }
}

TEST(ClusterRun, TwoRunsOfASeedAreOne) {
  const SweepOptions options = Sweep(1);
  for (uint64_t seed = 101; seed <= 106; ++seed) EXPECT_EQ(CompareRuns(seed, options), "");
}

TEST(ClusterPlan, StaysWithinTheScenario) {
  const scenario::ClusterScenario scenario = Everything();
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SeededDecider decider(seed);
    const ClusterPlan plan = DrawClusterPlan(&decider, scenario);
    EXPECT_GE(plan.nodes.size(), 1u);
    EXPECT_LE(plan.nodes.size(), 7u);
    EXPECT_LE(plan.clients.size(), 8u);
    EXPECT_LE(plan.control_plane.change_count, 25);
    EXPECT_TRUE(plan.second_controller);
    EXPECT_TRUE(plan.second_control_plane.deposed);
    SeededDecider again(seed);
    EXPECT_EQ(plan.ToString(), DrawClusterPlan(&again, scenario).ToString());
  }
}

}  // namespace
}  // namespace damselfly::sim
