#include "sim/oracles/queue_oracle.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

using Values = std::vector<std::string>;

class QueueOracleTest : public testing::Test {
 protected:
  void Push(const std::string& key, const Values& values, int64_t begin_ns, int64_t end_ns,
            bool certain = true) {
    std::vector<QueueOracle::Element> elements;
    for (const std::string& value : values) elements.push_back({value, 0});
    oracle_.OnPush(key, elements, {begin_ns, end_ns}, certain);
  }
  // Of who does not wait.
  QueueOracle::Pop Pop(Values keys, int64_t begin_ns, int64_t end_ns, size_t count_max = 1) {
    return {std::move(keys), count_max, "", 0, 0, {begin_ns, end_ns}};
  }
  QueueOracle::Pop Wait(uint64_t client, Values keys, int64_t begin_ns, int64_t end_ns,
                        int64_t timeout_ns = 1000, size_t count_max = 1) {
    return {std::move(keys), count_max, "", client, timeout_ns, {begin_ns, end_ns}};
  }
  bool Passes() {
    oracle_.Check("n", &board_);
    return !board_.violated();
  }

  OracleBoard board_;
  QueueOracle oracle_;
};

TEST_F(QueueOracleTest, ElementsInTheirOrderPass) {
  Push("a", {"1", "2"}, 10, 11);
  Push("a", {"3"}, 20, 21);
  oracle_.OnPopped(Pop({"a"}, 30, 31), "a", {"1"});
  oracle_.OnPopped(Pop({"a"}, 32, 33, 5), "a", {"2", "3"});
  oracle_.OnNothing(Pop({"a"}, 40, 41));
  oracle_.OnRemaining("a", {});
  EXPECT_TRUE(Passes()) << board_.first_message();
  EXPECT_GT(board_.checks(Oracle::kBlockingPops), 3u);
}

