#include "server/values/int_set.h"

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::vector<int64_t> IntegersOf(const IntSet& set) {
  std::vector<int64_t> integers;
  for (size_t i = 0; i < set.size(); ++i) integers.push_back(set.At(i));
  return integers;
}

TEST(IntSet, HasTheBytesOfIntsets) {
  IntSet set;
  EXPECT_EQ(absl::BytesToHexString(set.bytes()), "0200000000000000");
  EXPECT_EQ(set.memory_bytes(), 0u);
  for (int64_t value : {3, -1, 500}) EXPECT_TRUE(set.Insert(value));
  EXPECT_FALSE(set.Insert(3));
  EXPECT_EQ(absl::BytesToHexString(set.bytes()), "0200000003000000ffff0300f401");
  EXPECT_EQ(set.memory_bytes(), set.bytes().size());
  EXPECT_TRUE(set.Insert(70000));
  EXPECT_EQ(absl::BytesToHexString(set.bytes()),
            "0400000004000000ffffffff03000000f401000070110100");
  EXPECT_TRUE(set.Erase(70000));
  EXPECT_EQ(absl::BytesToHexString(set.bytes()), "0400000003000000ffffffff03000000f4010000");
}

TEST(IntSet, WidensToBothEnds) {
  IntSet set;
  for (int64_t value : {int64_t{5}, int64_t{-40000}, int64_t{40000}, kMin, kMax})
    EXPECT_TRUE(set.Insert(value));
  EXPECT_EQ(IntegersOf(set), (std::vector<int64_t>{kMin, -40000, 5, 40000, kMax}));
}

TEST(IntSet, EqualsAModelThroughRandomChanges) {
  Random random(7);
  for (int64_t range : {int64_t{60}, int64_t{32900}, int64_t{2147483700}, kMax}) {
    IntSet set;
    std::set<int64_t> model;
    for (int step = 0; step < 3000; ++step) {
      const int64_t edge = random.Between(-20, 20);
      const int64_t value = random.Chance(1, 2)
                                ? random.Between(-range, range)
                                : (random.Chance(1, 2) ? range - 20 + edge : -range + 20 + edge);
      EXPECT_EQ(set.Contains(value), model.count(value) == 1);
      if (random.Chance(3, 5)) {
        EXPECT_EQ(set.Insert(value), model.insert(value).second);
      } else {
        const int64_t present = model.empty() || random.Chance(1, 2) ? value : *model.begin();
        EXPECT_EQ(set.Erase(present), model.erase(present) == 1);
      }
      ASSERT_EQ(set.size(), model.size());
    }
    EXPECT_EQ(IntegersOf(set), std::vector<int64_t>(model.begin(), model.end()));
    ASSERT_TRUE(IntSet::Validate(set.bytes()));
    EXPECT_EQ(IntSet::FromBytes(set.bytes()).bytes(), set.bytes());
    EXPECT_EQ(set.Clone().bytes(), set.bytes());
  }
}

TEST(IntSet, RefusesMalformedBytes) {
  const std::string good = absl::HexStringToBytes("0200000003000000ffff0300f401");
  ASSERT_TRUE(IntSet::Validate(good));
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(IntSet::Validate(good.substr(0, size)));
  EXPECT_FALSE(IntSet::Validate(good + "x"));
  for (const char* bad : {"0300000003000000ffff0300f401", "0200000002000000ffff0300f401",
                          "0200000003000000ffff0300fe01ff", "02000000030000000300ffff0400",
                          "02000000020000000300"
                          "0300",
                          "0200000003000080ffff0300f401"})
    EXPECT_FALSE(IntSet::Validate(absl::HexStringToBytes(bad))) << bad;
}

TEST(IntSet, GivesItselfAway) {
  IntSet set;
  set.Insert(1);
  IntSet moved = std::move(set);
  EXPECT_TRUE(set.empty());
  char* const bytes = moved.Release();
  EXPECT_TRUE(moved.empty());
  EXPECT_FALSE(moved.Contains(1));
  EXPECT_FALSE(moved.Erase(1));
  moved = IntSet::Adopt(bytes);
  EXPECT_TRUE(moved.Contains(1));
}

}  // namespace
}  // namespace damselfly
