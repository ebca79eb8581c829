#include "sim/shrink/decision_edits.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

const DecisionList& Example() {
  static const DecisionList list = {
      {{"client", 1, 1}, {{0, 11}, {1, 12}}}, {{"client", 1, 2}, {{0, 21}, {3, 22}}},
      {{"client", 1, 3}, {{1, 31}}},          {{"client", 1, 7}, {{0, 71}}},
      {{"client", 2, 1}, {{0, 1}}},           {{"plan", 0, 0}, {{5, 9}}},
  };
  return list;
}

TEST(DecisionEdits, StreamsUnitsAndPurposesAreToldApart) {
  EXPECT_EQ(StreamsOf(Example()),
            (std::vector<StreamName>{{"client", 1}, {"client", 2}, {"plan", 0}}));
  EXPECT_EQ(UnitsOf(Example(), {"client", 1}), (std::vector<uint64_t>{1, 2, 3, 7}));
  EXPECT_EQ(PurposesOf(Example()), (std::vector<std::string>{"client", "plan"}));
  EXPECT_EQ(StreamsOf(WithoutPurposes(Example(), {"client"})),
            (std::vector<StreamName>{{"plan", 0}}));
  EXPECT_EQ(StreamsOf(WithoutStreams(Example(), {{"client", 1}, {"plan", 0}})),
            (std::vector<StreamName>{{"client", 2}}));
}

TEST(DecisionEdits, UnitsThatAreLeftOutLeaveTheOthersWhereTheyAre) {
  const DecisionList rest = WithoutUnits(Example(), {"client", 1}, 2, 3, UnitEdit::kLeaveOut);
  EXPECT_EQ(UnitsOf(rest, {"client", 1}), (std::vector<uint64_t>{1, 7}));
  EXPECT_EQ(DecisionCount(rest), DecisionCount(Example()) - 3);
}

TEST(DecisionEdits, UnitsCloseUpOverWhatIsTakenAway) {
  const DecisionList rest = WithoutUnits(Example(), {"client", 1}, 1, 2, UnitEdit::kCloseUp);
  EXPECT_EQ(UnitsOf(rest, {"client", 1}), (std::vector<uint64_t>{1, 5}));
  EXPECT_EQ(rest.at({"client", 1, 1}), Example().at({"client", 1, 3}));
  EXPECT_EQ(UnitsOf(rest, {"client", 2}), (std::vector<uint64_t>{1}));
}

TEST(DecisionEdits, OfAUnitItsFirstDecisionMayBeKept) {
  const DecisionList rest = WithoutUnits(Example(), {"client", 1}, 1, 3, UnitEdit::kKeepFirst);
  EXPECT_EQ(rest.at({"client", 1, 1}), (std::vector<Decision>{{0, 11}}));
  EXPECT_EQ(UnitsOf(rest, {"client", 1}), (std::vector<uint64_t>{1, 2, 7}));
}

TEST(DecisionEdits, SingleDecisionsGoByTheirNumber) {
  const DecisionList rest = WithoutDecisions(Example(), 1, 5);
  EXPECT_EQ(DecisionCount(rest), DecisionCount(Example()) - 4);
  EXPECT_EQ(rest.at({"client", 1, 1}), (std::vector<Decision>{{0, 11}}));
  EXPECT_EQ(UnitsOf(rest, {"client", 1}), (std::vector<uint64_t>{1, 7}));
}

TEST(DecisionEdits, ChunksAreTakenUntilOnlyWhatIsNeededIsLeft) {
  std::vector<int> things;
  for (int i = 0; i < 1000; ++i) things.push_back(i);
  int tries = 0;
  TakeChunks(
      1, [&things] { return things.size(); },
      [&](size_t begin, size_t end) {
        ++tries;
        std::vector<int> rest = things;
        rest.erase(rest.begin() + static_cast<ptrdiff_t>(begin),
                   rest.begin() + static_cast<ptrdiff_t>(end));
        for (int needed : {3, 500, 501}) {
          if (std::find(rest.begin(), rest.end(), needed) == rest.end()) return false;
        }
        things = rest;
        return true;
      });
  EXPECT_EQ(things, (std::vector<int>{3, 500, 501}));
  EXPECT_LT(tries, 150);
}

TEST(DecisionEdits, ChunksDoNotGetSmallerThanWanted) {
  size_t smallest = 1000;
  TakeChunks(
      10, [] { return size_t{100}; },
      [&smallest](size_t begin, size_t end) {
        if (end < 100) smallest = std::min(smallest, end - begin);
        return false;
      });
  EXPECT_GE(smallest, 10u);
}

}  // namespace
}  // namespace damselfly::sim
