#include "sim/cluster/cluster_run.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

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

// The oracles of which one must be the first to find a mutant: found by another one, and by chance,
// it would say nothing about them.
struct MutantAndOracles {
  Mutant mutant;
  std::vector<Oracle> oracles;
};

std::vector<MutantAndOracles> Table() {
  return {
      {Mutant::kCanary, {Oracle::kCanary}},
      {Mutant::kMovedToSelf, {Oracle::kTruthfulMoved}},
      {Mutant::kMovedToOldOwner, {Oracle::kTruthfulMoved}},
      {Mutant::kForeignSlotServed, {Oracle::kOneOwner}},
      {Mutant::kUnconfiguredServes, {Oracle::kUnconfigured}},
      {Mutant::kExecNotRechecked, {Oracle::kOneOwner}},
      {Mutant::kCrossSlotHalfDone, {Oracle::kOneSlot}},
      {Mutant::kSlotsShowOldOwner, {Oracle::kIntrospection}},
      {Mutant::kLostKeysKept, {Oracle::kNoForeignKeys}},
      {Mutant::kOlderConfigAccepted, {Oracle::kConfigOrder}},
      // Whatever is asked next tells it: a key, the next push, or at the end every slot.
      {Mutant::kConfigHalfInstalled,
       {Oracle::kOneOwner, Oracle::kTruthfulMoved, Oracle::kConfigOrder, Oracle::kEverySlot}},
      // The next push or answer tells it; after the last push, only the asking for every slot.
      {Mutant::kConfigIgnored, {Oracle::kConfigOrder, Oracle::kEverySlot}},
      {Mutant::kEqualConfigFlushes, {Oracle::kLinearizable}},
      {Mutant::kSubscriberNotTold, {Oracle::kShardChannels}},
      {Mutant::kShardMessageLost, {Oracle::kShardChannels}},
      {Mutant::kWatchAlwaysFails, {Oracle::kWatch}},
  };
}

TEST(ClusterMutants, EachHasItsOracles) {
  std::set<Mutant> named;
  for (const MutantAndOracles& row : Table()) named.insert(row.mutant);
  for (int i = kFirstClusterMutant; i < kFirstServerMutant; ++i)
    EXPECT_EQ(named.count(static_cast<Mutant>(i)), 1u) << MutantName(static_cast<Mutant>(i));
}

class ClusterMutantsFound : public testing::TestWithParam<MutantAndOracles> {};

TEST_P(ClusterMutantsFound, WithinAHundredSeedsByTheirOracle) {
  SweepOptions options = Sweep(100);
  options.repeat_every = 0;
  options.run.mutant = GetParam().mutant;
  const SweepResult sweep = RunSweep(options);
  ASSERT_FALSE(sweep.failures.empty());
  const RunResult& failure = sweep.failures[0];
  const std::vector<Oracle>& oracles = GetParam().oracles;
  EXPECT_NE(std::find(oracles.begin(), oracles.end(), failure.first_oracle), oracles.end())
      << DescribeFailure(failure, options);
}

INSTANTIATE_TEST_SUITE_P(Each, ClusterMutantsFound, testing::ValuesIn(Table()),
                         [](const testing::TestParamInfo<MutantAndOracles>& info) {
                           std::string name;
                           for (char c : MutantName(info.param.mutant)) {
                             if (c != '-') name += c;
                           }
                           return name;
                         });

}  // namespace
}  // namespace damselfly::sim
