#include "server/values/hyperloglog.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

constexpr size_t kSparseMax = 3000;

// The state with elements "e0", "e1", … added.
std::string StateOf(int count, size_t sparse_max = kSparseMax) {
  std::string hll = EmptyHll();
  for (int i = 0; i < count; ++i) RaiseHll(&hll, HllElementOf(absl::StrCat("e", i)), sparse_max);
  return hll;
}

uint64_t CountOf(absl::string_view hll) {
  uint64_t count = 0;
  EXPECT_TRUE(CountHll(hll, &count));
  return count;
}

HllRegisters RegistersOf(absl::string_view hll) {
  HllRegisters registers{};
  EXPECT_TRUE(MergeHll(hll, &registers));
  return registers;
}

TEST(HyperLogLog, AnEmptyStateIsOneRunOfZeros) {
  EXPECT_EQ(absl::BytesToHexString(EmptyHll()), "48594c4c0100000000000000000000007fff");
  EXPECT_TRUE(IsHll(EmptyHll()));
  EXPECT_TRUE(HllIsSparse(EmptyHll()));
  uint64_t count = 1;
  EXPECT_TRUE(CachedHllCount(EmptyHll(), &count));
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(CountOf(EmptyHll()), 0u);
}

// What redis-server 7.0 has under the key after PFADD key a b c.
TEST(HyperLogLog, ThreeElementsAreTheBytesThatRedisHas) {
  std::string hll = EmptyHll();
  for (absl::string_view element : {"a", "b", "c"}) {
    EXPECT_EQ(TryRaiseHll(hll, HllElementOf(element)), HllResult::kChanged);
    EXPECT_EQ(RaiseHll(&hll, HllElementOf(element), kSparseMax), HllResult::kChanged);
    EXPECT_EQ(TryRaiseHll(hll, HllElementOf(element)), HllResult::kUnchanged);
    EXPECT_EQ(RaiseHll(&hll, HllElementOf(element), kSparseMax), HllResult::kUnchanged);
  }
  EXPECT_EQ(absl::BytesToHexString(hll), "48594c4c01000000000000000000008060f38050b1844bfb80425a");
  EXPECT_EQ(CountOf(hll), 3u);
}

TEST(HyperLogLog, EstimatesAreWithinThePromisedError) {
  std::string hll = EmptyHll();
  for (int i = 1; i <= 100000; ++i) {
    RaiseHll(&hll, HllElementOf(absl::StrCat("element:", i)), kSparseMax);
    if (i % 1000 != 0) continue;
    // Three standard deviations.
    EXPECT_NEAR(static_cast<double>(CountOf(hll)), i, 3 * 0.0081 * i) << i;
  }
}

TEST(HyperLogLog, SparseAndDenseStatesCountTheSame) {
  for (int count : {1, 10, 100, 500, 1000}) {
    const std::string sparse = StateOf(count, 100000);
    const std::string dense = StateOf(count, 0);
    ASSERT_TRUE(HllIsSparse(sparse));
    ASSERT_FALSE(HllIsSparse(dense));
    EXPECT_EQ(dense.size(), kHllDenseBytes);
    EXPECT_EQ(RegistersOf(sparse), RegistersOf(dense));
    EXPECT_EQ(CountOf(sparse), CountOf(dense));
    EXPECT_EQ(CountHll(RegistersOf(sparse)), CountOf(dense));

    std::string made_dense = sparse;
    ASSERT_TRUE(MakeHllDense(&made_dense));
    EXPECT_EQ(RegistersOf(made_dense), RegistersOf(dense));
  }
}

TEST(HyperLogLog, BecomesDenseWhereItWouldOutgrowTheLimit) {
  std::string hll = EmptyHll();
  size_t longest = 0;
  for (int i = 0; HllIsSparse(hll); ++i) {
    longest = std::max(longest, hll.size());
    ASSERT_EQ(hll.size() <= kSparseMax, true);
    RaiseHll(&hll, HllElementOf(absl::StrCat(i)), kSparseMax);
    ASSERT_LT(i, 10000);
  }
  EXPECT_GT(longest, kSparseMax - 4);
}

TEST(HyperLogLog, BecomesDenseWhereARankDoesNotFitARun) {
  std::string hll = EmptyHll();
  EXPECT_EQ(RaiseHll(&hll, {.index = 5, .rank = 32}, kSparseMax), HllResult::kChanged);
  EXPECT_TRUE(HllIsSparse(hll));
  EXPECT_EQ(RaiseHll(&hll, {.index = 5, .rank = 33}, kSparseMax), HllResult::kChanged);
  EXPECT_FALSE(HllIsSparse(hll));
  EXPECT_EQ(RegistersOf(hll)[5], 33);
}

