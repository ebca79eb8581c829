#include "server/replication/takeover.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/replication/master_harness.h"
#include "server/session/slot_router.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

constexpr absl::string_view kEnds = "This node has been taken over and ends";

class TakeoverTest : public ::testing::Test {
 protected:
  TakeoverTest() { replica_.Follow(); }

  std::string TakeOver(TestReplica& replica, int seconds = 5) {
    return replica.control()->Call(absl::StrCat("DFLY TAKEOVER ", seconds, " ", replica.sync_id()));
  }
  void ExpectActive(bool active) {
    EXPECT_EQ(master_.server().service_state.load() == ServiceState::kActive, active);
    EXPECT_EQ(master_.store().access(), active ? Store::Access::kReadWrite : Store::Access::kNone);
    EXPECT_EQ(master_.store().owns_expiry(), active);
  }

  MasterHarness master_;
  Client* client_ = master_.node().Connect(1);
  TestReplica replica_{&master_};
};

TEST_F(TakeoverTest, HandsOverOnceTheReplicaHasEverything) {
  client_->Call("SET a 1|SET b 2");
  EXPECT_EQ(TakeOver(replica_), "");
  ExpectActive(false);
  replica_.Apply();
  EXPECT_GE(replica_.model().count(FrameType::kAckRequest), 1u);
  EXPECT_EQ(replica_.control()->Call(
                absl::StrCat("REPLCONF ACK ", absl::StrJoin(replica_.Applied(), " "))),
            "+OK|");
  ExpectActive(false);
  replica_.control()->HangUp();
  EXPECT_EQ(master_.LogCount(kEnds), 0);
  master_.node().AdvanceMs(1500);
  EXPECT_EQ(master_.LogCount(kEnds), 1);
}

TEST_F(TakeoverTest, IsImmediateWhenNothingIsMissing) {
  EXPECT_EQ(TakeOver(replica_, 0), "+OK|");
  master_.node().AdvanceMs(1499);
  EXPECT_EQ(master_.LogCount(kEnds), 0);
  master_.node().AdvanceMs(1);
  EXPECT_EQ(master_.LogCount(kEnds), 1);
}

TEST_F(TakeoverTest, GivesUpWhenTimeIsUp) {
  client_->Call("SET a 1");
  EXPECT_EQ(TakeOver(replica_, 2), "");
  master_.node().AdvanceMs(1999);
  ExpectActive(false);
  EXPECT_EQ(replica_.control()->Take(), "");
  master_.node().AdvanceMs(1);
  ExpectActive(true);
  EXPECT_EQ(replica_.control()->Take(), "-ERR Takeover failed!|");
  EXPECT_EQ(client_->Call("SET a 2"), "+OK|");
  // And may succeed later.
  replica_.Apply();
  replica_.Acknowledge();
  EXPECT_EQ(TakeOver(replica_), "+OK|");
  // The timer of the first one is no longer about anything.
  master_.node().AdvanceMs(10000);
  ExpectActive(false);
}

TEST_F(TakeoverTest, TellsThatTheNodeIsAboutToAnswerAgain) {
  int reopened = 0;
  master_.master().set_on_reopening([&] {
    ++reopened;
    ExpectActive(false);
  });
  client_->Call("SET a 1");
  EXPECT_EQ(TakeOver(replica_, 2), "");
  EXPECT_EQ(reopened, 0);
  master_.node().AdvanceMs(2000);
  EXPECT_EQ(reopened, 1);
  EXPECT_EQ(replica_.control()->Take(), "-ERR Takeover failed!|");
  replica_.Apply();
  replica_.Acknowledge();
  EXPECT_EQ(TakeOver(replica_), "+OK|");
  EXPECT_EQ(reopened, 1) << "this one has succeeded";
}

TEST_F(TakeoverTest, FailsWithTheReplicasLink) {
  client_->Call("SET a 1");
  TakeOver(replica_);
  ExpectActive(false);
  replica_.flow(1)->HangUp();
  ExpectActive(true);
  EXPECT_EQ(client_->Call("GET a"), "$1|1|");
  master_.node().AdvanceMs(10000);
  ExpectActive(true);
}

TEST_F(TakeoverTest, TheSameReplicaIsToldAgain) {
  EXPECT_EQ(TakeOver(replica_), "+OK|");
  EXPECT_EQ(TakeOver(replica_), "+OK|");
  replica_.control()->HangUp();
  EXPECT_EQ(master_.node().Connect()->Call(absl::StrCat("DFLY TAKEOVER 1 ", replica_.sync_id())),
            "+OK|");
}

TEST_F(TakeoverTest, OnlyOneCanTakeOver) {
  TestReplica other(&master_, "7002");
  other.Follow();
  client_->Call("SET a 1");
  EXPECT_EQ(TakeOver(replica_), "");
  EXPECT_EQ(TakeOver(other), "-ERR Takeover failed!|");
  replica_.Apply();
  replica_.control()->Call(absl::StrCat("REPLCONF ACK ", absl::StrJoin(replica_.Applied(), " ")));
  EXPECT_EQ(TakeOver(other), "-ERR Takeover failed!|");
}

