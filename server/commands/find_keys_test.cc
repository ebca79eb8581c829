#include "server/commands/find_keys.h"

#include <initializer_list>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

// The positions that `spec` finds, or {-1} when it cannot tell.
std::vector<int> Find(const KeySpec& spec, std::initializer_list<absl::string_view> args) {
  KeyPositions keys;
  if (!AppendKeys(spec, {args.begin(), args.size()}, &keys)) return {-1};
  std::vector<int> positions;
  for (const KeyPosition& key : keys) {
    EXPECT_EQ(key.flags, spec.flags);
    positions.push_back(key.index);
  }
  return positions;
}

using Positions = std::vector<int>;

KeySpec Keyword(absl::string_view word, int start_from, int last, int limit) {
  KeySpec spec;
  spec.begin = KeySpec::Begin::kKeyword;
  spec.keyword = word;
  spec.start_from = start_from;
  spec.last = last;
  spec.limit = limit;
  return spec;
}

KeySpec Counted(int index, int first_key, int step = 1) {
  KeySpec spec;
  spec.index = index;
  spec.find = KeySpec::Find::kKeyCount;
  spec.first_key = first_key;
  spec.step = step;
  return spec;
}

TEST(FindKeys, RangeFromTheFront) {
  EXPECT_EQ(Find(OneKey(kKeyReadOnly), {"get", "k"}), Positions({1}));
  EXPECT_EQ(Find(OneKey(kKeyReadOnly, 2), {"object", "encoding", "k"}), Positions({2}));
  EXPECT_EQ(Find(KeyRange(0, 1, 1), {"lcs", "a", "b", "LEN"}), Positions({1, 2}));
}

TEST(FindKeys, RangeToTheEnd) {
  EXPECT_EQ(Find(KeyRange(0, 1, -1), {"del", "a", "b", "a"}), Positions({1, 2, 3}));
  EXPECT_EQ(Find(KeyRange(0, 1, -1, 2), {"mset", "a", "1", "b", "2"}), Positions({1, 3}));
  EXPECT_EQ(Find(KeyRange(0, 1, -2), {"blpop", "a", "b", "0"}), Positions({1, 2}));
}

TEST(FindKeys, RangeThatReachesPastTheArgumentsIsRefused) {
  EXPECT_EQ(Find(KeyRange(0, 1, 1), {"lcs", "a"}), Positions({-1}));
  EXPECT_EQ(Find(KeyRange(0, 2, -2), {"x", "y"}), Positions({-1}));
  EXPECT_EQ(Find(OneKey(0), {"get"}), Positions({-1}));
}

TEST(FindKeys, HalfOfWhatStandsBehindAKeyword) {
  const KeySpec streams = Keyword("STREAMS", 1, -1, 2);
  EXPECT_EQ(Find(streams, {"xread", "count", "5", "Streams", "a", "b", "0", "0"}),
            Positions({4, 5}));
  EXPECT_EQ(Find(streams, {"xread", "count", "5", "a"}), Positions({}));
  EXPECT_EQ(Find(streams, {"xread", "streams", "a"}), Positions({-1}));
  EXPECT_EQ(Find(streams, {"xread", "streams"}), Positions({-1}));
}

TEST(FindKeys, KeywordSearchedFromTheEnd) {
  const KeySpec keys = Keyword("KEYS", -2, -1, 0);
  EXPECT_EQ(Find(keys, {"migrate", "h", "1", "", "0", "9", "keys", "a", "b"}), Positions({7, 8}));
  EXPECT_EQ(Find(keys, {"migrate", "h", "1", "k", "0", "9"}), Positions({}));
  EXPECT_EQ(Find(keys, {"keys"}), Positions({}));
}

TEST(FindKeys, CountedKeys) {
  EXPECT_EQ(Find(Counted(1, 1), {"zunion", "2", "a", "b", "weights"}), Positions({2, 3}));
  EXPECT_EQ(Find(Counted(2, 1), {"eval", "script", "0"}), Positions({}));
  EXPECT_EQ(Find(Counted(1, 1, 2), {"x", "2", "a", "1", "b", "2"}), Positions({2, 4}));
}

TEST(FindKeys, CountThatIsNoneOrLiesIsRefused) {
  for (absl::string_view count :
       {"", "x", "-1", "3", "1.0", " 1", "2147483648", "9223372036854775807", "9223372036854775808",
        "18446744073709551617"}) {
    EXPECT_EQ(Find(Counted(1, 1), {"zunion", count, "a", "b"}), Positions({-1})) << count;
  }
  EXPECT_EQ(Find(Counted(1, 1), {"zunion"}), Positions({-1}));
}

TEST(FindKeys, UnknownSpecsAddNothing) {
  KeySpec unknown;
  unknown.begin = KeySpec::Begin::kUnknown;
  unknown.find = KeySpec::Find::kUnknown;
  EXPECT_EQ(Find(unknown, {"sort", "k", "STORE", "d"}), Positions({}));
}

TEST(SummarizeKeys, JoinsOneKeySpecsThatFollowEachOther) {
  const KeySpec specs[] = {OneKey(0, 1), OneKey(0, 2), KeyRange(0, 3, -1)};
  const KeySummary summary = SummarizeKeys(specs);
  EXPECT_EQ(summary.first, 1);
  EXPECT_EQ(summary.last, -1);
  EXPECT_EQ(summary.step, 1);
  EXPECT_TRUE(summary.complete);
  EXPECT_FALSE(summary.movable);
}

TEST(SummarizeKeys, KeepsTheFirstRangeAndCallsTheRestMovable) {
  const KeySpec gap[] = {OneKey(0, 1), OneKey(0, 3)};
  EXPECT_EQ(SummarizeKeys(gap).last, 1);
  EXPECT_TRUE(SummarizeKeys(gap).movable);
  const KeySpec keyword[] = {OneKey(0, 1), Keyword("STORE", 6, 0, 0)};
  EXPECT_EQ(SummarizeKeys(keyword).first, 1);
  EXPECT_TRUE(SummarizeKeys(keyword).movable);
  EXPECT_FALSE(SummarizeKeys(keyword).complete);
  const KeySpec counted[] = {OneKey(0, 1), Counted(2, 1)};
  EXPECT_EQ(SummarizeKeys(counted).last, 1);
  EXPECT_TRUE(SummarizeKeys(counted).movable);
}

TEST(SummarizeKeys, IncompleteSpecsAreMovable) {
  const KeySpec specs[] = {OneKey(kKeyIncomplete, 1)};
  EXPECT_EQ(SummarizeKeys(specs).first, 1);
  EXPECT_TRUE(SummarizeKeys(specs).movable);
}

TEST(SummarizeKeys, NoSpecsAreNoKeysAndAllIsTold) {
  const KeySummary summary = SummarizeKeys({});
  EXPECT_EQ(summary.first, 0);
  EXPECT_EQ(summary.step, 0);
  EXPECT_TRUE(summary.complete);
}

}  // namespace
}  // namespace damselfly
