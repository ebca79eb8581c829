#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "server/replication/master_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

class MasterLinkTest : public ::testing::Test {
 protected:
  std::string Call(absl::string_view line) { return client_->Call(line); }
  void Fill(int keys, size_t value_bytes = 10) {
    for (int i = 0; i < keys; ++i)
      Call(absl::StrCat("SET key", i, " ", std::string(value_bytes, 'v')));
  }
  void ExpectEqual(TestReplica& replica) {
    EXPECT_TRUE(replica.model().settled());
    EXPECT_EQ(ContentsOf(replica.model().store()), ContentsOf(master_.store()));
  }

  MasterHarness master_;
  Client* client_ = master_.node().Connect();
};

TEST_F(MasterLinkTest, AReplicaGetsEverythingAndThenWhatChanges) {
  Fill(1000);
  TestReplica replica(&master_);
  replica.Sync();
  EXPECT_EQ(master_.first_links, 1);
  EXPECT_EQ(replica.state(), "preparation");
  EXPECT_EQ(replica.Start(), "*2|:1|:1|");
  EXPECT_EQ(replica.state(), "full_sync");
  replica.Apply();
  EXPECT_TRUE(replica.model().all_synced());
  ExpectEqual(replica);
  EXPECT_EQ(replica.state(), "full_sync");
  replica.Acknowledge();
  EXPECT_EQ(replica.state(), "online");
  EXPECT_EQ(master_.LogCount("Started sync with replica 127.0.0.1:7001"), 1);
  EXPECT_EQ(master_.LogCount("Transitioned into stable sync with replica 127.0.0.1:7001"), 1);
  Call("SET key1 new|DEL key2|MSET key3 a key4 b|APPEND key5 x");
  Call("MULTI|SET key6 1|SET key7 2|EXEC|FLUSHDB|SET after flush");
  replica.Apply();
  ExpectEqual(replica);
}

TEST_F(MasterLinkTest, WhatIsWrittenBetweenStartAndEndIsThereInTheEnd) {
  Fill(2000);
  TestReplica replica(&master_);
  replica.Sync();
  replica.flow(0)->wire().room_bytes = 1000;
  replica.flow(1)->wire().room_bytes = 1000;
  replica.Start();
  EXPECT_FALSE(replica.model().all_synced());
  for (int i = 0; i < 2000; i += 7) Call(absl::StrCat("APPEND key", i, " more"));
  for (int round = 0; round < 5; ++round) {
    replica.flow(0)->AddRoom(10000);
    replica.flow(1)->AddRoom(20000);
    Call(absl::StrCat("APPEND key", round, " again"));
  }
  replica.flow(0)->AddRoom(SIZE_MAX);
  replica.flow(1)->AddRoom(SIZE_MAX);
  replica.Apply();
  EXPECT_TRUE(replica.model().all_synced());
  ExpectEqual(replica);
}

TEST_F(MasterLinkTest, AReplicaThatComesBackGetsOnlyWhatItMissed) {
  Fill(10);
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1|SET b 1");
  replica.Apply();
  const Positions positions = replica.Applied();
  replica.control()->HangUp();
  EXPECT_EQ(replica.state(), "none");
  Call("SET a 2|SET b 2|SET c 2");
  TestReplica again(&master_);
  EXPECT_EQ(again.Sync(absl::StrCat(MasterHarness::kLineageId, " ", absl::StrJoin(positions, " ")))
                .substr(0, 13),
            "*4|$7|PARTIAL");
  EXPECT_EQ(again.Start(), absl::StrCat("*2|:", absl::StrJoin(positions, "|:"), "|"));
  EXPECT_EQ(again.state(), "online");
  again.Apply();
  EXPECT_EQ(again.model().count(FrameType::kRecord), 3u);
  EXPECT_EQ(again.model().count(FrameType::kEntry), 0u);
  EXPECT_EQ(again.Applied(), master_.journal()->Ends());
}

