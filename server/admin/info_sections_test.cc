#include "server/admin/info_sections.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "server/admin/info_statistics.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

uint32_t Bit(InfoSection section) { return 1u << static_cast<int>(section); }

constexpr uint32_t kAll = (1u << kInfoSectionCount) - 1;

TEST(InfoSections, WithoutNamesTheDefaultOnesAreChosen) {
  const uint32_t defaults =
      kAll & ~Bit(InfoSection::kCommandStats) & ~Bit(InfoSection::kLatencyStats);
  EXPECT_EQ(SelectInfoSections({}), defaults);
  EXPECT_EQ(SelectInfoSections({"Default"}), defaults);
}

TEST(InfoSections, AllAndEverythingAreAll) {
  EXPECT_EQ(SelectInfoSections({"all"}), kAll);
  EXPECT_EQ(SelectInfoSections({"EVERYTHING"}), kAll);
}

TEST(InfoSections, SeveralNamesAddUpAndUnknownOnesAreNothing) {
  EXPECT_EQ(SelectInfoSections({"cpu", "nonsense", "SERVER", "cpu"}),
            Bit(InfoSection::kCpu) | Bit(InfoSection::kServer));
  EXPECT_EQ(SelectInfoSections({"nonsense"}), 0u);
  EXPECT_EQ(SelectInfoSections({""}), 0u);
  EXPECT_EQ(SelectInfoSections({"latencystats", "default"}),
            kAll & ~Bit(InfoSection::kCommandStats));
}

TEST(InfoStats, CountsTheNamesThatHaveSubscribers) {
  SessionHarness node(2);
  node.Connect(0)->Call("SUBSCRIBE a b|PSUBSCRIBE p*|SSUBSCRIBE s t u");
  node.Connect(1)->Call("SUBSCRIBE a|PSUBSCRIBE p* q*");
  std::string text;
  WriteInfoStats(node.server(), &text);
  EXPECT_TRUE(absl::StrContains(
      text, "\r\npubsub_channels:2\r\npubsub_patterns:2\r\npubsubshard_channels:3\r\n"))
      << text;
}

}  // namespace
}  // namespace damselfly
