#include "sim/replication/wait_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kLateNs = 200 * kMs;

// Node 0 is a master with two lanes and replicas 1 and 2, which are online since 10 ms. All have
// applied 5 and 5; WAIT is sent at 100 ms.
class WaitOracleTest : public testing::Test {
 protected:
  WaitOracleTest() : oracle_(&log_, &board_) {
    for (int node : {0, 1, 2}) See(node, {5, 5}, 0);
    oracle_.OnSent(0);
    Links({1, 2}, 2, 10);
  }
  void See(int node, LanePositions positions, int64_t time_ms) {
    NodeView view;
    view.node = node;
    view.incarnation = 1;
    view.replica = node != 0;
    view.lineage = "A";
    view.positions = std::move(positions);
    log_.Add(view, time_ms * kMs);
  }
  void Links(std::set<int> online, size_t count, int64_t time_ms) {
    oracle_.ObserveLinks(0, 1, {std::move(online), count}, time_ms * kMs);
  }
  void Answer(int64_t asked, int64_t timeout_ms, int64_t count, int64_t begin_ms, int64_t end_ms) {
    oracle_.OnAnswer({{0, 1, begin_ms * kMs, end_ms * kMs}, asked, timeout_ms, count});
  }
  void ExpectPasses() { EXPECT_FALSE(board_.violated()) << board_.first_message(); }
  void ExpectFinds() {
    EXPECT_TRUE(board_.violated());
    EXPECT_EQ(OracleName(board_.first_oracle()), OracleName(Oracle::kWait));
  }

  OracleBoard board_;
  ViewLog log_;
  WaitOracle oracle_;
};

TEST_F(WaitOracleTest, AsManyAsWereAskedForOrAsThereAreIsAnAnswerAtAnyTime) {
  Answer(1, 300, 1, 100, 101);
  Answer(2, 300, 2, 100, 101);
  Answer(3, 300, 2, 100, 101);
  ExpectPasses();
  EXPECT_EQ(board_.checks(Oracle::kWait), 3u);
}

TEST_F(WaitOracleTest, FewerBeforeItsTimeIsFound) {
  Answer(2, 300, 1, 100, 399);
  ExpectFinds();
}

TEST_F(WaitOracleTest, FewerAtItsTimeIsRight) {
  Answer(2, 300, 1, 100, 400);
  ExpectPasses();
}

TEST_F(WaitOracleTest, WhoIsNotOnlineThroughoutIsNotWaitedFor) {
  Links({2}, 1, 90);
  Answer(2, 300, 1, 100, 150);
  Links({1, 2}, 2, 200);
  Answer(2, 300, 1, 160, 210);
  ExpectPasses();
}

TEST_F(WaitOracleTest, WhenALinkBreaksWaitMayEnd) {
  Links({2}, 1, 120);
  Answer(2, 300, 0, 100, 130);
  ExpectPasses();
}

TEST_F(WaitOracleTest, WhatWasSeenWhileNobodyWaitedCountsNoMore) {
  oracle_.OnOver(0);
  EXPECT_FALSE(oracle_.wants_links(0));
  oracle_.OnSent(0);
  EXPECT_TRUE(oracle_.wants_links(0));
  Answer(2, 300, 0, 100, 130);
  EXPECT_EQ(board_.checks(Oracle::kWait), 0u);
}

TEST_F(WaitOracleTest, WhenItsNodeBecomesSomethingElseWaitMayEnd) {
  NodeView view = *log_.Last(0, 1);
  view.service = NodeView::Service::kTakenOver;
  log_.Add(view, 120 * kMs);
  Answer(2, 300, 0, 100, 130);
  EXPECT_EQ(board_.checks(Oracle::kWait), 0u);
}

TEST_F(WaitOracleTest, WhoWaitsAtANodeThatClosesIsAnsweredAtOnce) {
  oracle_.JudgeClosing(5 * kMs, [](int) { return 0; });
  NodeView view = *log_.Last(0, 1);
  view.service = NodeView::Service::kTakenOver;
  log_.Add(view, 120 * kMs);
  Answer(2, 300, 0, 100, 124);
  Answer(2, 300, 0, 130, 140);
  ExpectPasses();
  EXPECT_EQ(board_.checks(Oracle::kWait), 1u);
  Answer(2, 300, 0, 100, 126);
  ExpectFinds();
}

TEST_F(WaitOracleTest, ANodeThatStandsStillWhenItClosesAnswersLater) {
  oracle_.JudgeClosing(5 * kMs, [](int) { return 121 * kMs; });
  NodeView view = *log_.Last(0, 1);
  view.service = NodeView::Service::kTakenOver;
  log_.Add(view, 120 * kMs);
  Answer(2, 300, 0, 100, 126);
  ExpectPasses();
}

TEST_F(WaitOracleTest, AnAnswerLongAfterAllHadItIsFoundWhenNothingIsWrong) {
  Answer(2, 300, 2, 100, 399);
  ExpectPasses();
  oracle_.BeginCalm(0, kLateNs);
  Answer(2, 300, 2, 100, 299);
  ExpectPasses();
  Answer(2, 300, 2, 100, 399);
  ExpectFinds();
}

TEST_F(WaitOracleTest, ReplicasThatLagMayBeWaitedForTheirWholeTime) {
  oracle_.BeginCalm(0, kLateNs);
  See(0, {6, 5}, 100);
  See(1, {6, 5}, 150);
  Answer(1, 300, 1, 100, 349);
  Answer(2, 300, 1, 100, 400);
  See(2, {6, 5}, 250);
  Answer(2, 300, 2, 100, 400);
  ExpectPasses();
}

TEST_F(WaitOracleTest, AReplicaThatIsBeingFilledIsWaitedForToo) {
  oracle_.BeginCalm(0, kLateNs);
  Links({1, 2}, 3, 90);
  Answer(3, 300, 2, 100, 400);
  ExpectPasses();
}

}  // namespace
}  // namespace damselfly::sim