TEST_F(MasterLinkTest, WhatWasGrantedStaysUntilTheReplicaStarts) {
  Fill(10);
  TestReplica replica(&master_);
  replica.Follow();
  const Positions positions = replica.Applied();
  replica.control()->HangUp();
  TestReplica again(&master_);
  again.Sync(absl::StrCat(MasterHarness::kLineageId, " ", absl::StrJoin(positions, " ")));
  for (int i = 0; i < 100; ++i) {
    Call(absl::StrCat("SET a ", i));
    master_.node().AdvanceMs(100);
    master_.journal()->Trim();
  }
  EXPECT_EQ(again.Start().substr(0, 1), "*");
  again.Apply();
  EXPECT_EQ(again.model().count(FrameType::kRecord), 100u);
}

TEST_F(MasterLinkTest, GoesDownWithItsControlConnection) {
  TestReplica replica(&master_);
  replica.Follow();
  replica.control()->HangUp();
  EXPECT_TRUE(replica.cut_off());
  EXPECT_EQ(master_.master().Facts().size(), 0u);
  EXPECT_EQ(master_.last_links_gone, 1);
  EXPECT_EQ(master_.LogCount("Disconnecting from replica 127.0.0.1:7001"), 1);
}

TEST_F(MasterLinkTest, GoesDownWithAnyOfItsFlows) {
  for (const bool started : {false, true}) {
    for (const size_t lane : {size_t{0}, size_t{1}}) {
      TestReplica replica(&master_);
      replica.Sync();
      if (started) replica.Start();
      replica.flow(lane)->HangUp();
      EXPECT_TRUE(replica.cut_off());
      EXPECT_FALSE(master_.master().has_links());
    }
  }
  EXPECT_EQ(master_.LogCount("Disconnecting from replica"), 4);
}

TEST_F(MasterLinkTest, GoesDownInTheMiddleOfAFullSync) {
  Fill(5000);
  TestReplica replica(&master_);
  replica.Sync();
  replica.flow(0)->wire().room_bytes = 100;
  replica.Start();
  Call("CLIENT KILL TYPE replica");
  master_.node().runtime().RunReady();
  EXPECT_TRUE(replica.cut_off());
  // No walk is left behind: the next one is whole, and the store may go.
  TestReplica again(&master_);
  again.Follow();
  ExpectEqual(again);
}

// The network has not told yet that the first connection is gone.
TEST_F(MasterLinkTest, AReplicaThatComesBackCountsOnce) {
  TestReplica replica(&master_);
  replica.Follow();
  TestReplica other(&master_, "7002");
  other.Follow();
  TestReplica again(&master_);
  again.Sync();
  EXPECT_EQ(master_.master().Facts().size(), 2u);
  again.Start();
  again.Apply();
  again.Acknowledge();
  EXPECT_EQ(Call("WAIT 3 1"), ":2|");
  EXPECT_EQ(other.state(), "online");
  EXPECT_EQ(master_.last_links_gone, 0);
}

// Bytes of a connection that the replica gave up can come behind those of the one that followed.
TEST_F(MasterLinkTest, AnOlderConnectionThatComesLateDoesNotEndALaterOne) {
  TestReplica replica(&master_, "7001", 2);
  replica.Follow();
  TestReplica late(&master_, "7001", 1);
  EXPECT_EQ(late.Sync(), "-ERR a later connection of this replica is here already|");
  EXPECT_EQ(replica.state(), "online");
  EXPECT_EQ(master_.master().Facts().size(), 1u);
  TestReplica next(&master_, "7001", 3);
  next.Follow();
  EXPECT_TRUE(replica.cut_off());
  EXPECT_EQ(next.state(), "online");
}

// It counts its connections anew.
TEST_F(MasterLinkTest, ANewProcessOfAReplicaReplacesTheOldOnesLink) {
  TestReplica replica(&master_, "7001", 5);
  replica.Follow();
  SessionHarness::Client* control = master_.node().Connect();
  control->Call(
      "REPLCONF listening-port 7001 client-id node-7001 capa damselfly run-id other attempt 1");
  EXPECT_EQ(control->Call("DFLY SYNC ?").substr(0, 2), "*4");
  EXPECT_TRUE(replica.cut_off());
}

