#include "sim/score/score.h"

#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

MutantScore Found(Mutant mutant, uint64_t runs, Oracle oracle) {
  MutantScore score;
  score.mutant = mutant;
  score.found = true;
  score.run_count = runs;
  score.oracle = oracle;
  score.scenario = kMixedRuns;
  score.seed = runs;
  return score;
}

MutantScore Survivor(Mutant mutant, const std::string& reason) {
  MutantScore score;
  score.mutant = mutant;
  score.run_count = 300;
  score.survives = reason;
  return score;
}

TEST(Score, TheCanaryDoesNotCount) {
  const std::vector<MutantScore> scores = {Found(Mutant::kCanary, 90, Oracle::kCanary),
                                           Found(Mutant::kStaleRead, 3, Oracle::kLinearizable)};
  const ScoreSummary summary = Summarize(scores);
  EXPECT_EQ(summary.mutant_count, 1u);
  EXPECT_EQ(summary.found_count, 1u);
  EXPECT_EQ(summary.median_runs, 3u);
  EXPECT_TRUE(summary.passes());
}

TEST(Score, OneSurvivorInTwentyIsAllowedAndOneInNineteenIsNot) {
  std::vector<MutantScore> scores(18, Found(Mutant::kStaleRead, 2, Oracle::kLinearizable));
  scores.push_back(Survivor(Mutant::kWriteLost, "a reason"));
  EXPECT_FALSE(Summarize(scores).passes());
  scores.push_back(Found(Mutant::kStaleRead, 2, Oracle::kLinearizable));
  EXPECT_TRUE(Summarize(scores).passes());
}

TEST(Score, TheTableTellsSurvivorsAndWhatEachOracleHasFound) {
  const std::string text =
      ScoreText({Found(Mutant::kStaleRead, 2, Oracle::kLinearizable),
                 Survivor(Mutant::kWriteLost, "a reason"), Survivor(Mutant::kWriteTwice, "")});
  EXPECT_TRUE(absl::StrContains(text, "write-lost: a reason\n"));
  EXPECT_TRUE(absl::StrContains(text, "write-twice: unexplained\n"));
  EXPECT_TRUE(absl::StrContains(text, "S24 linearizable           stale-read\n"));
  EXPECT_TRUE(absl::StrContains(text, "1 of 3 mutants found: 33.3 %"));
}

TEST(Score, JsonEscapes) {
  const std::string json = ScoreJson({Survivor(Mutant::kWriteLost, "a \"reason\"")});
  EXPECT_TRUE(absl::StrContains(json, "\"survives\":\"a \\\"reason\\\"\""));
  EXPECT_TRUE(absl::StrContains(json, "\"count\":1,\"found\":0"));
}

TEST(Score, AMutantIsFoundBySomeSeed) {
  const MutantScore score = ScoreMutant({Mutant::kReplyRepeated, "", {kMixedRuns}, {}, ""}, 100);
  EXPECT_TRUE(score.found);
  EXPECT_EQ(score.seed, score.run_count);
  EXPECT_FALSE(score.message.empty());
}

}  // namespace
}  // namespace damselfly::sim
