#include "sim/cluster/node_lane.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

Reply Ok() {
  Reply reply;
  reply.type = Reply::Type::kSimpleString;
  reply.text = "OK";
  return reply;
}

class NodeLaneTest : public testing::Test {
 protected:
  NodeLane lane_{3, [this](StepResult result) { results_.push_back(std::move(result)); }};
  std::vector<StepResult> results_;
};

TEST_F(NodeLaneTest, AStepIsDoneWithItsLastReply) {
  lane_.OnConnected(2);
  lane_.Send({{"SET", "k", "v"}, {"GET", "k"}});
  std::vector<Args> calls;
  lane_.NextCalls(&calls);
  EXPECT_EQ(calls.size(), 2u);
  lane_.NextCalls(&calls);
  EXPECT_TRUE(calls.empty());
  lane_.OnReply({"SET"}, Ok(), Moment{10, 11, nullptr});
  EXPECT_TRUE(lane_.busy());
  lane_.OnReply({"GET"}, Ok(), Moment{12, 13, nullptr});
  EXPECT_FALSE(lane_.busy());
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_TRUE(results_[0].complete);
  EXPECT_EQ(results_[0].occasions[1].node, 3);
  EXPECT_EQ(results_[0].occasions[1].incarnation, 2);
  EXPECT_EQ(results_[0].occasions[1].begin_ns, 12);
}

TEST_F(NodeLaneTest, ABrokenConnectionLeavesDoubt) {
  lane_.OnConnected(1);
  const int connection = lane_.connection_number();
  lane_.Send({{"SET", "k", "v"}, {"SET", "l", "v"}});
  std::vector<Args> calls;
  lane_.NextCalls(&calls);
  lane_.OnReply({"SET"}, Ok(), Moment{10, 11, nullptr});
  LostCalls lost;
  lost.calls = {{"SET", "l", "v"}};
  lost.executed_max = 1;
  lost.fate = Fate::kUnknown;
  lost.moment = Moment{9, 20, nullptr};
  lane_.OnLost(lost);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_FALSE(results_[0].complete);
  EXPECT_EQ(results_[0].replies.size(), 1u);
  EXPECT_EQ(results_[0].executed_max, 1u);
  EXPECT_EQ(results_[0].doubt.end_ns, INT64_MAX);
  EXPECT_NE(lane_.connection_number(), connection);
}

TEST_F(NodeLaneTest, WhatWasNeverSentIsNotInDoubt) {
  lane_.Send({{"GET", "k"}});
  lane_.OnConnectFailed();
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_FALSE(results_[0].complete);
  EXPECT_EQ(results_[0].executed_max, 0u);
  std::vector<Args> calls;
  lane_.NextCalls(&calls);
  EXPECT_TRUE(calls.empty());
}

TEST_F(NodeLaneTest, ALossBetweenStepsDisturbsNobody) {
  lane_.OnConnected(1);
  lane_.OnLost(LostCalls());
  lane_.OnConnectFailed();
  EXPECT_TRUE(results_.empty());
}

}  // namespace
}  // namespace damselfly::sim
