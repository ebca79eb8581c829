#include "server/commands/sort_elements.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

using testing::ElementsAre;

SortElements Of(const std::vector<std::string>& texts) {
  SortElements elements;
  for (const std::string& text : texts) elements.Add(text);
  return elements;
}

std::vector<std::string> Ordered(const SortElements& elements) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < elements.size(); ++i) texts.emplace_back(elements.ordered(i));
  return texts;
}

TEST(SortElementsTest, StandAsAddedUntilTheyAreSorted) {
  EXPECT_THAT(Ordered(Of({"b", "", "a"})), ElementsAre("b", "", "a"));
}

TEST(SortElementsTest, NumbersByValueAndThenByText) {
  SortElements elements = Of({"10", "9", "1.5", "09", "-inf", "", "1e1"});
  ASSERT_TRUE(elements.Sort({}));
  EXPECT_THAT(Ordered(elements), ElementsAre("-inf", "", "1.5", "09", "9", "10", "1e1"));
  ASSERT_TRUE(elements.Sort({.descending = true}));
  EXPECT_THAT(Ordered(elements), ElementsAre("1e1", "10", "9", "09", "1.5", "", "-inf"));
}

TEST(SortElementsTest, TextsByBytes) {
  SortElements elements = Of({"b", "10", "9", "\xff", "B"});
  ASSERT_TRUE(elements.Sort({.alphabetic = true}));
  EXPECT_THAT(Ordered(elements), ElementsAre("10", "9", "B", "b", "\xff"));
  ASSERT_TRUE(elements.Sort({.descending = true, .alphabetic = true}));
  EXPECT_THAT(Ordered(elements), ElementsAre("\xff", "b", "B", "9", "10"));
}

TEST(SortElementsTest, BytesBehindZeroCountWhereAllDo) {
  const std::string b("a\0b", 3), c("a\0c", 3);
  SortElements elements = Of({c, b});
  ASSERT_TRUE(elements.Sort({.alphabetic = true}));
  EXPECT_THAT(Ordered(elements), ElementsAre(c, b));
  ASSERT_TRUE(elements.Sort({.alphabetic = true, .binary = true}));
  EXPECT_THAT(Ordered(elements), ElementsAre(b, c));
}

TEST(SortElementsTest, WithoutWeightIsZeroOrFirst) {
  SortElements elements = Of({"a", "b", "c", "d"});
  elements.SetWeight(0, "5");
  elements.SetWeight(2, "-5");
  ASSERT_TRUE(elements.Sort({.by_weight = true}));
  EXPECT_THAT(Ordered(elements), ElementsAre("c", "b", "d", "a"));
  ASSERT_TRUE(elements.Sort({.alphabetic = true, .by_weight = true}));
  EXPECT_THAT(Ordered(elements), ElementsAre("b", "d", "c", "a"));
  SortElements none = Of({"z", "y"});
  ASSERT_TRUE(none.Sort({.alphabetic = true, .by_weight = true}));
  EXPECT_THAT(Ordered(none), ElementsAre("z", "y"));
}

TEST(SortElementsTest, WhatIsNoNumberCannotBeSortedByNumber) {
  EXPECT_FALSE(Of({"1", "x"}).Sort({}));
  SortElements elements = Of({"x"});
  elements.SetWeight(0, "y");
  EXPECT_FALSE(elements.Sort({.by_weight = true}));
}

// As redis-server 7.0.15 takes them.
TEST(SortElementsTest, Scores) {
  double score;
  for (const std::string& text :
       {std::string("+3"), std::string("\t\n3"), std::string("3\0x", 3), std::string("3."),
        std::string("0x3"), std::string("\v3"), std::string("3e0")}) {
    ASSERT_TRUE(ParseSortScore(text, &score)) << text;
    EXPECT_EQ(score, 3) << text;
  }
  EXPECT_TRUE(ParseSortScore("infinity", &score));
  for (const char* text : {" ", "1 ", "0x", "1e", "nan", "nan(1)", "1_0", "1e999", "1e-320", "1,5"})
    EXPECT_FALSE(ParseSortScore(text, &score)) << text;
}

}  // namespace
}  // namespace damselfly
