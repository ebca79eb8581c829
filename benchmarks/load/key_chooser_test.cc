#include "benchmarks/load/key_chooser.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

constexpr int kDraws = 400000;

std::vector<int> Count(const KeyDistribution& distribution, int64_t keys) {
  KeyChooser chooser(distribution, keys, 0, 1);
  Random random(7);
  std::vector<int> counts(static_cast<size_t>(keys));
  for (int i = 0; i < kDraws; ++i) {
    const uint64_t key = chooser.Next(&random);
    EXPECT_LT(key, static_cast<uint64_t>(keys));
    ++counts[key];
  }
  return counts;
}

// Within five standard deviations.
void ExpectShare(int count, double share) {
  const double deviation = std::sqrt(kDraws * share * (1 - share));
  EXPECT_NEAR(count, kDraws * share, 5 * deviation + 1);
}

TEST(KeyChooserTest, UniformGivesEveryKeyTheSame) {
  for (int count : Count({}, 10)) ExpectShare(count, 0.1);
}

TEST(KeyChooserTest, SequentialChoosersTogetherTakeEveryKeyInTurn) {
  KeyDistribution sequential;
  sequential.kind = KeyDistribution::Kind::kSequential;
  KeyChooser first(sequential, 5, 0, 2);
  KeyChooser second(sequential, 5, 1, 2);
  Random random(1);
  std::vector<uint64_t> keys;
  for (int i = 0; i < 5; ++i) {
    keys.push_back(first.Next(&random));
    keys.push_back(second.Next(&random));
  }
  EXPECT_EQ(keys, (std::vector<uint64_t>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}));
}

TEST(KeyChooserTest, ZipfFollowsItsFormula) {
  for (double exponent : {0.5, 0.99, 1.0, 1.5, 3.0}) {
    for (int64_t keys : {1, 2, 50}) {
      KeyDistribution zipf;
      zipf.kind = KeyDistribution::Kind::kZipf;
      zipf.exponent = exponent;
      const std::vector<int> counts = Count(zipf, keys);
      double sum = 0;
      for (int64_t k = 1; k <= keys; ++k) sum += std::pow(k, -exponent);
      for (int64_t k = 1; k <= keys; ++k) {
        SCOPED_TRACE(testing::Message() << exponent << ", key " << k - 1 << " of " << keys);
        ExpectShare(counts[static_cast<size_t>(k - 1)], std::pow(k, -exponent) / sum);
      }
    }
  }
}

TEST(KeyChooserTest, HotKeysGetTheirShare) {
  KeyDistribution hot;
  hot.kind = KeyDistribution::Kind::kHot;
  hot.share_of_keys = 0.1;
  hot.share_of_requests = 0.9;
  const std::vector<int> counts = Count(hot, 20);
  for (size_t i = 0; i < 20; ++i) ExpectShare(counts[i], i < 2 ? 0.45 : 0.1 / 18);
}

TEST(KeyChooserTest, HotShareOfOneKeyIsThatKey) {
  KeyDistribution hot;
  hot.kind = KeyDistribution::Kind::kHot;
  hot.share_of_keys = 0.5;
  hot.share_of_requests = 0.5;
  EXPECT_EQ(Count(hot, 1)[0], kDraws);
}

}  // namespace
}  // namespace damselfly::load
