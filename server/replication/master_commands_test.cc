#include "server/replication/master_commands.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/replication/master_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

class MasterCommandsTest : public ::testing::Test {
 protected:
  std::string Call(absl::string_view line) { return client_->Call(line); }

  MasterHarness master_;
  Client* client_ = master_.node().Connect();
};

// ---- REPLCONF ----

TEST_F(MasterCommandsTest, ReplconfTakesWhatAReplicaSaysOfItself) {
  EXPECT_EQ(Call("REPLCONF listening-port 7001 ip-address 10.0.0.9 client-id abc capa eof capa "
                 "damselfly version 1"),
            "+OK|");
  EXPECT_EQ(Call("replconf LISTENING-PORT 7002"), "+OK|");
  Call("DFLY SYNC ?");
  const std::vector<ReplicaFacts> facts = master_.master().Facts();
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].host, "10.0.0.9");
  EXPECT_EQ(facts[0].port, 7002);
  EXPECT_EQ(facts[0].node_id, "abc");
  EXPECT_EQ(facts[0].state, "preparation");
}

TEST_F(MasterCommandsTest, AReplicaThatNamesNoAddressIsWhereItComesFrom) {
  master_.node().Set(Parameter::protected_mode, "no");
  Client* const replica = master_.node().Connect(0, "10.1.2.3");
  replica->Call("REPLCONF listening-port 7001 capa damselfly");
  replica->Call("DFLY SYNC ?");
  EXPECT_EQ(master_.master().Facts()[0].host, "10.1.2.3");
}

TEST_F(MasterCommandsTest, ReplconfRefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Call("REPLCONF nosuch 1"), "-ERR Unrecognized REPLCONF option: nosuch|");
  EXPECT_EQ(Call("REPLCONF " + std::string(1000, 'a') + " 1"),
            "-ERR Unrecognized REPLCONF option: " + std::string(128, 'a') + "|");
  EXPECT_EQ(Call("REPLCONF listening-port"), "-ERR syntax error|");
  EXPECT_EQ(Call("REPLCONF capa eof listening-port"), "-ERR syntax error|");
  EXPECT_EQ(Call("REPLCONF listening-port x"), "-ERR value is not an integer or out of range|");
  EXPECT_EQ(Call("REPLCONF listening-port 65536"), "-ERR port is out of range|");
  EXPECT_EQ(Call("REPLCONF listening-port -1"), "-ERR port is out of range|");
  EXPECT_EQ(Call("REPLCONF version x"), "-ERR value is not an integer or out of range|");
  EXPECT_EQ(Call("REPLCONF ip-address a,state=online"), "-ERR syntax error|");
  EXPECT_EQ(Call("REPLCONF ip-address " + std::string(256, 'a')), "-ERR syntax error|");
  EXPECT_EQ(Call("REPLCONF client-id \"a b\""), "-ERR syntax error|");
  EXPECT_EQ(Call("REPLCONF GETACK *"), "+OK|");
}

TEST_F(MasterCommandsTest, AnAckOfSomebodyWhoIsNoReplicaGoesUnanswered) {
  EXPECT_EQ(Call("REPLCONF ACK 1 2"), "");
  EXPECT_EQ(Call("REPLCONF ACK x"), "");
  EXPECT_EQ(Call("REPLCONF ACK"), "");
  EXPECT_EQ(Call("PING"), "+PONG|");
}

TEST_F(MasterCommandsTest, AReplicaIsNoMaster) {
  master_.server().is_replica = true;
  for (const char* line : {"REPLCONF listening-port 1", "REPLCONF ACK 1", "DFLY SYNC ?",
                           "DFLY FLOW 1 0", "DFLY START 1", "DFLY TAKEOVER 1 1"}) {
    EXPECT_EQ(Call(line), "-ERR Replicating a replica is unsupported|") << line;
  }
}

// ---- DFLY ----

TEST_F(MasterCommandsTest, DflyRefusesWhatItDoesNotKnow) {
  for (const char* line : {"DFLY NOSUCH", "DFLY SYNC", "DFLY FLOW 1", "DFLY FLOW 1 2 3",
                           "DFLY START", "DFLY TAKEOVER 1", "DFLY TAKEOVER 1 2 3"}) {
    EXPECT_EQ(Call(line), "-ERR syntax error|") << line;
  }
  EXPECT_EQ(Call("MULTI|DFLY SYNC ?|DISCARD"),
            "+OK|-ERR Command not allowed inside a transaction|+OK|");
  EXPECT_EQ(Call("MULTI|REPLCONF capa x|EXEC"),
            "+OK|+QUEUED|*1|-ERR Command not allowed inside a transaction|");
}

TEST_F(MasterCommandsTest, SyncWantsAGreetingFirst) {
  EXPECT_EQ(Call("DFLY SYNC ?"), "-ERR invalid state|");
  Call("REPLCONF capa eof capa psync2");
  EXPECT_EQ(Call("DFLY SYNC ?"), "-ERR invalid state|");
  EXPECT_EQ(master_.journal(), nullptr);
}

TEST_F(MasterCommandsTest, SyncChecksItsArguments) {
  Call("REPLCONF capa damselfly");
  EXPECT_EQ(Call("DFLY SYNC x"), "-ERR syntax error|");
  EXPECT_EQ(Call("DFLY SYNC ? 1"), "-ERR syntax error|");
  const std::string sync = absl::StrCat("DFLY SYNC ", MasterHarness::kLineageId);
  for (const char* position : {"x", "-1", "99999999999999999999"}) {
    EXPECT_EQ(Call(absl::StrCat(sync, " ", position)),
              "-ERR value is not an integer or out of range|");
  }
  EXPECT_EQ(master_.master().Facts().size(), 0u);
}

