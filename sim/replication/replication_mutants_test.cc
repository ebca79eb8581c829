// Each deliberate bug in the server's replication is found, and by an oracle that is about it:
// found by another one, and by chance, it would say nothing about them.

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "sim/replication/replication_run.h"
#include "sim/replication/scenario.h"

namespace damselfly::sim {
namespace {

struct MutantAndOracles {
  Mutant mutant;
  std::string scenario;
  std::vector<Oracle> oracles;
};

std::vector<MutantAndOracles> Table() {
  const std::string filled = "full_sync_under_writes";
  const std::string repointed = "replica_repointed_in_mid_sync";
  const std::string takeover = "takeover_under_load";
  const std::string promotion = "promotion_after_crash_with_wait";
  const std::string slow = "slow_replica_is_cut_off";
  // Where a master that has been taken over lives on.
  const std::string cluster = "takeover_in_a_cluster";
  return {
      {Mutant::kCanary, filled, {Oracle::kCanary}},
      {Mutant::kEarlyStable, filled, {Oracle::kCutConsistency}},
      {Mutant::kAckedAhead, filled, {Oracle::kAckedPosition, Oracle::kWait}},
      {Mutant::kHalfLoadedKept, repointed, {Oracle::kCrashLossIsSuffix}},
      {Mutant::kReplicaExpires, filled, {Oracle::kDeleteByStream}},
      {Mutant::kReplicaWritable, filled, {Oracle::kReplicaPassive}},
      {Mutant::kLineageKept, promotion, {Oracle::kLineageFork}},
      // Memory is not what the journal says, or what a client was told is not in it.
      {Mutant::kPromotedUnrecorded,
       promotion,
       {Oracle::kCrashLossIsSuffix, Oracle::kPrefix, Oracle::kLinearizable}},
      {Mutant::kTransactionInParts, filled, {Oracle::kAtomicOnReplica}},
      {Mutant::kLineageIgnored, repointed, {Oracle::kResumeHonesty, Oracle::kPrefix}},
      {Mutant::kForkIgnored, promotion, {Oracle::kResumeHonesty, Oracle::kPrefix}},
      {Mutant::kCutTooEarly, filled, {Oracle::kCutConsistency, Oracle::kAtomicOnReplica}},
      {Mutant::kWaitCountsLinks, promotion, {Oracle::kWait}},
      {Mutant::kLagUnbounded, slow, {Oracle::kBoundedMemory}},
      {Mutant::kTakeoverWrites, cluster, {Oracle::kTakeoverLosesNothing}},
      {Mutant::kTakeoverNotAwaited, takeover, {Oracle::kTakeoverLosesNothing}},
      {Mutant::kTakeoverLeftClosed, takeover, {Oracle::kConvergence, Oracle::kTakeoverEnds}},
  };
}

SweepOptions Sweep(const std::string& name, uint64_t last_seed) {
  const std::string path = "testing/scenarios/" + name + ".textproto";
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  const auto scenario = ParseReplicationScenario(text.str(), path);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  SweepOptions options;
  options.last_seed = last_seed;
  options.repeat_every = 0;
  options.scenario_argument = path;
  SweepReplication(*scenario, &options);
  return options;
}

TEST(ReplicationMutants, EachHasItsOracles) {
  std::set<Mutant> named;
  for (const MutantAndOracles& row : Table()) named.insert(row.mutant);
  for (int i = kFirstServerMutant; i < kMutantCount; ++i)
    EXPECT_EQ(named.count(static_cast<Mutant>(i)), 1u) << MutantName(static_cast<Mutant>(i));
}

class ReplicationMutantsFound : public testing::TestWithParam<MutantAndOracles> {};

TEST_P(ReplicationMutantsFound, WithinAHundredSeedsByTheirOracle) {
  SweepOptions options = Sweep(GetParam().scenario, 100);
  options.run.mutant = GetParam().mutant;
  const SweepResult sweep = RunSweep(options);
  ASSERT_FALSE(sweep.failures.empty());
  const RunResult& failure = sweep.failures[0];
  const std::vector<Oracle>& oracles = GetParam().oracles;
  EXPECT_NE(std::find(oracles.begin(), oracles.end(), failure.first_oracle), oracles.end())
      << DescribeFailure(failure, options);
}

INSTANTIATE_TEST_SUITE_P(Each, ReplicationMutantsFound, testing::ValuesIn(Table()),
                         [](const testing::TestParamInfo<MutantAndOracles>& info) {
                           std::string name;
                           for (char c : MutantName(info.param.mutant)) {
                             if (c != '-') name += c;
                           }
                           return name;
                         });

}  // namespace
}  // namespace damselfly::sim