TEST_F(TakeoverTest, WantsAReplicaInSync) {
  TestReplica other(&master_, "7002");
  other.Sync();
  EXPECT_EQ(TakeOver(other), "-ERR invalid state|");
  other.Start();
  EXPECT_EQ(TakeOver(other), "-ERR invalid state|");
  EXPECT_EQ(other.control()->Call("DFLY TAKEOVER 1 77"), "-ERR syncid not found|");
  EXPECT_EQ(other.control()->Call("DFLY TAKEOVER 1 x"), "-ERR bad sync id|");
  EXPECT_EQ(other.control()->Call("DFLY TAKEOVER x 1"),
            "-ERR value is not an integer or out of range|");
  EXPECT_EQ(other.control()->Call("DFLY TAKEOVER -1 1"), "-ERR timeout is negative|");
  ExpectActive(true);
}

TEST_F(TakeoverTest, NoNewReplicaIsTakenMeanwhile) {
  client_->Call("SET a 1");
  TakeOver(replica_);
  TestReplica other(&master_, "7002");
  EXPECT_EQ(other.Sync(), "-ERR invalid state|");
}

TEST_F(TakeoverTest, TheNodeStaysForAMomentInCaseItIsAskedAgain) {
  TestReplica other(&master_, "7002");
  other.Follow();
  client_->Call("SET a 1");
  TakeOver(replica_);
  replica_.Apply();
  replica_.control()->Call(absl::StrCat("REPLCONF ACK ", absl::StrJoin(replica_.Applied(), " ")));
  replica_.control()->HangUp();
  other.Apply();
  other.Acknowledge();
  master_.node().AdvanceMs(1000);
  EXPECT_EQ(master_.LogCount(kEnds), 0);
  EXPECT_EQ(master_.node().Connect()->Call(absl::StrCat("DFLY TAKEOVER 1 ", replica_.sync_id())),
            "+OK|");
  master_.node().AdvanceMs(500);
  EXPECT_EQ(master_.LogCount(kEnds), 1);
}

TEST_F(TakeoverTest, EndsWaitsOfClients) {
  client_->Call("SET a 1|WAIT 1 0");
  TakeOver(replica_);
  EXPECT_EQ(client_->Take(), ":0|");
}

// REPLICAOF waits for the greeting of another master: its answer is not the takeover's to give.
TEST_F(TakeoverTest, LeavesAloneWhoWaitsForSomethingElse) {
  client_->Call("BLOCKUNTILDONE");
  TakeOver(replica_);
  ExpectActive(false);
  EXPECT_EQ(client_->Take(), "");
  client_->session()->WakeUp(Session::Wake::kUnblocked);
  EXPECT_EQ(client_->Take(), "+DONE|");
}

TEST_F(TakeoverTest, FailsWhenTheNodeChangesItsRole) {
  client_->Call("SET a 1");
  TakeOver(replica_);
  master_.master().DropLinks("");
  ExpectActive(true);
  EXPECT_EQ(master_.LogCount(kEnds), 0);
}

TEST_F(TakeoverTest, IsConcludedWhenTheNodeChangesItsRole) {
  TakeOver(replica_);
  master_.master().DropLinks("");
  EXPECT_EQ(master_.LogCount(kEnds), 1);
  master_.node().AdvanceMs(5000);
  EXPECT_EQ(master_.LogCount(kEnds), 1);
}

class TestRouter final : public SlotRouter {
 public:
  std::string RefusalOf(uint16_t) const override { return "MOVED"; }
  void OnTakenOver(absl::string_view node_id) override { taken_over_by.emplace_back(node_id); }
  void OnPromoted() override {}

  std::vector<std::string> taken_over_by;
};

TEST(TakeoverInACluster, TheNodeStaysAndNamesTheReplica) {
  MasterHarness master(2, "yes");
  TestRouter router;
  master.server().set_slot_router(&router);
  TestReplica replica(&master);
  replica.Follow();
  EXPECT_EQ(replica.control()->Call(absl::StrCat("DFLY TAKEOVER 5 ", replica.sync_id())), "+OK|");
  EXPECT_EQ(router.taken_over_by.size(), 0u);
  replica.control()->HangUp();
  EXPECT_EQ(router.taken_over_by, std::vector<std::string>{"node-7001"});
  master.node().AdvanceMs(5000);
  EXPECT_EQ(router.taken_over_by.size(), 1u);
  EXPECT_EQ(master.LogCount(kEnds), 0);
  EXPECT_EQ(master.server().service_state.load(), ServiceState::kTakenOver);
}

}  // namespace
}  // namespace damselfly