// Outside of clusters nodes have no names: a process that follows another, whose machine was gone
// without a word, calls itself otherwise.
TEST_F(MasterLinkTest, ANamelessReplicaThatHasStartedAnewCountsOnce) {
  TestReplica before(&master_, "7001", 1, "first");
  before.Follow();
  Call("SET a 1");
  before.Apply();
  before.Acknowledge();
  EXPECT_EQ(Call("WAIT 0 0"), ":1|");
  TestReplica after(&master_, "7001", 1, "second");
  after.Sync();
  EXPECT_EQ(Call("WAIT 0 0"), ":1|");
  after.Start();
  after.Apply();
  after.Acknowledge();
  EXPECT_EQ(before.state(), "online");
  EXPECT_EQ(Call("WAIT 0 0"), ":1|");
  // What was on its way when the machine went.
  before.Acknowledge();
  EXPECT_EQ(Call("WAIT 0 0"), ":1|");
}

// Two replicas behind one address have nothing else that tells them apart, and both live.
TEST_F(MasterLinkTest, TwoBehindOneAddressBothCountWhenTheyAcknowledgeWhatIsNew) {
  TestReplica one(&master_, "7001", 1, "one");
  one.Follow();
  TestReplica two(&master_, "7001", 1, "two");
  two.Follow();
  Call("SET a 1");
  for (TestReplica* replica : {&one, &two}) {
    replica->Apply();
    replica->Acknowledge();
    EXPECT_EQ(replica->state(), "online");
  }
  EXPECT_EQ(Call("WAIT 2 0"), ":2|");
}

TEST_F(MasterLinkTest, AnAckFromTheFutureEndsTheLink) {
  TestReplica replica(&master_);
  replica.Follow();
  replica.control()->Call("REPLCONF ACK 1 2");
  EXPECT_TRUE(replica.cut_off());
  EXPECT_EQ(master_.LogCount("Replica 127.0.0.1:7001 cut off: it acknowledges what there has"), 1);
}

TEST_F(MasterLinkTest, AnAckOfOtherLanesEndsTheLink) {
  for (const char* positions : {"1", "1 1 1", "", "1 x", "1 -1"}) {
    TestReplica replica(&master_);
    replica.Follow();
    replica.control()->Call(absl::StrCat("REPLCONF ACK ", positions));
    EXPECT_TRUE(replica.cut_off()) << positions;
  }
}

TEST_F(MasterLinkTest, AnAckThatGoesBackwardsIsIgnored) {
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1|SET a 2");
  replica.Apply();
  replica.Acknowledge();
  EXPECT_EQ(master_.master().Facts()[0].lag_records, 0u);
  replica.control()->Call("REPLCONF ACK 1 1");
  EXPECT_EQ(master_.master().Facts()[0].lag_records, 0u);
  EXPECT_EQ(replica.state(), "online");
}

TEST_F(MasterLinkTest, APauseOfClientsHoldsNoReplica) {
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1|CLIENT PAUSE 100000 ALL");
  replica.Apply();
  replica.Acknowledge();
  EXPECT_EQ(master_.master().Facts()[0].lag_records, 0u);
}

TEST_F(MasterLinkTest, LagCountsRecordsThatAreNotAcknowledged) {
  TestReplica replica(&master_);
  replica.Follow();
  Call("SET a 1|SET b 2|SET c 3");
  EXPECT_EQ(master_.master().Facts()[0].lag_records, 3u);
  replica.Apply();
  replica.Acknowledge();
  EXPECT_EQ(master_.master().Facts()[0].lag_records, 0u);
}

TEST_F(MasterLinkTest, SaysSomethingEverySecond) {
  TestReplica replica(&master_);
  replica.Follow();
  for (int i = 0; i < 10; ++i) {
    master_.node().AdvanceMs(1000);
    replica.Apply();
    replica.Acknowledge();
  }
  EXPECT_GE(replica.model().count(FrameType::kKeepAlive), 16u);
  EXPECT_EQ(replica.state(), "online");
}

