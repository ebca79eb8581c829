#include "sim/world/decision_list.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

std::vector<uint64_t> Draw(Decider* decider) {
  DecisionStream first(decider, "first");
  DecisionStream second(decider, "second", 7);
  std::vector<uint64_t> values;
  for (uint64_t i = 0; i < 50; ++i) {
    values.push_back(first.Below(3));
    if (i % 10 == 0) second.BeginUnit(i + 1);
    values.push_back(second.Below(1000));
  }
  return values;
}

TEST(DecisionList, WhatWasRecordedIsReplayed) {
  DecisionList list;
  RecordingDecider recording(std::make_unique<SeededDecider>(3), &list);
  const std::vector<uint64_t> values = Draw(&recording);
  SeededDecider seeded(3);
  EXPECT_EQ(values, Draw(&seeded));
  ReplayDecider replay(&list);
  EXPECT_EQ(values, Draw(&replay));
}

TEST(DecisionList, OnlyDecisionsThatAreNotZeroAreKept) {
  DecisionList list;
  RecordingDecider recording(std::make_unique<SeededDecider>(3), &list);
  uint64_t count = 0;
  for (uint64_t value : Draw(&recording)) count += value != 0;
  EXPECT_EQ(DecisionCount(list), count);
  for (const auto& [unit, decisions] : list) {
    EXPECT_FALSE(decisions.empty());
    for (const Decision& decision : decisions) EXPECT_NE(decision.value, 0u);
  }
}

TEST(DecisionList, WhatAListDoesNotNameIsQuiet) {
  const DecisionList list = {{{"second", 7, 11}, {{2, 5}, {4, 6}}}};
  ReplayDecider replay(&list);
  DecisionStream first(&replay, "first");
  DecisionStream second(&replay, "second", 7);
  EXPECT_EQ(first.Below(10), 0u);
  EXPECT_EQ(second.Below(10), 0u);
  second.BeginUnit(11);
  std::vector<uint64_t> values;
  for (int i = 0; i < 7; ++i) values.push_back(second.Below(10));
  EXPECT_EQ(values, (std::vector<uint64_t>{0, 0, 5, 0, 6, 0, 0}));
  second.BeginUnit(12);
  EXPECT_EQ(second.Below(10), 0u);
}

TEST(DecisionList, AValueThatThereIsNoRoomForIsTheLargestThatThereIs) {
  const DecisionList list = {{{"a", 0, 0}, {{0, 5}, {1, 5}}}};
  ReplayDecider replay(&list);
  DecisionStream stream(&replay, "a");
  EXPECT_EQ(stream.Below(3), 2u);
  EXPECT_EQ(stream.Below(1), 0u);
}

TEST(DecisionList, AUnitDoesNotDependOnWhatWasDrawnBeforeIt) {
  SeededDecider one(3);
  SeededDecider other(3);
  DecisionStream a(&one, "requests");
  DecisionStream b(&other, "requests");
  for (int i = 0; i < 5; ++i) b.Below(10);
  a.BeginUnit(4);
  b.BeginUnit(4);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(a.Below(1000), b.Below(1000));
  // And units differ.
  a.BeginUnit(5);
  b.BeginUnit(6);
  EXPECT_NE(a.Below(1u << 30), b.Below(1u << 30));
}

}  // namespace
}  // namespace damselfly::sim