TEST_F(MasterCommandsTest, WrongPositionsMeanAFullSync) {
  const std::string id(MasterHarness::kLineageId);
  const std::string other(40, 'f');
  for (const std::string& arguments :
       {id, id + " 1", id + " 1 1 1", id + " 2 1", id + " 0 1", other + " 1 1"}) {
    TestReplica replica(&master_);
    EXPECT_EQ(replica.Sync(arguments).substr(0, 15), "*4|$4|FULL|$40|") << arguments;
  }
}

TEST_F(MasterCommandsTest, OneConnectionIsOneLink) {
  TestReplica replica(&master_);
  EXPECT_EQ(replica.greeting(), "+OK|");
  replica.Sync();
  EXPECT_EQ(replica.control()->Call("DFLY SYNC ?"), "-ERR invalid state|");
  EXPECT_EQ(replica.state(), "preparation");
}

TEST_F(MasterCommandsTest, SyncIsRefusedWithoutAJournalToFollow) {
  master_.refuses_journal = true;
  TestReplica replica(&master_);
  EXPECT_EQ(replica.Sync(), "-ERR invalid state|");
}

TEST_F(MasterCommandsTest, SyncTellsTheLineageAndTheLanes) {
  TestReplica replica(&master_);
  EXPECT_EQ(replica.Sync(), absl::StrCat("*4|$4|FULL|$40|", MasterHarness::kLineageId, "|:1|:2|"));
  EXPECT_EQ(replica.flow_replies(), (std::vector<std::string>{"+OK|", "+OK|"}));
}

TEST_F(MasterCommandsTest, FlowsAreAttachedOnceAndWhereTheyBelong) {
  TestReplica replica(&master_);
  replica.control()->Call("DFLY SYNC ?");
  EXPECT_EQ(Call("DFLY FLOW x 0"), "-ERR bad sync id|");
  EXPECT_EQ(Call("DFLY FLOW -1 0"), "-ERR bad sync id|");
  EXPECT_EQ(Call("DFLY FLOW 77 0"), "-ERR syncid not found|");
  EXPECT_EQ(Call("DFLY FLOW 1 x"), "-ERR value is not an integer or out of range|");
  EXPECT_EQ(Call("DFLY FLOW 1 2"), "-ERR value is not an integer or out of range|");
  EXPECT_EQ(Call("DFLY FLOW 1 -1"), "-ERR value is not an integer or out of range|");
  EXPECT_EQ(replica.control()->Call("DFLY FLOW 1 0"), "-ERR invalid state|");
  EXPECT_EQ(Call("DFLY FLOW 1 0|DFLY FLOW 1 1"), "+OK|");
  Client* const other = master_.node().Connect(1);
  EXPECT_EQ(other->Call("DFLY FLOW 1 0"), "-ERR invalid state|");
  EXPECT_EQ(other->Call("DFLY FLOW 1 1"), "+OK|");
}

TEST_F(MasterCommandsTest, StartWantsAllFlowsAndItsOwnConnection) {
  TestReplica replica(&master_);
  replica.control()->Call("DFLY SYNC ?");
  EXPECT_EQ(replica.control()->Call("DFLY START x"), "-ERR bad sync id|");
  EXPECT_EQ(replica.control()->Call("DFLY START 2"), "-ERR syncid not found|");
  EXPECT_EQ(replica.control()->Call("DFLY START 1"), "-ERR invalid state|");
  master_.node().Connect()->Call("DFLY FLOW 1 0");
  EXPECT_EQ(replica.control()->Call("DFLY START 1"), "-ERR invalid state|");
  master_.node().Connect()->Call("DFLY FLOW 1 1");
  EXPECT_EQ(Call("DFLY START 1"), "-ERR invalid state|");
  EXPECT_EQ(replica.control()->Call("DFLY START 1"), "*2|:1|:1|");
  EXPECT_EQ(replica.control()->Call("DFLY START 1"), "-ERR invalid state|");
}

TEST_F(MasterCommandsTest, StartIsRefusedWhenTheJournalIsNoLongerWritten) {
  TestReplica replica(&master_);
  replica.Sync();
  master_.store().set_change_sink(nullptr);
  EXPECT_EQ(replica.Start(), "-ERR invalid state|");
  master_.store().set_change_sink(master_.journal().get());
}

TEST_F(MasterCommandsTest, ReplicaOffsetTellsHowFarEachLaneIs) {
  EXPECT_EQ(Call("DFLY REPLICAOFFSET"), "*2|:0|:0|");
  TestReplica replica(&master_);
  replica.Sync();
  EXPECT_EQ(Call("DFLY REPLICAOFFSET"), "*2|:1|:1|");
  // Slot 15495, lane 1.
  EXPECT_EQ(Call("SET a 1|SET a 2|DFLY REPLICAOFFSET"), "+OK|+OK|*2|:1|:3|");
}

TEST_F(MasterCommandsTest, HelpExplains) { EXPECT_EQ(Call("DFLY HELP").substr(0, 6), "*13|+D"); }

}  // namespace
}  // namespace damselfly
