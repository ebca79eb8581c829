#include "sim/cluster/interval_register.h"

#include <set>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

std::set<int64_t> Possible(const IntervalRegister& history, int64_t begin_ns, int64_t end_ns) {
  std::set<int64_t> values;
  history.ForEachPossible(begin_ns, end_ns, [&](int64_t value) {
    values.insert(value);
    EXPECT_TRUE(history.MayHold(value, begin_ns, end_ns));
  });
  return values;
}

TEST(IntervalRegister, HoldsTheLastCertainWrite) {
  IntervalRegister history;
  history.Add(INT64_MIN, INT64_MIN, true, 0);
  history.Add(10, 20, true, 1);
  history.Add(30, 40, true, 2);
  EXPECT_EQ(Possible(history, 5, 6), (std::set<int64_t>{0}));
  EXPECT_EQ(Possible(history, 25, 26), (std::set<int64_t>{1}));
  EXPECT_EQ(Possible(history, 50, 60), (std::set<int64_t>{2}));
  EXPECT_FALSE(history.MayHold(1, 50, 60));
}

TEST(IntervalRegister, DuringAWriteOldAndNewArePossible) {
  IntervalRegister history;
  history.Add(INT64_MIN, INT64_MIN, true, 0);
  history.Add(10, 20, true, 1);
  EXPECT_EQ(Possible(history, 15, 15), (std::set<int64_t>{0, 1}));
  EXPECT_EQ(Possible(history, 20, 20), (std::set<int64_t>{0, 1}));
  EXPECT_EQ(Possible(history, 21, 21), (std::set<int64_t>{1}));
}

TEST(IntervalRegister, OverlappingWritesEndInEitherOrder) {
  IntervalRegister history;
  history.Add(10, 30, true, 1);
  history.Add(20, 40, true, 2);
  EXPECT_EQ(Possible(history, 50, 50), (std::set<int64_t>{1, 2}));
}

TEST(IntervalRegister, ADoubtfulWriteStaysPossibleAndRulesNothingOut) {
  IntervalRegister history;
  history.Add(10, 20, true, 1);
  history.Add(30, INT64_MAX, false, 2);
  EXPECT_EQ(Possible(history, 100, 100), (std::set<int64_t>{1, 2}));
  history.Add(200, 210, true, 3);
  EXPECT_EQ(Possible(history, 300, 300), (std::set<int64_t>{2, 3}));
}

TEST(IntervalRegister, ADoubtfulWriteOfAKnownEndIsOverwritten) {
  IntervalRegister history;
  history.Add(10, 20, false, 1);
  history.Add(30, 40, true, 2);
  EXPECT_EQ(Possible(history, 50, 50), (std::set<int64_t>{2}));
}

TEST(IntervalRegister, AValueMayComeBack) {
  IntervalRegister history;
  history.Add(10, 20, true, 1);
  history.Add(30, 40, true, 2);
  history.Add(50, 60, true, 1);
  EXPECT_EQ(Possible(history, 70, 70), (std::set<int64_t>{1}));
}

TEST(IntervalRegister, AChangeIsPossibleWhereAWriteMayHaveTakenEffect) {
  IntervalRegister value;
  value.Add(10, 20, true, 1);
  value.Add(40, INT64_MAX, false, 2);
  EXPECT_TRUE(value.MayChange(20, 30));
  EXPECT_FALSE(value.MayChange(21, 39));
  EXPECT_TRUE(value.MayChange(15, 16));
  EXPECT_TRUE(value.MayChange(30, 40));
  EXPECT_TRUE(value.MayChange(1000, 1001));
}

}  // namespace
}  // namespace damselfly::sim
