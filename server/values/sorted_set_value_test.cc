#include "server/values/sorted_set_value.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Outcome = SortedSetValue::Outcome;

std::string Show(const SortedSetValue& value, const RankRange& range, bool reverse = false) {
  std::vector<std::string> parts;
  const auto visit = [&](absl::string_view member, double score) {
    parts.push_back(absl::StrCat(member, "=", score));
    return true;
  };
  reverse ? value.VisitReverse(range, visit) : value.Visit(range, visit);
  return absl::StrJoin(parts, " ");
}
std::string Show(const SortedSetValue& value) { return Show(value, {0, value.size()}); }

std::string RdbOf(const SortedSetValue& value) {
  std::string bytes;
  value.AppendRdb(&bytes);
  return bytes;
}

bool Load(SortedSetValue* value, absl::string_view bytes, const ValueContext& context) {
  RdbReader reader(bytes.substr(1));
  return value->LoadRdb(static_cast<uint8_t>(bytes[0]), &reader, context) &&
         reader.remaining() == 0;
}

// Each test runs on packed sets and on tables.
class SortedSetValueTest : public ::testing::TestWithParam<bool> {
 protected:
  SortedSetValueTest() {
    context_.hash_seed = 99;
    if (is_table()) context_.zset_max_listpack_entries = 0;
  }
  bool is_table() const { return GetParam(); }

  Outcome Set(absl::string_view member, double score) {
    return value_.Set(member, score, context_);
  }

  ValueContext context_;
  SortedSetValue value_;
};

