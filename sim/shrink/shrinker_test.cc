#include "sim/shrink/shrinker.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "sim/world/decider.h"

namespace damselfly::sim {
namespace {

// A run of 20 clients with 30 requests each. Violates an oracle as soon as client 3 has done its
// request of kind 1 to key 5 or a higher one, and after it client 7 any request of kind 2.
RunResult FakeRun(uint64_t seed, const RunOptions& options) {
  const std::unique_ptr<Decider> decider = options.make_decider(seed);
  RunResult result;
  result.seed = seed;
  result.node_count = 2 + DecisionStream(decider.get(), "plan").Below(4);
  DecisionStream noise(decider.get(), "noise");
  std::vector<DecisionStream> clients;
  for (uint64_t i = 0; i < 20; ++i) clients.emplace_back(decider.get(), "client", i);
  bool first_done = false;
  for (uint64_t request = 1; request <= 30; ++request) {
    for (uint64_t i = 0; i < clients.size() && !result.failed; ++i) {
      noise.Below(100);
      clients[i].BeginUnit(request);
      if (!clients[i].Acts()) continue;
      ++result.external_event_count;
      const uint64_t kind = clients[i].Below(4);
      const uint64_t key = clients[i].Below(50);
      if (i == 3 && kind == 1 && key >= 5) first_done = true;
      result.failed = first_done && i == 7 && kind == 2;
    }
  }
  result.first_oracle = Oracle::kLinearizable;
  result.hash = noise.Below(1u << 30) + (result.external_event_count << 32);
  return result;
}

SweepOptions Fake() {
  SweepOptions options;
  options.run_seed = FakeRun;
  return options;
}

TEST(Shrinker, KeepsOnlyWhatTheViolationNeeds) {
  const ShrinkResult small = Shrinker(Fake(), 1, ShrinkOptions()).Shrink();
  ASSERT_TRUE(small.failed);
  ASSERT_TRUE(small.replayed);
  EXPECT_TRUE(small.finished);
  EXPECT_GT(small.before.external_event_count, 40u);
  EXPECT_EQ(small.after.external_event_count, 2u);
  EXPECT_EQ(small.after.node_count, 2u);
  const DecisionList expected = {{{"client", 3, 1}, {{0, 1}, {1, 1}, {2, 5}}},
                                 {{"client", 7, 1}, {{0, 1}, {1, 2}}}};
  EXPECT_EQ(small.decisions, expected);
  EXPECT_LT(small.run_count, 400u);
}

TEST(Shrinker, EqualBudgetsGiveEqualResults) {
  ShrinkOptions options;
  options.runs_max = 40;
  const ShrinkResult one = Shrinker(Fake(), 1, options).Shrink();
  const ShrinkResult other = Shrinker(Fake(), 1, options).Shrink();
  EXPECT_EQ(one.decisions, other.decisions);
  EXPECT_EQ(one.run_count, 40u);
  EXPECT_FALSE(one.finished);
  EXPECT_LT(one.after.decision_count, one.before.decision_count);
}

TEST(Shrinker, EndsWhenItsTimeIsUp) {
  int asked = 0;
  ShrinkOptions options;
  options.out_of_time = [&asked] { return ++asked > 10; };
  const ShrinkResult small = Shrinker(Fake(), 1, options).Shrink();
  EXPECT_LT(small.run_count, 20u);
  EXPECT_FALSE(small.finished);
}

TEST(Shrinker, HasNothingToDoForASeedThatPasses) {
  SweepOptions options;
  options.run_seed = [](uint64_t, const RunOptions&) { return RunResult(); };
  const ShrinkResult small = Shrinker(options, 1, ShrinkOptions()).Shrink();
  EXPECT_FALSE(small.failed);
  EXPECT_EQ(small.ToString(), "the seed passes: there is nothing to shrink\n");
}

TEST(Shrinker, AnotherViolationIsNotTheSameFailure) {
  SweepOptions options = Fake();
  options.run_seed = [](uint64_t seed, const RunOptions& run) {
    RunResult result = FakeRun(seed, run);
    // Of a run with few requests something else is wrong.
    if (result.external_event_count < 10) {
      result.failed = true;
      result.first_oracle = Oracle::kWatch;
    }
    return result;
  };
  const ShrinkResult small = Shrinker(options, 1, ShrinkOptions()).Shrink();
  EXPECT_EQ(small.run.first_oracle, Oracle::kLinearizable);
  EXPECT_EQ(small.after.external_event_count, 10u);
}

TEST(Shrinker, AMutantOfARealRunBecomesAFewRequests) {
  SweepOptions options;
  options.run.scenario = Scenario::kShared;
  options.run.mutant = Mutant::kStaleRead;
  options.repeat_every = 0;
  options.last_seed = 1000;
  const SweepResult sweep = RunSweep(options);
  ASSERT_FALSE(sweep.failures.empty());
  ShrinkOptions budget;
  budget.runs_max = 1500;
  const ShrinkResult small = Shrinker(options, sweep.failures[0].seed, budget).Shrink();
  ASSERT_TRUE(small.replayed);
  EXPECT_LE(small.after.external_event_count, 15u) << small.ToString();
  EXPECT_LE(small.after.node_count, 4u);
  EXPECT_LT(small.after.decision_count, small.before.decision_count);
}

}  // namespace
}  // namespace damselfly::sim