TEST(HyperLogLog, EveryRegisterHoldsWhatItWasRaisedTo) {
  std::mt19937_64 random(1);
  for (size_t sparse_max : {size_t{0}, size_t{3000}, size_t{100000}}) {
    std::string hll = EmptyHll();
    HllRegisters expected{};
    for (int round = 0; round < 20000; ++round) {
      // Neighbours, so that runs of values are split and joined.
      const HllElement element = {
          .index = static_cast<uint32_t>(16380 + random() % 400) % 16384,
          .rank = static_cast<uint8_t>(
              1 + random() % (round % 100 == 99 && sparse_max == 0 ? 51 : 3 + round / 1000))};
      const bool raises = element.rank > expected[element.index];
      ASSERT_EQ(RaiseHll(&hll, element, sparse_max),
                raises ? HllResult::kChanged : HllResult::kUnchanged);
      expected[element.index] = std::max(expected[element.index], element.rank);
      if (round % 500 == 0) {
        ASSERT_EQ(RegistersOf(hll), expected);
      }
    }
    EXPECT_EQ(RegistersOf(hll), expected);
  }
}

TEST(HyperLogLog, RaisingARegisterMarksTheCountAsOld) {
  for (size_t sparse_max : {size_t{0}, size_t{3000}}) {
    std::string hll = StateOf(1, sparse_max);
    hll.replace(kHllCountOffset, 8, HllCountBytes(1));
    uint64_t count = 0;
    EXPECT_TRUE(CachedHllCount(hll, &count));
    EXPECT_EQ(count, 1u);
    RaiseHll(&hll, HllElementOf("e0"), sparse_max);
    EXPECT_TRUE(CachedHllCount(hll, &count));
    RaiseHll(&hll, HllElementOf("e1"), sparse_max);
    EXPECT_FALSE(CachedHllCount(hll, &count));
  }
}

TEST(HyperLogLog, MergedStatesCountTheUnion) {
  HllRegisters registers{};
  ASSERT_TRUE(MergeHll(StateOf(3000), &registers));
  ASSERT_TRUE(MergeHll(StateOf(200), &registers));
  EXPECT_EQ(CountHll(registers), CountOf(StateOf(3000)));
}

TEST(HyperLogLog, OtherStringsAreNone) {
  for (absl::string_view bytes : {"", "HYLL", "HYLL0123456789"})
    EXPECT_FALSE(IsHll(bytes)) << bytes;
  std::string hll = EmptyHll();
  hll[0] = 'h';
  EXPECT_FALSE(IsHll(hll));
  hll = EmptyHll();
  hll[4] = 2;
  EXPECT_FALSE(IsHll(hll));
  hll[4] = 0;  // says dense, and is too short for that
  EXPECT_FALSE(IsHll(hll));
}

TEST(HyperLogLog, CorruptSparseStatesAreToldFrom) {
  const std::string header = EmptyHll().substr(0, kHllHeaderBytes);
  const struct {
    absl::string_view title;
    std::string runs;
  } cases[] = {
      {"none", ""},
      {"too few zeros", "\x3f"},
      {"a run cut short", "\x7f"},
      {"too many zeros", "\x7f\xff\x7f\xff"},
      {"a value too many", "\x7f\xff\x80"},
  };
  for (const auto& c : cases) {
    const std::string hll = header + c.runs;
    EXPECT_TRUE(IsHll(hll));
    uint64_t count;
    HllRegisters registers{};
    std::string copy = hll;
    EXPECT_FALSE(CountHll(hll, &count)) << c.title;
    EXPECT_FALSE(MergeHll(hll, &registers)) << c.title;
    EXPECT_FALSE(MakeHllDense(&copy)) << c.title;
    EXPECT_EQ(copy, hll) << c.title;
  }
  const HllElement last = {.index = 16383, .rank = 1};
  std::string cut = header + "\x3f";
  EXPECT_EQ(TryRaiseHll(cut, last), HllResult::kCorrupt);
  EXPECT_EQ(RaiseHll(&cut, last, kSparseMax), HllResult::kCorrupt);
  EXPECT_EQ(cut, header + "\x3f");
}

TEST(HyperLogLog, NoiseNeitherCrashesNorOverruns) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; ++round) {
    std::string hll = StateOf(static_cast<int>(random() % 50));
    for (size_t i = random() % 4; i > 0; --i) {
      hll[kHllHeaderBytes + random() % (hll.size() - kHllHeaderBytes)] =
          static_cast<char>(random());
    }
    ASSERT_TRUE(IsHll(hll));
    uint64_t count;
    HllRegisters registers{};
    CountHll(hll, &count);
    MergeHll(hll, &registers);
    DescribeSparseHll(hll);
    for (int i = 0; i < 5; ++i) RaiseHll(&hll, HllElementOf(absl::StrCat(random())), 60);
  }
}

TEST(HyperLogLog, RunsAreDescribed) {
  std::string hll = EmptyHll();
  RaiseHll(&hll, {.index = 10, .rank = 3}, kSparseMax);
  RaiseHll(&hll, {.index = 11, .rank = 3}, kSparseMax);
  EXPECT_EQ(DescribeSparseHll(hll), "z:10 v:3,2 Z:16372");
}

}  // namespace
}  // namespace damselfly
