#include "sim/cluster/subscription_oracle.h"

#include "gtest/gtest.h"
#include "server/base/crc16.h"

namespace damselfly::sim {
namespace {

// Node 0 owns everything from 10 on, loses it at 100..110 and regains it at 200..210.
class SubscriptionOracleTest : public testing::Test {
 protected:
  SubscriptionOracleTest() {
    Topology lost = Topology::Even(1);
    lost.Assign(0, kSlotCount - 1, 1);
    Apply(Topology::Even(1), 10, 10);
    Apply(lost, 100, 110);
    Apply(Topology::Even(1), 200, 210);
  }
  void Apply(const Topology& topology, int64_t begin_ns, int64_t end_ns) {
    Push push;
    push.occasion = {0, 1, begin_ns, end_ns};
    push.config = ledger_.AddConfig(topology);
    push.outcome = PushOutcome::kApplied;
    ledger_.Add(push);
  }
  void Publish(const std::string& message, int64_t begin_ns, int64_t end_ns,
               WriteOutcome outcome = WriteOutcome::kDone, int publisher = 1) {
    oracle_.OnPublished("s", message, publisher, {0, 1, begin_ns, end_ns}, outcome);
  }
  bool Passes() {
    OracleBoard board;
    oracle_.Check(ledger_, &board);
    return !board.violated();
  }

  PushLedger ledger_;
  SubscriptionOracle oracle_;
  const size_t number_ = oracle_.OnSubscribed("s", {0, 1, 20, 21});
};

TEST_F(SubscriptionOracleTest, EverythingUntilTheSlotIsLostAndThenTheNews) {
  Publish("a", 15, 16);
  Publish("b", 30, 31);
  Publish("c", 40, 41);
  Publish("d", 105, 106);
  Publish("e", 220, 221);
  oracle_.OnMessage(number_, "b");
  oracle_.OnMessage(number_, "c");
  oracle_.OnTold(number_, 120);
  EXPECT_TRUE(Passes());
}

TEST_F(SubscriptionOracleTest, AMissingMessageIsFound) {
  Publish("b", 30, 31);
  oracle_.OnTold(number_, 120);
  EXPECT_FALSE(Passes());
}

TEST_F(SubscriptionOracleTest, ABrokenConnectionMissesWhatItMisses) {
  Publish("b", 30, 31);
  oracle_.OnConnectionLost(number_);
  EXPECT_TRUE(Passes());
}

TEST_F(SubscriptionOracleTest, AMessageTwiceIsFound) {
  Publish("b", 30, 31);
  oracle_.OnMessage(number_, "b");
  oracle_.OnMessage(number_, "b");
  EXPECT_FALSE(Passes());
}

TEST_F(SubscriptionOracleTest, OnePublishersMessagesKeepTheirOrder) {
  Publish("b", 30, 31);
  Publish("c", 40, 41);
  oracle_.OnMessage(number_, "c");
  oracle_.OnMessage(number_, "b");
  EXPECT_FALSE(Passes());
}

TEST_F(SubscriptionOracleTest, TwoPublishersMessagesNeedNot) {
  Publish("b", 30, 31, WriteOutcome::kDone, 1);
  Publish("c", 40, 41, WriteOutcome::kDone, 2);
  oracle_.OnMessage(number_, "c");
  oracle_.OnMessage(number_, "b");
  EXPECT_TRUE(Passes());
}

TEST_F(SubscriptionOracleTest, WhatWasRefusedOrNeverPublishedIsFound) {
  Publish("b", 30, 31, WriteOutcome::kRefused);
  oracle_.OnMessage(number_, "b");
  EXPECT_FALSE(Passes());
  SubscriptionOracle other;
  other.OnMessage(other.OnSubscribed("s", {0, 1, 20, 21}), "x");
  OracleBoard board;
  other.Check(ledger_, &board);
  EXPECT_TRUE(board.violated());
}

TEST_F(SubscriptionOracleTest, NeverBeingToldIsFound) {
  oracle_.OnAlive(number_, 1000);
  EXPECT_FALSE(Passes());
}

TEST_F(SubscriptionOracleTest, AMessageAfterTheEndIsFound) {
  Publish("b", 30, 31);
  oracle_.OnTold(number_, 120);
  oracle_.OnMessage(number_, "b");
  EXPECT_FALSE(Passes());
}

TEST_F(SubscriptionOracleTest, AMessageOfALaterTermIsFoundHoweverSoonTheNewsFollows) {
  Publish("e", 220, 221);
  oracle_.OnMessage(number_, "e");
  oracle_.OnTold(number_, 230);
  EXPECT_FALSE(Passes());
}

TEST_F(SubscriptionOracleTest, ALossThatNobodyIsToldOfIsFound) {
  oracle_.OnAlive(number_, 1000);
  EXPECT_FALSE(Passes());
}

TEST_F(SubscriptionOracleTest, AnEndWithoutAReasonIsFound) {
  oracle_.OnTold(number_, 90);
  EXPECT_FALSE(Passes());
}

TEST_F(SubscriptionOracleTest, ASubscriptionOfTheLastTermLives) {
  const size_t later = oracle_.OnSubscribed("s", {0, 1, 215, 216});
  Publish("e", 220, 221);
  oracle_.OnMessage(later, "e");
  oracle_.OnAlive(later, 1000);
  EXPECT_TRUE(Passes());
}

}  // namespace
}  // namespace damselfly::sim