TEST_F(MasterLinkTest, WhoeverDoesNotBeginIsCutOff) {
  master_.node().Set(Parameter::replication_timeout, "5000");
  TestReplica replica(&master_);
  replica.Sync();
  master_.node().AdvanceMs(4000);
  EXPECT_FALSE(replica.cut_off());
  master_.node().AdvanceMs(2000);
  EXPECT_TRUE(replica.cut_off());
}

TEST_F(MasterLinkTest, WhoeverAcknowledgesNothingIsAskedAndThenCutOff) {
  master_.node().Set(Parameter::replication_timeout, "8000");
  TestReplica replica(&master_);
  replica.Follow();
  const uint64_t before = replica.model().count(FrameType::kAckRequest);
  master_.node().AdvanceMs(4000);
  replica.Apply();
  EXPECT_GT(replica.model().count(FrameType::kAckRequest), before);
  EXPECT_FALSE(replica.cut_off());
  master_.node().AdvanceMs(5000);
  EXPECT_TRUE(replica.cut_off());
  EXPECT_EQ(master_.LogCount("cut off: it acknowledges nothing any more"), 1);
}

TEST_F(MasterLinkTest, AFlowThatNobodyReadsIsCutOff) {
  master_.node().Set(Parameter::client_output_buffer_limit, "slave 1000000 0 0");
  Fill(5000);
  TestReplica replica(&master_);
  replica.Sync();
  replica.flow(0)->wire().room_bytes = 0;
  replica.flow(1)->wire().room_bytes = 0;
  replica.Start();
  for (int i = 0; i < 100 && !replica.cut_off(); ++i) {
    Fill(100, 10000);
    master_.node().AdvanceMs(100);
    EXPECT_LT(master_.journal()->backlog_bytes(), 10u << 20);
  }
  EXPECT_TRUE(replica.cut_off());
  EXPECT_EQ(master_.LogCount("Replica 127.0.0.1:7001 cut off: too much waits"), 1);
}

TEST_F(MasterLinkTest, TheSoftLimitGivesTime) {
  master_.node().Set(Parameter::client_output_buffer_limit, "slave 0 100000 5");
  TestReplica replica(&master_);
  replica.Follow();
  replica.flow(0)->wire().room_bytes = 0;
  replica.flow(1)->wire().room_bytes = 0;
  Fill(100, 10000);
  for (int i = 0; i < 4; ++i) {
    master_.node().AdvanceMs(1000);
    replica.Acknowledge();
  }
  EXPECT_FALSE(replica.cut_off());
  master_.node().AdvanceMs(2000);
  EXPECT_TRUE(replica.cut_off());
  EXPECT_EQ(master_.LogCount("for too long"), 1);
}

TEST_F(MasterLinkTest, AllLinksAreDroppedWhenTheNodeChangesItsRole) {
  TestReplica first(&master_, "7001");
  TestReplica second(&master_, "7002");
  first.Follow();
  second.Sync();
  ASSERT_EQ(master_.master().Facts().size(), 2u);
  EXPECT_EQ(master_.master().Facts()[0].port, 7001);
  EXPECT_EQ(master_.master().Facts()[1].port, 7002);
  master_.master().DropLinks("it is a replica now");
  master_.node().runtime().RunReady();
  EXPECT_TRUE(first.cut_off());
  EXPECT_TRUE(second.cut_off());
  EXPECT_EQ(master_.first_links, 1);
  EXPECT_EQ(master_.last_links_gone, 1);
}

TEST_F(MasterLinkTest, ANodeThatEndsTakesItsLinksAlong) {
  Fill(5000);
  TestReplica replica(&master_);
  replica.Sync();
  replica.flow(0)->wire().room_bytes = 0;
  replica.Start();
}

}  // namespace
}  // namespace damselfly
