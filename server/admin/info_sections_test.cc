#include "server/admin/info_sections.h"

#include "gtest/gtest.h"

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

}  // namespace
}  // namespace damselfly
