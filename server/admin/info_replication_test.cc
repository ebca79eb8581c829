#include "server/admin/info_replication.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

class FixedView final : public ReplicationView {
 public:
  ReplicationFacts Facts() const override { return facts; }
  ReplicationFacts facts;
};

class InfoReplicationTest : public testing::Test {
 protected:
  std::string Text() {
    std::string text;
    WriteInfoReplication(node_.server(), &text);
    return text;
  }
  SessionHarness node_;
  FixedView view_;
};

TEST_F(InfoReplicationTest, ANodeByItselfIsAMasterWithItsRunIdAsLineage) {
  EXPECT_TRUE(absl::StartsWith(Text(), "role:master\r\nconnected_slaves:0\r\n"));
  EXPECT_TRUE(absl::StrContains(
      Text(), absl::StrCat("\r\nmaster_replid:", node_.server().run_id(), "\r\n")));
}

TEST_F(InfoReplicationTest, AMasterListsItsReplicas) {
  node_.server().set_replication(&view_);
  view_.facts.lineage_id = std::string(40, 'a');
  view_.facts.journal_records = 77;
  view_.facts.replicas = {{"10.0.0.1", 6380, "r1", "online", 3, 120},
                          {"10.0.0.2", 6381, "r2", "full_sync", 0, 0}};
  EXPECT_TRUE(
      absl::StartsWith(Text(),
                       "role:master\r\nconnected_slaves:2\r\n"
                       "slave0:ip=10.0.0.1,port=6380,state=online,lag=3,lag_bytes=120\r\n"
                       "slave1:ip=10.0.0.2,port=6381,state=full_sync,lag=0,lag_bytes=0\r\n"))
      << Text();
  EXPECT_TRUE(
      absl::StrContains(Text(), absl::StrCat("\r\nmaster_replid:", std::string(40, 'a'), "\r\n")));
  EXPECT_TRUE(absl::StrContains(Text(), "\r\nmaster_repl_offset:77\r\nsecond_repl_offset:-1\r\n"));
  view_.facts.previous_lineage_id = std::string(40, 'b');
  view_.facts.fork_records = 55;
  EXPECT_TRUE(
      absl::StrContains(Text(), absl::StrCat("\r\nmaster_replid2:", std::string(40, 'b'), "\r\n")));
  EXPECT_TRUE(absl::StrContains(Text(), "\r\nsecond_repl_offset:55\r\n"));
  node_.Set(Parameter::info_replication_valkey_compatible, "no");
  EXPECT_TRUE(absl::StrContains(Text(), "state=stable_sync,lag=3"));
}

TEST_F(InfoReplicationTest, AReplicaTellsOfItsMasterAndOfItsOffsetOnceItHasOne) {
  node_.server().set_replication(&view_);
  view_.facts.is_replica = true;
  view_.facts.master_host = "master.example";
  view_.facts.master_port = 6379;
  view_.facts.sync_in_progress = true;
  view_.facts.last_io_seconds = 2;
  EXPECT_TRUE(absl::StartsWith(Text(),
                               "role:slave\r\nmaster_host:master.example\r\nmaster_port:6379\r\n"
                               "master_link_status:down\r\nmaster_last_io_seconds_ago:2\r\n"
                               "master_sync_in_progress:1\r\nslave_priority:100\r\n"
                               "slave_read_only:1\r\npsync_attempts:0\r\npsync_successes:0\r\n"))
      << Text();
  view_.facts.sync_in_progress = false;
  view_.facts.link_up = true;
  view_.facts.applied_records = 9;
  EXPECT_TRUE(
      absl::StrContains(Text(), "\r\nmaster_sync_in_progress:0\r\nslave_repl_offset:9\r\n"));
  EXPECT_TRUE(absl::StrContains(Text(), "\r\nmaster_link_status:up\r\n"));
  node_.Set(Parameter::info_replication_valkey_compatible, "no");
  EXPECT_TRUE(absl::StartsWith(Text(), "role:replica\r\n"));
}

TEST_F(InfoReplicationTest, HelloTellsTheRoleToo) {
  SessionHarness::Client* client = node_.Connect();
  EXPECT_TRUE(absl::StrContains(client->Call("HELLO"), "|$4|role|$6|master|"));
  node_.server().is_replica = true;
  EXPECT_TRUE(absl::StrContains(client->Call("HELLO"), "|$4|role|$5|slave|"));
}

}  // namespace
}  // namespace damselfly
