#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/replication/master_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

class WaitTest : public ::testing::Test {
 protected:
  std::string Call(absl::string_view line) { return client_->Call(line); }

  MasterHarness master_;
  Client* client_ = master_.node().Connect(1);
};

TEST_F(WaitTest, WithoutReplicasNobodyWaits) {
  EXPECT_EQ(Call("WAIT 1 1000"), ":0|");
  EXPECT_EQ(Call("WAIT 0 0"), ":0|");
  EXPECT_EQ(Call("WAIT -1 0"), ":0|");
}

TEST_F(WaitTest, ChecksItsArguments) {
  EXPECT_EQ(Call("WAIT x 0"), "-ERR value is not an integer or out of range|");
  EXPECT_EQ(Call("WAIT 1 x"), "-ERR timeout is not an integer or out of range|");
  EXPECT_EQ(Call("WAIT 1 -1"), "-ERR timeout is negative|");
  master_.server().is_replica = true;
  EXPECT_EQ(Call("WAIT 1 0"), "-ERR WAIT cannot be used with replica instances.|");
}

TEST_F(WaitTest, AsksForAnAcknowledgementAtOnceAndCountsIt) {
  TestReplica replica(&master_);
  replica.Follow();
  EXPECT_EQ(Call("SET a 1|WAIT 1 1000"), "+OK|");
  const uint64_t before = replica.model().count(FrameType::kAckRequest);
  replica.Apply();
  EXPECT_GT(replica.model().count(FrameType::kAckRequest), before);
  EXPECT_EQ(client_->Take(), "");
  replica.Acknowledge();
  EXPECT_EQ(client_->Take(), ":1|");
}

TEST_F(WaitTest, WhatIsAcknowledgedAlreadyNeedsNoWaiting) {
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1");
  replica.Apply();
  replica.Acknowledge();
  EXPECT_EQ(Call("WAIT 1 0"), ":1|");
  EXPECT_EQ(Call("WAIT 0 0"), ":1|");
}

TEST_F(WaitTest, ZeroAsksForTheNumberOnly) {
  TestReplica replica(&master_);
  replica.Follow();
  EXPECT_EQ(Call("SET a 1|WAIT 0 0"), "+OK|:0|");
}

TEST_F(WaitTest, MoreThanThereAreIsAsManyAsThereAre) {
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1|WAIT 5 100000");
  replica.Apply();
  replica.Acknowledge();
  EXPECT_EQ(client_->Take(), ":1|");
}

TEST_F(WaitTest, GivesTheNumberWhenTimeIsUp) {
  TestReplica first(&master_, "7001");
  TestReplica second(&master_, "7002");
  first.Follow();
  second.Follow();
  Call("SET a 1|WAIT 2 500");
  first.Apply();
  first.Acknowledge();
  EXPECT_EQ(client_->Take(), "");
  master_.node().AdvanceMs(499);
  EXPECT_EQ(client_->Take(), "");
  master_.node().AdvanceMs(1);
  EXPECT_EQ(client_->Take(), ":1|");
  // Nothing of it is left for the next one.
  Call("SET a 2|WAIT 2 500");
  second.Apply();
  second.Acknowledge();
  EXPECT_EQ(client_->Take(), "");
}

TEST_F(WaitTest, ForEverIsTenMinutes) {
  master_.node().Set(Parameter::replication_timeout, "86400000");
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1|WAIT 1 0");
  master_.node().AdvanceMs(10 * 60 * 1000 - 1);
  EXPECT_EQ(client_->Take(), "");
  master_.node().AdvanceMs(1);
  EXPECT_EQ(client_->Take(), ":0|");
}

TEST_F(WaitTest, AReplicaThatGoesIsNotWaitedFor) {
  TestReplica first(&master_, "7001");
  TestReplica second(&master_, "7002");
  first.Follow();
  second.Follow();
  Call("SET a 1|WAIT 2 0");
  first.Apply();
  first.Acknowledge();
  EXPECT_EQ(client_->Take(), "");
  second.control()->HangUp();
  EXPECT_EQ(client_->Take(), ":1|");
}

TEST_F(WaitTest, AReplicaCountsFromTheEndOfItsSync) {
  Call("SET a 1");
  TestReplica replica(&master_);
  replica.Sync();
  replica.Start();
  Call("WAIT 1 0");
  replica.Apply();
  EXPECT_EQ(client_->Take(), "");
  replica.Acknowledge();
  EXPECT_EQ(client_->Take(), ":1|");
}

TEST_F(WaitTest, NeverWaitsInATransaction) {
  TestReplica replica(&master_);
  replica.Follow();
  EXPECT_EQ(Call("SET a 1|MULTI|WAIT 1 0|EXEC"), "+OK|+OK|+QUEUED|*1|:0|");
}

TEST_F(WaitTest, CanBeUnblocked) {
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1|WAIT 1 0");
  const std::string id = absl::StrCat(client_->session()->id());
  Client* const other = master_.node().Connect();
  EXPECT_EQ(other->Call("CLIENT UNBLOCK " + id + " ERROR"), ":1|");
  EXPECT_EQ(client_->Take(), "-UNBLOCKED client unblocked via CLIENT UNBLOCK|");
  Call("WAIT 1 0");
  EXPECT_EQ(other->Call("CLIENT UNBLOCK " + id), ":1|");
  EXPECT_EQ(client_->Take(), ":0|");
}

TEST_F(WaitTest, AClientThatGoesLeavesNothingBehind) {
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1|WAIT 1 0");
  client_->HangUp();
  replica.Apply();
  replica.Acknowledge();
  EXPECT_EQ(replica.state(), "online");
}

}  // namespace
}  // namespace damselfly