INSTANTIATE_TEST_SUITE_P(PackedOrTable, SortedSetValueTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Table" : "Packed"; });

TEST_P(SortedSetValueTest, IsEmptyAtFirst) {
  EXPECT_EQ(value_.size(), 0u);
  EXPECT_EQ(value_.memory_bytes(), 0u);
  double score;
  EXPECT_FALSE(value_.Find("a", &score));
  EXPECT_FALSE(value_.Erase("a"));
  EXPECT_EQ(Show(value_), "");
  EXPECT_TRUE(value_.RangeByScore({-kInfinity, kInfinity}).empty());
}

TEST_P(SortedSetValueTest, KeepsMembersInOrder) {
  EXPECT_EQ(Set("b", 2), Outcome::kAdded);
  EXPECT_EQ(Set("a", 2), Outcome::kAdded);
  EXPECT_EQ(Set("12", 1.5), Outcome::kAdded);
  EXPECT_EQ(Set("z", -kInfinity), Outcome::kAdded);
  EXPECT_EQ(Set("", 1e300), Outcome::kAdded);
  EXPECT_EQ(Show(value_), "z=-inf 12=1.5 a=2 b=2 =1e+300");
  EXPECT_EQ(Show(value_, {1, 3}), "12=1.5 a=2");
  EXPECT_EQ(Show(value_, {1, 3}, /*reverse=*/true), "a=2 12=1.5");
  EXPECT_EQ(value_.encoding(), is_table() ? "skiplist" : "listpack");
}

TEST_P(SortedSetValueTest, MembersAreFoundWithScoreAndRank) {
  Set("b", 2);
  Set("a", 0.1);
  Set("7", 3);
  double score;
  ASSERT_TRUE(value_.Find("a", &score));
  EXPECT_EQ(score, 0.1);
  ASSERT_TRUE(value_.Find("7", &score));
  EXPECT_EQ(score, 3);
  EXPECT_FALSE(value_.Find("3", &score));  // a score, not a member
  size_t rank;
  ASSERT_TRUE(value_.FindRank("7", &rank));
  EXPECT_EQ(rank, 2u);
  EXPECT_FALSE(value_.FindRank("c", &rank));
}

TEST_P(SortedSetValueTest, AScoreThatChangesMovesTheMember) {
  for (int i = 0; i < 10; ++i) Set(absl::StrCat("m", i), i);
  EXPECT_EQ(Set("m3", 100), Outcome::kChanged);
  EXPECT_EQ(Set("m3", 100), Outcome::kUnchanged);
  EXPECT_EQ(Set("m9", -1), Outcome::kChanged);
  EXPECT_EQ(Set("m5", 5.5), Outcome::kChanged);
  EXPECT_EQ(Show(value_), "m9=-1 m0=0 m1=1 m2=2 m4=4 m5=5.5 m6=6 m7=7 m8=8 m3=100");
}

TEST_P(SortedSetValueTest, AnUpdateSeesThePresentScoreAndMayRefuse) {
  Set("a", 5);
  const auto add_one = [](const double* present, double* score) {
    *score = present == nullptr ? 1 : *present + 1;
    return true;
  };
  EXPECT_EQ(value_.Update("a", add_one, context_), Outcome::kChanged);
  EXPECT_EQ(value_.Update("b", add_one, context_), Outcome::kAdded);
  const auto refuse = [](const double*, double*) { return false; };
  EXPECT_EQ(value_.Update("c", refuse, context_), Outcome::kUnchanged);
  EXPECT_EQ(Show(value_), "b=1 a=6");
}

TEST_P(SortedSetValueTest, RangesOfScores) {
  for (int i = 0; i < 6; ++i) Set(absl::StrCat("m", i), i / 2);
  const auto show = [&](double min, double max, bool min_out = false, bool max_out = false) {
    return Show(value_, value_.RangeByScore({min, max, min_out, max_out}));
  };
  EXPECT_EQ(show(1, 1), "m2=1 m3=1");
  EXPECT_EQ(show(-kInfinity, 0.5), "m0=0 m1=0");
  EXPECT_EQ(show(0, 2, true, true), "m2=1 m3=1");
  EXPECT_EQ(show(1, kInfinity), "m2=1 m3=1 m4=2 m5=2");
  EXPECT_EQ(show(1, 1, true), "");
  EXPECT_EQ(show(2, 1), "");
  EXPECT_EQ(show(7, 9), "");
}

TEST_P(SortedSetValueTest, RangesOfMembers) {
  for (const char* member : {"a", "b", "bb", "c", "10", "9"}) Set(member, 0);
  const auto show = [&](LexBound min, LexBound max) {
    return Show(value_, value_.RangeByLex({min, max}));
  };
  using enum LexBound::Kind;
  EXPECT_EQ(show({kLowest}, {kHighest}), "10=0 9=0 a=0 b=0 bb=0 c=0");
  EXPECT_EQ(show({kInclusive, "b"}, {kInclusive, "c"}), "b=0 bb=0 c=0");
  EXPECT_EQ(show({kExclusive, "b"}, {kExclusive, "c"}), "bb=0");
  EXPECT_EQ(show({kInclusive, "10"}, {kExclusive, "a"}), "10=0 9=0");
  EXPECT_EQ(show({kHighest}, {kLowest}), "");
  EXPECT_EQ(show({kInclusive, "c"}, {kInclusive, "a"}), "");
  EXPECT_EQ(show({kLowest}, {kLowest}), "");
}

TEST_P(SortedSetValueTest, AVisitEndsWhenTheVisitorHasEnough) {
  for (int i = 0; i < 10; ++i) Set(absl::StrCat("m", i), i);
  int seen = 0;
  value_.VisitAll([&](absl::string_view, double) { return ++seen < 3; });
  EXPECT_EQ(seen, 3);
  value_.VisitReverse({0, 10}, [&](absl::string_view, double) { return ++seen < 5; });
  EXPECT_EQ(seen, 5);
}

TEST_P(SortedSetValueTest, ErasesMembersAndRanks) {
  for (int i = 0; i < 10; ++i) Set(absl::StrCat(i), i);
  EXPECT_TRUE(value_.Erase("4"));
  EXPECT_FALSE(value_.Erase("4"));
  value_.EraseRanks({0, 2});
  value_.EraseRanks({6, 7});
  value_.EraseRanks({2, 2});
  EXPECT_EQ(Show(value_), "2=2 3=3 5=5 6=6 7=7 8=8");
  value_.EraseRanks({0, 6});
  EXPECT_EQ(value_.size(), 0u);
  Set("a", 1);
  EXPECT_EQ(Show(value_), "a=1");
}

TEST_P(SortedSetValueTest, AMoveTakesTheValueAndACloneIsApart) {
  for (int i = 0; i < 5; ++i) Set(absl::StrCat("m", i), i);
  SortedSetValue clone = value_.Clone();
  value_.Erase("m0");
  EXPECT_EQ(clone.size(), 5u);
  EXPECT_EQ(Show(clone, {0, 2}), "m0=0 m1=1");
  SortedSetValue moved = std::move(value_);
  EXPECT_EQ(moved.size(), 4u);
  EXPECT_EQ(value_.size(), 0u);
  moved = std::move(clone);
  EXPECT_EQ(moved.size(), 5u);
  EXPECT_EQ(moved.encoding(), is_table() ? "skiplist" : "listpack");
}

TEST_P(SortedSetValueTest, SortedMembersMakeASet) {
  const std::vector<ScoredMember> members = {{"x", -1}, {"a", 0.5}, {"b", 0.5}};
  const SortedSetValue value = SortedSetValue::FromSorted(members, context_);
  EXPECT_EQ(Show(value), "x=-1 a=0.5 b=0.5");
  EXPECT_EQ(value.encoding(), is_table() ? "skiplist" : "listpack");
}

TEST_P(SortedSetValueTest, BytesLoadedAreTheValueSaved) {
  for (int i = 0; i < 60; ++i) Set(absl::StrCat("member:", i), (i * 7 % 10) / 4.0);
  const std::string bytes = RdbOf(value_);
  SortedSetValue loaded;
  ASSERT_TRUE(Load(&loaded, bytes, context_));
  EXPECT_EQ(Show(loaded), Show(value_));
  EXPECT_EQ(RdbOf(loaded), bytes);
}

TEST_P(SortedSetValueTest, CutBytesAreRefused) {
  for (int i = 0; i < 8; ++i) Set(absl::StrCat("m", i), i + 0.25);
  const std::string bytes = RdbOf(value_);
  for (size_t size = 1; size < bytes.size(); ++size) {
    SortedSetValue loaded;
    EXPECT_FALSE(Load(&loaded, bytes.substr(0, size), context_)) << size;
    EXPECT_EQ(loaded.size(), 0u);
  }
}

TEST_P(SortedSetValueTest, AlteredBytesLoadAsSomeSetOrAreRefused) {
  for (int i = 0; i < 8; ++i) Set(absl::StrCat("m", i), i % 3 * 0.5);
  const std::string bytes = RdbOf(value_);
  Random random(5);
  for (int round = 0; round < 4000; ++round) {
    std::string altered = bytes;
    for (uint64_t i = 0; i <= random.Below(3); ++i)
      altered[1 + random.Below(altered.size() - 1)] = static_cast<char>(random.Below(256));
    SortedSetValue loaded;
    if (!Load(&loaded, altered, context_)) continue;
    size_t count = 0;
    double last = -kInfinity;
    loaded.VisitAll([&](absl::string_view member, double score) {
      double found;
      EXPECT_TRUE(loaded.Find(member, &found));
      EXPECT_EQ(found, score);
      EXPECT_GE(score, last);
      last = score;
      ++count;
      return true;
    });
    EXPECT_EQ(count, loaded.size());
  }
}

TEST_P(SortedSetValueTest, StepsAreDoneAsRecorded) {
  OperationWriter steps;
  const auto code = [&](SortedSetStep step) -> OperationWriter& {
    return steps.Code(static_cast<uint8_t>(step));
  };
  for (const char* member : {"a", "b", "c", "d"}) code(SortedSetStep::kSet).Bytes(member).Double(1);
  code(SortedSetStep::kSet).Bytes("a").Double(9.5);
  code(SortedSetStep::kErase).Bytes("c");
  code(SortedSetStep::kEraseRanks).Number(0).Number(1);
  OperationReader reader(steps.bytes());
  while (!reader.done()) ASSERT_TRUE(value_.ApplyOperation(&reader, context_));
  EXPECT_EQ(Show(value_), "d=1 a=9.5");
}

TEST_P(SortedSetValueTest, StepsThatCannotBeDoneAreRefused) {
  Set("a", 1);
  const auto refused = [&](const OperationWriter& steps) {
    OperationReader reader(steps.bytes());
    return !value_.ApplyOperation(&reader, context_);
  };
  EXPECT_TRUE(refused(OperationWriter().Code(9)));
  EXPECT_TRUE(refused(OperationWriter().Code(0).Bytes("b")));
  EXPECT_TRUE(refused(OperationWriter().Code(0).Bytes("b").Double(std::nan(""))));
  EXPECT_TRUE(refused(OperationWriter().Code(1).Bytes("b")));
  EXPECT_TRUE(refused(OperationWriter().Code(2).Number(0).Number(2)));
  EXPECT_TRUE(refused(OperationWriter().Code(2).Number(2).Number(0)));
  EXPECT_EQ(Show(value_), "a=1");
}

TEST_P(SortedSetValueTest, IsFreedInSteps) {
  for (int i = 0; i < 100; ++i) Set(absl::StrCat("m", i), i);
  int steps = 1;
  while (!value_.FreeSome(10)) ++steps;
  EXPECT_GE(steps, is_table() ? 5 : 1);
  EXPECT_EQ(value_.memory_bytes(), 0u);
}

TEST_P(SortedSetValueTest, AHalfFreedSetMayBeDropped) {
  for (int i = 0; i < 100; ++i) Set(absl::StrCat("m", i), i);
  value_.FreeSome(5);
}

TEST(SortedSetFormsTest, TooManyMembersMakeItATable) {
  ValueContext context;
  SortedSetValue value;
  for (int i = 0; i < 128; ++i) value.Set(absl::StrCat("m", i), -i, context);
  EXPECT_EQ(value.encoding(), "listpack");
  const std::string before = Show(value);
  value.Set("one more", 1, context);
  EXPECT_EQ(value.encoding(), "skiplist");
  EXPECT_EQ(Show(value), before + " one more=1");
}

TEST(SortedSetFormsTest, ASetThatWillBeBigIsATableAtOnce) {
  ValueContext context;
  EXPECT_EQ(SortedSetValue::ForMembers(128, context).encoding(), "listpack");
  SortedSetValue value = SortedSetValue::ForMembers(129, context);
  EXPECT_EQ(value.encoding(), "skiplist");
  EXPECT_EQ(value.size(), 0u);
  value.Set("a", -0.0, context);
  EXPECT_EQ(Show(value), "a=-0");
}

TEST(SortedSetFormsTest, ALongMemberMakesItATable) {
  ValueContext context;
  SortedSetValue value;
  value.Set(std::string(64, 'x'), 1, context);
  EXPECT_EQ(value.encoding(), "listpack");
  value.Set(std::string(65, 'x'), 1, context);
  EXPECT_EQ(value.encoding(), "skiplist");
  value.Erase(std::string(65, 'x'));
  EXPECT_EQ(value.encoding(), "skiplist");
}

// The bytes are redis-server 7.0's, from DUMP.
TEST(SortedSetFormsTest, RdbBytesAreThoseOfRedis) {
  ValueContext context;
  const auto make = [&](bool with_integers) {
    SortedSetValue value;
    value.Set("a", 1, context);
    value.Set("b", 2.5, context);
    value.Set("z", -kInfinity, context);
    if (with_integers) {
      value.Set("d", 1e17, context);
      value.Set("12", -0.0, context);
    }
    return value;
  };
  constexpr char kPacked[] =
      "\x11\x2e\x2e\x00\x00\x00\x0a\x00\x81\x7a\x02\x84\x2d\x69\x6e\x66\x05\x0c\x01\x00\x01\x81\x61"
      "\x02\x01\x01\x81\x62\x02\x83\x32\x2e\x35\x04\x81\x64\x02\xf4\x00\x00\x8a\x5d\x78\x45\x63\x01"
      "\x09\xff";
  EXPECT_EQ(RdbOf(make(true)), std::string(kPacked, sizeof(kPacked) - 1));
  context.zset_max_listpack_entries = 0;
  constexpr char kTable[] =
      "\x05\x03\x01\x62\x00\x00\x00\x00\x00\x00\x04\x40\x01\x61\x00\x00\x00\x00\x00\x00\xf0\x3f\x01"
      "\x7a\x00\x00\x00\x00\x00\x00\xf0\xff";
  EXPECT_EQ(RdbOf(make(false)), std::string(kTable, sizeof(kTable) - 1));
}

TEST(SortedSetFormsTest, LoadedInTheFormThatTheLimitsAskFor) {
  ValueContext small, none;
  none.zset_max_listpack_entries = 0;
  SortedSetValue packed, table;
  for (int i = 0; i < 10; ++i) {
    packed.Set(absl::StrCat("m", i), i, small);
    table.Set(absl::StrCat("m", i), i, none);
  }
  SortedSetValue loaded;
  ASSERT_TRUE(Load(&loaded, RdbOf(packed), none));
  EXPECT_EQ(loaded.encoding(), "skiplist");
  EXPECT_EQ(Show(loaded), Show(packed));
  loaded = SortedSetValue();
  ASSERT_TRUE(Load(&loaded, RdbOf(table), small));
  EXPECT_EQ(loaded.encoding(), "listpack");
  EXPECT_EQ(RdbOf(loaded), RdbOf(packed));
}

TEST(SortedSetFormsTest, ScoresAsTextAreRead) {
  ValueContext context;
  SortedSetValue value;
  const std::string bytes(
      "\x03\x03\x01"
      "a\x03"
      "1.5\x01"
      "b\xfe\x01"
      "c\xff",
      14);
  ASSERT_TRUE(Load(&value, bytes, context));
  EXPECT_EQ(Show(value), "c=-inf a=1.5 b=inf");
}

// As Redis before 7.0 kept small sorted sets.
TEST(SortedSetFormsTest, ZiplistsAreRead) {
  constexpr char kZiplist[] =
      "\x0c\x18\x18\x00\x00\x00\x12\x00\x00\x00\x04\x00\x00\x01"
      "a\x03\xf2\x02\x01"
      "b\x03\x03"
      "2.5\xff";
  ValueContext context;
  SortedSetValue value;
  ASSERT_TRUE(Load(&value, std::string(kZiplist, sizeof(kZiplist) - 1), context));
  EXPECT_EQ(Show(value), "a=1 b=2.5");
}

TEST(SortedSetFormsTest, MembersThatAreThereTwiceAndNanAreRefused) {
  ValueContext context;
  SortedSetValue value;
  std::string bytes(
      "\x05\x02\x01"
      "a",
      4);
  bytes += std::string(8, '\0') +
           std::string(
               "\x01"
               "a") +
           std::string(8, '\0');
  EXPECT_FALSE(Load(&value, bytes, context));
  context.zset_max_listpack_entries = 0;
  EXPECT_FALSE(Load(&value, bytes, context));
  EXPECT_EQ(value.size(), 0u);
  const std::string nan(
      "\x05\x01\x01"
      "a\x00\x00\x00\x00\x00\x00\xf8\x7f",
      12);
  EXPECT_FALSE(Load(&value, nan, context));
}

TEST(SortedSetFormsTest, APackOutOfOrderIsBroughtIntoOrder) {
  ValueContext context;
  SortedSetValue value;
  Pack pack;
  for (const char* text : {"b", "2", "a", "1.5", "c", "0"}) pack.Append(absl::string_view(text));
  std::string bytes(1, '\x11');
  bytes.push_back(static_cast<char>(pack.total_bytes()));
  bytes += pack.ToListpack();
  ASSERT_TRUE(Load(&value, bytes, context));
  EXPECT_EQ(Show(value), "c=0 a=1.5 b=2");
}

TEST(SortedSetFormsTest, BigSetsTakeLittleMemoryBesideTheirMembers) {
  ValueContext context;
  SortedSetValue value;
  Random random(3);
  constexpr size_t kCount = 50000;
  for (size_t i = 0; i < kCount; ++i)
    value.Set(absl::StrCat("member", i + 1000000), static_cast<double>(random.Below(1u << 30)),
              context);
  // A byte of size, 13 of the member, 8 of the score; then table and tree.
  const double bytes_each = static_cast<double>(value.memory_bytes()) / kCount;
  EXPECT_LT(bytes_each, 22 + 36);
}

TEST(SortedSetFormsTest, AnyStepsGiveWhatAMapWould) {
  Random random(11);
  for (const int64_t limit : {int64_t{0}, int64_t{20}, int64_t{1000}}) {
    ValueContext context;
    context.zset_max_listpack_entries = limit;
    SortedSetValue value;
    std::map<std::string, double> model;
    for (int i = 0; i < 6000; ++i) {
      const std::string member = absl::StrCat(random.Below(150));
      const uint64_t kind = random.Below(10);
      if (kind < 6) {
        const double score = static_cast<double>(random.Below(40)) / 4;
        value.Set(member, score, context);
        model[member] = score;
      } else if (kind < 9) {
        EXPECT_EQ(value.Erase(member), model.erase(member) > 0);
      } else if (!model.empty()) {
        const size_t first = random.Below(model.size());
        const size_t last = std::min(model.size(), first + random.Below(4));
        std::vector<std::string> gone;
        value.Visit({first, last}, [&](absl::string_view erased, double) {
          gone.emplace_back(erased);
          return true;
        });
        value.EraseRanks({first, last});
        for (const std::string& erased : gone) model.erase(erased);
      }
      ASSERT_EQ(value.size(), model.size());
      if (i % 200 != 0) continue;
      std::vector<std::pair<double, std::string>> sorted;
      for (const auto& [name, score] : model) sorted.emplace_back(score, name);
      std::sort(sorted.begin(), sorted.end());
      std::vector<std::string> parts;
      for (const auto& [score, name] : sorted) parts.push_back(absl::StrCat(name, "=", score));
      ASSERT_EQ(Show(value), absl::StrJoin(parts, " "));
      std::reverse(parts.begin(), parts.end());
      ASSERT_EQ(Show(value, {0, value.size()}, true), absl::StrJoin(parts, " "));
    }
  }
}

}  // namespace
}  // namespace damselfly