TEST_F(QueueOracleTest, WhoWaitsIsServedByThePush) {
  oracle_.OnPopped(Wait(1, {"a", "b"}, 5, 14), "b", {"1"});
  oracle_.OnPopped(Wait(2, {"b"}, 6, 13), "b", {"2"});
  oracle_.OnNothing(Wait(3, {"b"}, 7, 1008));
  Push("b", {"1", "2"}, 10, 12);
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, AnElementIsGivenOutOnce) {
  Push("a", {"1"}, 10, 11);
  oracle_.OnPopped(Pop({"a"}, 20, 21), "a", {"1"});
  oracle_.OnPopped(Wait(1, {"a"}, 30, 31), "a", {"1"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhatWasGivenOutDoesNotStay) {
  Push("a", {"1"}, 10, 11);
  oracle_.OnPopped(Pop({"a"}, 20, 21), "a", {"1"});
  oracle_.OnRemaining("a", {"1"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhatNobodyPushedComesFromNowhere) {
  oracle_.OnPopped(Pop({"a"}, 20, 21), "a", {"1"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, NothingIsPoppedBeforeItIsPushed) {
  oracle_.OnPopped(Pop({"a"}, 5, 6), "a", {"1"});
  Push("a", {"1"}, 10, 11);
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhatIsBehindComesLater) {
  Push("a", {"1"}, 10, 11);
  Push("a", {"2"}, 20, 21);
  oracle_.OnPopped(Pop({"a"}, 30, 31), "a", {"2"});
  oracle_.OnPopped(Pop({"a"}, 32, 33), "a", {"1"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhatMayHaveBeenPushedInAnyOrderComesInAny) {
  Push("a", {"1"}, 10, 25);
  Push("a", {"2"}, 20, 21);
  oracle_.OnPopped(Pop({"a"}, 30, 31), "a", {"2"});
  oracle_.OnPopped(Pop({"a"}, 32, 33), "a", {"1"});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, TheLastInComesFirstWhereThatIsTheOrder) {
  oracle_.SetOrder("a", QueueOracle::Order::kLastIn);
  Push("a", {"1", "2"}, 10, 11);
  Push("a", {"3"}, 20, 21);
  oracle_.OnPopped(Pop({"a"}, 30, 31, 2), "a", {"3", "2"});
  oracle_.OnRemaining("a", {"1"});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, TheLowestScoreComesFirstWhereThatIsTheOrder) {
  oracle_.SetOrder("z", QueueOracle::Order::kLowestScore);
  oracle_.OnPush("z", {{"1", 7}, {"2", 5}}, {10, 11}, true);
  oracle_.OnPopped(Pop({"z"}, 30, 31), "z", {"1"});
  oracle_.OnRemaining("z", {"2"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, APopTakesAsManyAsThereAre) {
  Push("a", {"1", "2", "3"}, 10, 11);
  oracle_.OnPopped(Pop({"a"}, 30, 31, 3), "a", {"1", "2"});
  oracle_.OnRemaining("a", {"3"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, TheFirstKeyThatHasAnythingIsTaken) {
  Push("a", {"1"}, 10, 11);
  Push("b", {"2"}, 10, 11);
  oracle_.OnPopped(Wait(1, {"a", "b"}, 20, 21), "b", {"2"});
  oracle_.OnRemaining("a", {"1"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, NothingIsNoAnswerWhereSomethingIs) {
  Push("a", {"1"}, 10, 11);
  oracle_.OnNothing(Pop({"a"}, 20, 21));
  oracle_.OnRemaining("a", {"1"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, NobodyWaitsForWhatIsThere) {
  Push("b", {"1"}, 10, 11);
  oracle_.OnNothing(Wait(1, {"a", "b"}, 5, 1006));
  oracle_.OnRemaining("b", {"1"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, NobodyGoesOnWaitingForTheSecondOfAPush) {
  Push("a", {"1", "2"}, 10, 11);
  oracle_.OnPopped(Wait(1, {"a"}, 5, 12), "a", {"1"});
  oracle_.OnPopped(Wait(2, {"a"}, 6, 32), "a", {"3"});
  oracle_.OnRemaining("a", {"2"});
  Push("a", {"3"}, 30, 31);
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhoCameFirstIsServedFirst) {
  oracle_.OnPopped(Wait(1, {"a"}, 5, 32), "a", {"2"});
  oracle_.OnPopped(Wait(2, {"a"}, 6, 12), "a", {"1"});
  Push("a", {"1"}, 10, 11);
  Push("a", {"2"}, 30, 31);
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhoCameAtTheSameInstantIsServedInAnyOrder) {
  oracle_.OnPopped(Wait(1, {"a"}, 5, 32), "a", {"2"});
  oracle_.OnPopped(Wait(2, {"a"}, 5, 12), "a", {"1"});
  Push("a", {"1"}, 10, 11);
  Push("a", {"2"}, 30, 31);
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, OfOnePushTheFirstWhoCameGetsWhatIsAhead) {
  oracle_.OnPopped(Wait(1, {"a"}, 5, 12), "a", {"2"});
  oracle_.OnPopped(Wait(2, {"a"}, 6, 12), "a", {"1"});
  Push("a", {"1", "2"}, 10, 11);
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, TheTimeIsNotOverBeforeItIs) {
  oracle_.OnNothing(Wait(1, {"a"}, 5, 800));
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, SomebodyMayEndAWait) {
  oracle_.OnNothing(Wait(1, {"a"}, 5, 800));
  oracle_.OnSentAway(Wait(2, {"a"}, 5, 800));
  oracle_.OnUnblock(1, {790, 795}, false);
  oracle_.OnUnblock(2, {790, 795}, true);
  // Nobody waits any more.
  Push("a", {"1"}, 796, 797);
  oracle_.OnRemaining("a", {"1"});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, AWaitThatNobodyEndsIsNotEnded) {
  oracle_.OnSentAway(Wait(2, {"a"}, 5, 800));
  oracle_.OnUnblock(2, {790, 795}, false);
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, InCalmTimesAnswersComeSoon) {
  oracle_.BeginCalm(100, 50);
  oracle_.OnNothing(Wait(1, {"a"}, 99, 5000));
  EXPECT_TRUE(Passes()) << board_.first_message();
  oracle_ = QueueOracle();
  oracle_.BeginCalm(100, 50);
  oracle_.OnNothing(Wait(1, {"a"}, 100, 1151));
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhatHasComeIsDeliveredSoon) {
  oracle_.BeginCalm(0, 50);
  oracle_.OnPopped(Wait(1, {"a"}, 5, 100), "a", {"1"});
  Push("a", {"1"}, 10, 11);
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhatIsGoneWithoutATakerIsLost) {
  Push("a", {"1"}, 2000, 2001);
  oracle_.OnNothing(Wait(1, {"a"}, 5, 1006));
  oracle_.OnRemaining("a", {});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, ABrokenConnectionMayHaveTakenOneElement) {
  Push("a", {"1"}, 10, 11);
  oracle_.OnLost(Wait(1, {"a"}, 5, 20));
  oracle_.OnRemaining("a", {});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, ABrokenConnectionTakesNoMoreThanItAskedFor) {
  Push("a", {"1", "2"}, 10, 11);
  oracle_.OnLost(Wait(1, {"a"}, 5, 20));
  oracle_.OnRemaining("a", {});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, AConnectionThatIsGoneTakesNothing) {
  Push("a", {"1"}, 30, 31);
  oracle_.OnLost(Wait(1, {"a"}, 5, 20));
  oracle_.OnRemaining("a", {});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, WhoMayHaveTakenWhatIsFoundByTrying) {
  Push("a", {"1"}, 10, 11);
  Push("b", {"2"}, 10, 11);
  oracle_.OnLost(Wait(1, {"a", "b"}, 5, 20));
  oracle_.OnLost(Wait(2, {"a"}, 5, 20));
  oracle_.OnRemaining("a", {});
  oracle_.OnRemaining("b", {});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, APushWithoutAnAnswerMayHaveHappened) {
  Push("a", {"1"}, 10, 0, false);
  Push("a", {"2"}, 10, 0, false);
  oracle_.OnPopped(Pop({"a"}, 500, 501), "a", {"1"});
  oracle_.OnRemaining("a", {});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, WhatIsMovedIsPushedElsewhereAtOnce) {
  Push("a", {"1"}, 10, 11);
  QueueOracle::Pop move = Wait(1, {"a"}, 5, 14);
  move.destination = "d";
  oracle_.OnPopped(move, "a", {"1"});
  oracle_.OnPopped(Wait(2, {"d"}, 6, 15), "d", {"1"});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, WhoWaitsForWhatIsMovedIsServedToo) {
  Push("a", {"1"}, 10, 11);
  QueueOracle::Pop move = Wait(1, {"a"}, 5, 14);
  move.destination = "d";
  oracle_.OnPopped(move, "a", {"1"});
  oracle_.OnNothing(Wait(2, {"d"}, 6, 1010));
  oracle_.OnRemaining("d", {"1"});
  EXPECT_FALSE(Passes());
}

TEST_F(QueueOracleTest, AMoveWhoseConnectionBrokeMayHaveMoved) {
  Push("a", {"1"}, 10, 11);
  QueueOracle::Pop move = Wait(1, {"a"}, 5, 14);
  move.destination = "d";
  oracle_.OnLost(move);
  oracle_.OnPopped(Pop({"d"}, 30, 31), "d", {"1"});
  oracle_.OnRemaining("a", {});
  oracle_.OnRemaining("d", {});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, OfSeveralSuchMovesItMayBeTheEarliest) {
  Push("a", {"1", "2"}, 10, 11);
  QueueOracle::Pop late = Pop({"a"}, 500, 600);
  late.destination = "d";
  QueueOracle::Pop early = Pop({"a"}, 15, 20);
  early.destination = "d";
  QueueOracle::Pop answered = Pop({"a"}, 30, 31);
  answered.destination = "d";
  oracle_.OnLost(late);
  oracle_.OnLost(early);
  oracle_.OnPopped(answered, "a", {"2"});
  oracle_.OnRemaining("a", {});
  oracle_.OnRemaining("d", {"1", "2"});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, OfSeveralSuchMovesItIsOneThatHadComeByThen) {
  Push("a", {"1"}, 10, 11);
  QueueOracle::Pop late = Wait(1, {"a"}, 500, 600);
  late.destination = "d";
  QueueOracle::Pop early = Wait(2, {"a"}, 5, 14);
  early.destination = "d";
  oracle_.OnLost(late);
  oracle_.OnLost(early);
  oracle_.OnPopped(Pop({"d"}, 30, 31), "d", {"1"});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, BeyondABreakNothingIsCertain) {
  Push("a", {"1", "2"}, 10, 11);
  oracle_.OnPopped(Pop({"a"}, 12, 13), "a", {"1"});
  oracle_.OnBreak("a", {20, 30});
  oracle_.OnNothing(Wait(1, {"a"}, 15, 1016));
  oracle_.OnPopped(Pop({"a"}, 40, 41), "a", {"1"});
  oracle_.OnPopped(Pop({"a"}, 42, 43), "a", {"other"});
  oracle_.OnRemaining("a", {});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, WhatIsMovedAgainBeyondABreakMayBeEitherOfTheTwo) {
  Push("a", {"1", "2"}, 10, 11);
  for (const int64_t at_ns : {20, 50}) {
    QueueOracle::Pop move = Pop({"a"}, at_ns, at_ns + 1);
    move.destination = "d";
    oracle_.OnPopped(move, "a", {"1"});
    move.span = {at_ns + 2, at_ns + 3};
    oracle_.OnPopped(move, "a", {"2"});
  }
  for (const char* const key : {"a", "d"}) oracle_.OnBreak(key, {40, 41});
  oracle_.OnPopped(Pop({"d"}, 30, 31), "d", {"1"});
  oracle_.OnPopped(Pop({"d"}, 32, 33), "d", {"2"});
  oracle_.OnPopped(Pop({"d"}, 60, 61, 2), "d", {"1", "2"});
  EXPECT_TRUE(Passes()) << board_.first_message();
}

TEST_F(QueueOracleTest, BeforeABreakEverythingIs) {
  Push("a", {"1"}, 10, 11);
  oracle_.OnPopped(Pop({"a"}, 12, 13), "a", {"1"});
  oracle_.OnPopped(Pop({"a"}, 14, 15), "a", {"1"});
  oracle_.OnBreak("a", {20, 30});
  EXPECT_FALSE(Passes());
}

}  // namespace
}  // namespace damselfly::sim
