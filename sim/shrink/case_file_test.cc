#include "sim/shrink/case_file.h"

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

Case Example() {
  Case kept;
  kept.description = "A client's \"stale\" read \\' of C:\\";
  kept.scenario = "# proto-message: ClusterScenario\nnodes { min: 2 }\n\nclients { max: 3 }\n";
  kept.seed = 42;
  kept.mutant = Mutant::kStaleRead;
  kept.oracle = Oracle::kLinearizable;
  kept.hash = 0x0123456789abcdefull;
  kept.decisions = {{{"plan", 0, 0}, {{0, 1}, {7, 12345678901234}}},
                    {{"cluster client", 3, 17}, {{1, 65535}}}};
  return kept;
}

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<Case> read = ReadCase(text, "x.textproto");
  return read.ok() ? "none" : std::string(read.status().message());
}

TEST(CaseFile, WhatIsWrittenIsRead) {
  const Case kept = Example();
  const absl::StatusOr<Case> read = ReadCase(WriteCase(kept), "x");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->description, kept.description);
  EXPECT_EQ(read->scenario, kept.scenario);
  EXPECT_EQ(read->seed, kept.seed);
  EXPECT_EQ(read->mutant, kept.mutant);
  EXPECT_EQ(read->oracle, kept.oracle);
  EXPECT_EQ(read->hash, kept.hash);
  EXPECT_EQ(read->decisions, kept.decisions);
}

TEST(CaseFile, AScenarioThatIsBuiltInIsNamed) {
  Case kept = Example();
  kept.scenario = "shared";
  kept.mutant = Mutant::kNone;
  const std::string text = WriteCase(kept);
  EXPECT_NE(text.find("scenario_name: \"shared\""), std::string::npos) << text;
  const absl::StatusOr<Case> read = ReadCase(text, "x");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->scenario, "shared");
  EXPECT_EQ(read->mutant, Mutant::kNone);
}

TEST(CaseFile, ErrorsNameThePlaceAndTheReason) {
  const std::string text = WriteCase(Example());
  const auto with = [&text](const std::string& from, const std::string& to) {
    EXPECT_NE(text.find(from), std::string::npos) << from;
    return ErrorOf(absl::StrReplaceAll(text, {{from, to}}));
  };
  EXPECT_EQ(ErrorOf(text), "none");
  EXPECT_EQ(with("seed: ", "sead: ").substr(0, 12), "x.textproto:");
  EXPECT_EQ(with("stale-read", "stale-bread"),
            "x.textproto: mutant: there is no mutant \"stale-bread\"");
  EXPECT_EQ(with("S24 linearizable", "S99"), "x.textproto: oracle: there is no oracle \"S99\"");
  EXPECT_EQ(with("0123456789abcdef", "later"),
            "x.textproto: trace_hash: \"later\" is no hexadecimal number");
  EXPECT_EQ(with("1=65535", "1:65535"),
            "x.textproto: unit[0].decisions: \"1:65535\" is not INDEX=VALUE");
  EXPECT_EQ(with("1=65535", "1=0"),
            "x.textproto: unit[0].decisions: a value of 0 is not written down");
  EXPECT_EQ(with("7=12345678901234", "0=2"),
            "x.textproto: unit[1].decisions: index 0 does not come after the one before it");
  EXPECT_EQ(with("1=65535", ""),
            "x.textproto: unit[0].decisions: a unit without decisions is not written down");
  EXPECT_EQ(with("purpose: \"plan\"", "purpose: \"cluster client\" instance: 3 number: 17"),
            "x.textproto: unit[1]: this unit has been there before");
  EXPECT_EQ(with("scenario_text:", "scenario_name: \"mixed\" scenario_text:"),
            "x.textproto: scenario_name: either this or scenario_text must be given");
}

}  // namespace
}  // namespace damselfly::sim
