#include "sim/replication/replication_info.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

constexpr char kMaster[] =
    "# Replication\r\nrole:master\r\nconnected_slaves:2\r\n"
    "slave0:ip=10.0.0.3,port=6379,state=online,lag=0,lag_bytes=0\r\n"
    "slave1:ip=10.0.0.2,port=6379,state=stable_sync,lag=0,lag_bytes=0\r\n";
constexpr char kReplica[] =
    "# Replication\r\nrole:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\n"
    "master_link_status:up\r\nmaster_sync_in_progress:0\r\nslave_repl_offset:7\r\n"
    "connected_slaves:0\r\n";

std::string OfMaster(const ReplicationInfo& info) {
  return WhatMasterGetsWrong(info, {"10.0.0.2", "10.0.0.3"});
}

std::string OfReplica(const ReplicationInfo& info, bool link_up) {
  Endpoint master;
  master.host = "10.0.0.1";
  master.port = 6379;
  return WhatReplicaGetsWrong(info, master, link_up);
}

TEST(ReplicationInfo, AMasterTellsOfEachReplica) {
  EXPECT_EQ(OfMaster(ParseReplicationInfo(kMaster)), "");
}

TEST(ReplicationInfo, AReplicaThatIsMissingOrTooManyOrNotOnlineIsFound) {
  EXPECT_EQ(WhatMasterGetsWrong(ParseReplicationInfo(kMaster), {"10.0.0.2"}),
            "connected_slaves is 2 and not 1");
  EXPECT_EQ(WhatMasterGetsWrong(ParseReplicationInfo(kMaster), {"10.0.0.2", "10.0.0.4"}),
            "its replicas are said to be 10.0.0.2 10.0.0.3 and are 10.0.0.2 10.0.0.4");
  ReplicationInfo info = ParseReplicationInfo(kMaster);
  info["slave1"] = "ip=10.0.0.2,port=6379,state=full_sync,lag=0";
  EXPECT_EQ(OfMaster(info), "slave1 is not online: ip=10.0.0.2,port=6379,state=full_sync,lag=0");
  info["role"] = "slave";
  EXPECT_EQ(OfMaster(info), "role is slave and not master");
}

TEST(ReplicationInfo, AReplicaTellsOfItsLink) {
  ReplicationInfo info = ParseReplicationInfo(kReplica);
  EXPECT_EQ(OfReplica(info, true), "");
  EXPECT_EQ(OfReplica(info, false), "master_link_status is up and not down");
  info["master_link_status"] = "down";
  EXPECT_EQ(OfReplica(info, false), "");
}

TEST(ReplicationInfo, AnotherMasterOrASyncOrAReplicaOfAReplicaIsFound) {
  ReplicationInfo info = ParseReplicationInfo(kReplica);
  info["master_host"] = "10.0.0.9";
  EXPECT_NE(OfReplica(info, true), "");
  info = ParseReplicationInfo(kReplica);
  info["master_sync_in_progress"] = "1";
  EXPECT_NE(OfReplica(info, true), "");
  info = ParseReplicationInfo(kReplica);
  info["connected_slaves"] = "1";
  EXPECT_NE(OfReplica(info, true), "");
  info = ParseReplicationInfo(kReplica);
  info.erase("slave_repl_offset");
  EXPECT_NE(OfReplica(info, true), "");
  EXPECT_NE(OfReplica(ParseReplicationInfo(kMaster), true), "");
}

}  // namespace
}  // namespace damselfly::sim
