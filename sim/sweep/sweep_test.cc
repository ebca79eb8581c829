#include "sim/sweep/sweep.h"

#include <cstdio>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

TEST(Sweep, SeedsPassEveryOracleChecksAndFaultsHaveTheirEffects) {
  SweepOptions options;
  options.first_seed = 1;
  options.last_seed = 400;
  const SweepResult sweep = RunSweep(options);
  for (const RunResult& failure : sweep.failures)
    ADD_FAILURE() << DescribeFailure(failure, options);
  EXPECT_EQ(sweep.problems, "");
  EXPECT_EQ(sweep.seed_count, 400u);
  std::printf("%s", sweep.Summary().c_str());
  for (Oracle oracle : {Oracle::kLinearizable, Oracle::kSession, Oracle::kPairing,
                        Oracle::kAllOrNothing, Oracle::kWatch, Oracle::kNoLateRead,
                        Oracle::kNoEarlyDeath, Oracle::kNoResidue, Oracle::kNoStuckClient}) {
    EXPECT_GT(sweep.checks[static_cast<size_t>(oracle)], 300u) << OracleName(oracle);
  }
  for (Fault fault : SwarmFaults()) {
    EXPECT_GT(sweep.faults_struck[static_cast<size_t>(fault)], 0u) << FaultName(fault);
  }
}

TEST(Sweep, ASeedRunTwiceIsTheSameEventByEvent) {
  for (uint64_t seed = 1001; seed <= 1010; ++seed) EXPECT_EQ(CompareRuns(seed, SweepOptions()), "");
}

TEST(Sweep, AFailureSaysWhatWasViolatedAndHowToSeeItAgain) {
  SweepOptions options;
  options.last_seed = 1000;
  options.run.mutant = Mutant::kStaleRead;
  const SweepResult sweep = RunSweep(options);
  ASSERT_EQ(sweep.failures.size(), 1u);
  const std::string text = DescribeFailure(sweep.failures[0], options);
  for (const char* part : {"violated: S", "last events:", "--mutant=stale-read",
                           "--seed=", "--shrink=", "--replay=", "client 0:"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

TEST(Sweep, TheCommandThatShowsAFailureAgainFindsItsScenario) {
  RunResult result;
  result.seed = 7;
  SweepOptions options;
  const auto tells = [&](const std::string& command) {
    const std::string text = DescribeFailure(result, options);
    return text.find("again: tools/bazel run //sim:run -- --seed=7" + command + " --trace\n") !=
           std::string::npos;
  };
  EXPECT_TRUE(tells(""));
  options.scenario_argument = "shared";
  EXPECT_TRUE(tells(" --scenario=shared"));
  options.scenario_argument = "testing/scenarios/x.textproto";
  EXPECT_TRUE(tells(" --scenario=$PWD/testing/scenarios/x.textproto"));
  options.scenario_argument = "/somewhere/x.textproto";
  EXPECT_TRUE(tells(" --scenario=/somewhere/x.textproto"));
}

TEST(Sweep, CountersThatStayTooLowAreAProblemOnceThereAreEnoughSeeds) {
  SweepOptions options;
  options.run_seed = [](uint64_t seed, const RunOptions&) {
    RunResult result;
    result.seed = seed;
    result.counters["storms"] = seed % 2;
    return result;
  };
  options.counters_min = {{"storms", 10}};
  options.last_seed = kSeedsUntilCountersShow;
  EXPECT_EQ(RunSweep(options).problems, "");
  options.counters_min = {{"storms", 11}, {"floods", 1}};
  EXPECT_EQ(RunSweep(options).problems,
            "in 20 seeds there were 0 floods, where 1 are expected\n"
            "in 20 seeds there were 10 storms, where 11 are expected\n");
  options.last_seed = kSeedsUntilCountersShow - 1;
  EXPECT_EQ(RunSweep(options).problems, "");
}

TEST(Sweep, FailuresAreGroupedByOracleAndLastEvents) {
  SweepOptions options;
  options.run_seed = [](uint64_t seed, const RunOptions&) {
    RunResult result;
    result.seed = seed;
    result.failed = seed % 2 == 1 || seed == 10;
    result.first_oracle = seed == 3 ? Oracle::kWatch : Oracle::kLinearizable;
    result.last_kinds = seed == 10 ? "fault" : "read reply";
    return result;
  };
  options.last_seed = 100;
  options.failures_max = 9;
  const SweepResult sweep = RunSweep(options);
  EXPECT_EQ(sweep.FailureGroups(),
            "7 seeds  S24 linearizable, after read reply: 1 5 7 9 11 ...\n"
            "1 seed  S24 linearizable, after fault: 10\n"
            "1 seed  S29 watch, after read reply: 3\n");
  std::vector<uint64_t> examples;
  for (const RunResult* failure : sweep.FailureExamples()) examples.push_back(failure->seed);
  EXPECT_EQ(examples, (std::vector<uint64_t>{1, 10, 3}));
}

TEST(Sweep, WhatARunShouldHaveCheckedIsShownWithItsZero) {
  SweepResult sweep;
  sweep.oracles = {Oracle::kOneOwner};
  EXPECT_NE(sweep.Summary().find(std::string(OracleName(Oracle::kOneOwner))), std::string::npos);
  EXPECT_EQ(sweep.Summary().find(std::string(OracleName(Oracle::kWatch))), std::string::npos);
}

}  // namespace
}  // namespace damselfly::sim
