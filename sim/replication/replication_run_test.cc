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

constexpr char kSlotsMove[] = "testing/scenarios/slots_move_under_replication.textproto";

scenario::ReplicationScenario Read(const std::string& name) {
  std::ifstream file(name);
  EXPECT_TRUE(file.is_open()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  const auto scenario = ParseReplicationScenario(text.str(), name);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return *scenario;
}

SweepOptions Sweep(const std::string& name, uint64_t last_seed) {
  SweepOptions options;
  options.last_seed = last_seed;
  options.scenario_argument = name;
  SweepReplication(Read(name), &options);
  return options;
}

void ExpectPasses(const SweepOptions& options) {
  const SweepResult sweep = RunSweep(options);
  for (const RunResult& failure : sweep.failures)
    ADD_FAILURE() << DescribeFailure(failure, options);
  EXPECT_EQ(sweep.problems, "");
  EXPECT_EQ(sweep.repeated_count, options.last_seed / options.repeat_every);
  for (Oracle oracle : options.oracles) {
    EXPECT_GT(sweep.checks[static_cast<size_t>(oracle)], 0u) << OracleName(oracle);
  }
}

TEST(ReplicationRun, ASweepPassesAndChecksEverything) {
  SweepOptions options = Sweep(kEverything, 60);
  options.repeat_every = 6;
  ExpectPasses(options);
}

TEST(ReplicationRun, SoDoesOneOfAClusterWhoseSlotsMove) {
  SweepOptions options = Sweep(kSlotsMove, 30);
  options.repeat_every = 6;
  ExpectPasses(options);
}

TEST(ReplicationRun, TwoRunsOfASeedAreOne) {
  for (const char* name : {kEverything, kSlotsMove}) {
    const SweepOptions options = Sweep(name, 1);
    for (uint64_t seed = 101; seed <= 106; ++seed) EXPECT_EQ(CompareRuns(seed, options), "");
  }
}

TEST(ReplicationPlan, StaysWithinTheScenario) {
  const scenario::ReplicationScenario scenario = Read(kEverything);
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

TEST(ReplicationPlan, InAClusterTheOperatorKnowsTheSlotsThatAreInUse) {
  const scenario::ReplicationScenario scenario = Read(kSlotsMove);
  SeededDecider decider(1);
  const ReplicationPlan plan = DrawReplicationPlan(&decider, scenario);
  EXPECT_TRUE(plan.operation.cluster);
  EXPECT_TRUE(plan.keys.one_slot);
  EXPECT_EQ(plan.operation.used_slots, plan.keys.Slots());
  EXPECT_GE(plan.operation.slot_moves, 1);
}

}  // namespace
}  // namespace damselfly::sim
