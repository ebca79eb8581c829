#include "sim/scenario/any_scenario.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

std::string ErrorOf(absl::string_view scenario) {
  SweepOptions options;
  return std::string(UseScenario(scenario, "x.textproto", &options).message());
}

TEST(AnyScenario, AFileOfEachKindIsRunAsThatKind) {
  for (const char* name : {"three_nodes_quiet", "links_that_break", "rolling_restart"}) {
    const auto text = ReadTextFile("testing/scenarios/" + std::string(name) + ".textproto");
    ASSERT_TRUE(text.ok()) << text.status();
    SweepOptions options;
    EXPECT_EQ(UseScenario(*text, name, &options), absl::OkStatus());
    EXPECT_FALSE(options.oracles.empty()) << name;
    EXPECT_FALSE(options.run_seed(1, options.run).failed) << name;
  }
  SweepOptions options;
  EXPECT_EQ(UseScenario("shared", "", &options), absl::OkStatus());
  EXPECT_EQ(options.run.scenario, Scenario::kShared);
}

TEST(AnyScenario, ErrorsNameTheFile) {
  EXPECT_TRUE(absl::StartsWith(ErrorOf("nonsense: 1"), "x.textproto"));
  EXPECT_TRUE(absl::StartsWith(ErrorOf("# proto-message: Script\nnonsense: 1"), "x.textproto"));
  EXPECT_EQ(ReadTextFile("no/such/file").status().message(), "no/such/file: cannot be opened");
}

}  // namespace
}  // namespace damselfly::sim
