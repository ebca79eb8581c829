#include "server/values/sample.h"

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(SampleIndexes, ChoosesEachIndexEquallyOften) {
  constexpr size_t kSize = 12, kRounds = 6000;
  Random random(1);
  for (size_t count : {0, 1, 3, 4, 6, 12}) {
    std::vector<size_t> chosen(kSize);
    for (size_t round = 0; round < kRounds; ++round) {
      const std::vector<size_t> sample = SampleIndexes(kSize, count, random);
      ASSERT_EQ(sample.size(), count);
      ASSERT_TRUE(std::is_sorted(sample.begin(), sample.end()));
      ASSERT_EQ(std::adjacent_find(sample.begin(), sample.end()), sample.end());
      for (size_t index : sample) ++chosen.at(index);
    }
    for (size_t times : chosen)
      EXPECT_NEAR(static_cast<double>(times), static_cast<double>(kRounds * count / kSize), 200);
  }
}

}  // namespace
}  // namespace damselfly
