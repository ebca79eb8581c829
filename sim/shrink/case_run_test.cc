#include "sim/shrink/case_run.h"

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "sim/scenario/any_scenario.h"

namespace damselfly::sim {
namespace {

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Each kind of run: of single nodes, of a cluster, of replication.
class EveryKindOfRun : public testing::TestWithParam<const char*> {
 protected:
  std::string scenario() const {
    const std::string name = GetParam();
    return name == "mixed" ? name : FileText("testing/scenarios/" + name + ".textproto");
  }
};

TEST_P(EveryKindOfRun, IsReplayedToTheSameHashFromWhatWasRecorded) {
  SweepOptions options;
  ASSERT_TRUE(UseScenario(scenario(), GetParam(), &options).ok());
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Case kept;
    kept.scenario = scenario();
    kept.seed = seed;
    RunOptions recording = options.run;
    recording.make_decider = [&kept](uint64_t of) {
      return std::make_unique<RecordingDecider>(std::make_unique<SeededDecider>(of),
                                                &kept.decisions);
    };
    const uint64_t hash = options.run_seed(seed, options.run).hash;
    EXPECT_EQ(options.run_seed(seed, recording).hash, hash);
    const absl::StatusOr<RunResult> replayed = RunCase(kept, "x", Mutant::kNone);
    ASSERT_TRUE(replayed.ok());
    EXPECT_EQ(replayed->hash, hash) << "seed " << seed;
    // And as text.
    const absl::StatusOr<Case> read = ReadCase(WriteCase(kept), "x");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->decisions, kept.decisions);
    EXPECT_EQ(read->scenario, kept.scenario);
  }
}

TEST_P(EveryKindOfRun, IsQuietAndEndsWithoutAnyDecision) {
  Case kept;
  kept.scenario = scenario();
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    kept.seed = seed;
    const absl::StatusOr<RunResult> run = RunCase(kept, "x", Mutant::kNone);
    ASSERT_TRUE(run.ok());
    EXPECT_FALSE(run->failed) << OracleName(run->first_oracle) << ": " << run->message;
    // What every node of a cluster or of a replication must be told, and told again at the end.
    EXPECT_LE(run->external_event_count, 4 * run->node_count);
    EXPECT_LT(run->event_count, 100'000u);
    for (size_t i = 0; i < kFaultCount; ++i) EXPECT_EQ(run->fault_effects[i], 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, EveryKindOfRun,
                         testing::Values("mixed", "everything_at_once",
                                         "replication_everything_at_once"),
                         [](const auto& info) { return std::string(info.param); });

TEST(KeptCase, MustFailWithItsMutantByItsOracleAndPassWithout) {
  Case kept;
  kept.scenario = "mixed";
  // Has no need of any decision: the canary sings in this seed.
  for (kept.seed = 1; DeriveSeed(kept.seed, "canary") % 100 != 0;) ++kept.seed;
  EXPECT_EQ(JudgeKeptCase(kept, "x"), "");
  kept.mutant = Mutant::kCanary;
  kept.oracle = Oracle::kCanary;
  EXPECT_EQ(JudgeKeptCase(kept, "x"), "");
  kept.oracle = Oracle::kWatch;
  EXPECT_EQ(JudgeKeptCase(kept, "x"),
            "x with the mutant canary violates M0 canary first, not S29 watch: the canary sings");
  kept.mutant = Mutant::kWatchIgnored;
  EXPECT_EQ(JudgeKeptCase(kept, "x"), "x with the mutant watch-ignored does not violate S29 watch");
  kept.scenario = "nonsense";
  EXPECT_NE(JudgeKeptCase(kept, "x"), "");
}

}  // namespace
}  // namespace damselfly::sim
