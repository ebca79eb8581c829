#include "server/session/error_stats.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(ErrorStats, CountsByCodeInOrder) {
  ErrorStats stats;
  stats.Add("WRONGTYPE");
  stats.Add("ERR");
  stats.Add("ERR");
  const auto counts = stats.Counts();
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].first, "ERR");
  EXPECT_EQ(counts[0].second, 2);
  EXPECT_EQ(counts[1].first, "WRONGTYPE");
  stats.Reset();
  EXPECT_TRUE(stats.Counts().empty());
}

TEST(ErrorStats, KeepsABoundedNumberOfCodes) {
  ErrorStats stats;
  for (int i = 0; i < 1000; ++i) stats.Add(absl::StrCat("CODE", i));
  EXPECT_EQ(stats.Counts().size(), ErrorStats::kCodesMax);
  stats.Add("CODE0");
  EXPECT_EQ(stats.Counts()[0].second, 2);
}

}  // namespace
}  // namespace damselfly
