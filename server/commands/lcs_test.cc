#include "server/commands/lcs.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

// By the definition, for short strings.
size_t LengthByRecursion(absl::string_view a, absl::string_view b) {
  if (a.empty() || b.empty()) return 0;
  if (a.back() == b.back()) {
    return 1 + LengthByRecursion(a.substr(0, a.size() - 1), b.substr(0, b.size() - 1));
  }
  return std::max(LengthByRecursion(a.substr(0, a.size() - 1), b),
                  LengthByRecursion(a, b.substr(0, b.size() - 1)));
}

TEST(Lcs, FindsTheExampleOfTheManual) {
  const LcsResult lcs = FindLcs("ohmytext", "mynewtext");
  EXPECT_EQ(lcs.text, "mytext");
  ASSERT_EQ(lcs.matches.size(), 2u);
  EXPECT_EQ(lcs.matches[0].first_start, 4u);
  EXPECT_EQ(lcs.matches[0].second_start, 5u);
  EXPECT_EQ(lcs.matches[0].length, 4u);
  EXPECT_EQ(lcs.matches[1].first_start, 2u);
  EXPECT_EQ(lcs.matches[1].second_start, 0u);
  EXPECT_EQ(lcs.matches[1].length, 2u);
}

TEST(Lcs, OfNothingIsNothing) {
  EXPECT_EQ(FindLcs("", "").text, "");
  EXPECT_EQ(FindLcs("abc", "").text, "");
  EXPECT_TRUE(FindLcs("", "abc").matches.empty());
  EXPECT_EQ(LcsLength("", "abc"), 0u);
}

TEST(Lcs, IsACommonSubsequenceOfTheGreatestLength) {
  Random random(7);
  for (int round = 0; round < 500; ++round) {
    std::string a(random.Below(9), ' ');
    std::string b(random.Below(9), ' ');
    for (char& c : a) c = static_cast<char>('a' + random.Below(3));
    for (char& c : b) c = static_cast<char>('a' + random.Below(3));
    const size_t expected = LengthByRecursion(a, b);
    EXPECT_EQ(LcsLength(a, b), expected) << a << " " << b;
    const LcsResult lcs = FindLcs(a, b);
    EXPECT_EQ(lcs.text.size(), expected) << a << " " << b;
    std::string from_a, from_b;
    for (auto match = lcs.matches.rbegin(); match != lcs.matches.rend(); ++match) {
      from_a += a.substr(match->first_start, match->length);
      from_b += b.substr(match->second_start, match->length);
    }
    EXPECT_EQ(from_a, lcs.text);
    EXPECT_EQ(from_b, lcs.text);
  }
}

// Where there are several, the choice depends on which string comes first.
TEST(Lcs, ChoosesAsRedisDoes) {
  EXPECT_EQ(FindLcs("ab", "ba").text, "b");
  EXPECT_EQ(FindLcs("ba", "ab").text, "a");
  EXPECT_EQ(FindLcs("abx", "ba").text, "b");
  EXPECT_EQ(FindLcs("ab", "bax").text, "b");
}

}  // namespace
}  // namespace damselfly
