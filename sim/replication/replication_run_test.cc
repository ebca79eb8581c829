#include "sim/replication/replication_run.h"

#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "sim/replication/replication_plan.h"
#include "sim/replication/scenario.h"

namespace damselfly::sim {
namespace {

constexpr char kEverything[] = "testing/scenarios/replication_everything_at_once.textproto";

scenario::ReplicationScenario Everything() {
  std::ifstream file(kEverything);
  EXPECT_TRUE(file.is_open()) << kEverything;
  std::ostringstream text;
  text << file.rdbuf();
  const auto scenario = ParseReplicationScenario(text.str(), kEverything);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return *scenario;
}

SweepOptions Sweep(uint64_t last_seed) {
  SweepOptions options;
  options.last_seed = last_seed;
  options.scenario_argument = kEverything;
  SweepReplication(Everything(), &options);
  return options;
}

TEST(ReplicationRun, ASweepPassesAndChecksEverything) {
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
}

TEST(ReplicationRun, TwoRunsOfASeedAreOne) {
  const SweepOptions options = Sweep(1);
  for (uint64_t seed = 101; seed <= 106; ++seed) EXPECT_EQ(CompareRuns(seed, options), "");
}

TEST(ReplicationPlan, StaysWithinTheScenario) {
  const scenario::ReplicationScenario scenario = Everything();
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SeededDecider decider(seed);
    const ReplicationPlan plan = DrawReplicationPlan(&decider, scenario);
    EXPECT_GE(plan.nodes.size(), 2u);
    EXPECT_LE(plan.nodes.size(), 5u);
    EXPECT_LE(plan.clients.size(), 6u);
    EXPECT_LE(plan.operation.takeovers, 4);
    if (plan.faults.empty()) {
      EXPECT_EQ(plan.step_faults.percent, 0u);
    }
    SeededDecider again(seed);
    EXPECT_EQ(plan.ToString(), DrawReplicationPlan(&again, scenario).ToString());
  }
}

}  // namespace
}  // namespace damselfly::sim
