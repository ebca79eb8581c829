#include "server/cluster/cluster.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/cluster/cluster_harness.h"

namespace damselfly {
namespace {

std::string ShardJson(absl::string_view id, int port, int start, int end) {
  const std::string ranges =
      start > end ? "" : absl::StrCat(R"({"start":)", start, R"(,"end":)", end, "}");
  return absl::StrCat(R"({"slot_ranges":[)", ranges, R"(],"master":{"id":")", id,
                      R"(","ip":"10.0.0.1","port":)", port, R"(},"replicas":[]})");
}

// "me" has the slots up to `last`, "other" the ones behind.
std::string Split(int last) {
  return absl::StrCat("[", ShardJson("me", 7000, 0, last), ",",
                      ShardJson("other", 7001, last + 1, 16383), "]");
}

// Slots of these keys: x 16287, Y 3036, X 7165.
class ClusterTest : public testing::Test {
 protected:
  std::string Call(absl::string_view lines) { return node_.Call(lines); }
  ClusterHarness node_;
};

TEST_F(ClusterTest, NothingIsServedBeforeTheFirstConfiguration) {
  EXPECT_EQ(Call("GET x"), "-ERR Cluster is not yet configured|");
  EXPECT_EQ(Call("SET x 1"), "-ERR Cluster is not yet configured|");
  EXPECT_EQ(Call("MGET x Y"), "-CROSSSLOT Keys in request don't hash to the same slot|");
  EXPECT_EQ(Call("CLUSTER SLOTS"), "-ERR Cluster is not yet configured|");
  EXPECT_EQ(Call("CLUSTER SHARDS"), "-ERR Cluster is not yet configured|");
  EXPECT_EQ(Call("CLUSTER NODES"), "-ERR Cluster is not yet configured|");
  EXPECT_EQ(Call("CLUSTER KEYSLOT x"), ":16287|");
  EXPECT_EQ(Call("CLUSTER MYID"), "+me|");
  EXPECT_EQ(Call("DBSIZE"), ":0|");
}

TEST_F(ClusterTest, AConfigurationOpensTheOwnSlotsAndRedirectsTheOthers) {
  EXPECT_EQ(node_.Push(Split(8191)), "+OK|");
  EXPECT_EQ(Call("SET Y 1"), "+OK|");
  EXPECT_EQ(Call("SET x 1"), "-MOVED 16287 10.0.0.1:7001|");
  EXPECT_EQ(Call("MGET x Y"), "-CROSSSLOT Keys in request don't hash to the same slot|");
}

TEST_F(ClusterTest, LostSlotsLoseTheirKeysAndKeptSlotsKeepTheirs) {
  node_.Push(Split(8191));
  Call("SET Y 1|SET X 1");
  EXPECT_EQ(node_.Push(Split(5000)), "+OK|");
  EXPECT_EQ(Call("GET Y"), "$1|1|");
  EXPECT_EQ(Call("GET X"), "-MOVED 7165 10.0.0.1:7001|");
  EXPECT_EQ(Call("DBSIZE"), ":1|");
  EXPECT_EQ(Call("CLUSTER COUNTKEYSINSLOT 7165"), ":0|");
  EXPECT_EQ(node_.Push(Split(8191)), "+OK|");
  EXPECT_EQ(Call("GET X"), "$-1|");
}

TEST_F(ClusterTest, AnEqualConfigurationDisturbsNobody) {
  node_.Push(Split(8191));
  Call("SET Y 1|WATCH Y|MULTI|INCR Y");
  SessionHarness::Client* const other = node_.node().Connect();
  const std::string reordered = absl::StrCat("[", ShardJson("other", 7001, 8192, 16383), ", ",
                                             ShardJson("me", 7000, 0, 8191), "]");
  const auto before = node_.cluster().topology();
  ASSERT_TRUE(node_.cluster().Push(reordered, Topology::kNoEpoch, &node_.store().counters(0)).ok());
  EXPECT_EQ(Call("EXEC"), "*1|:2|");
  EXPECT_EQ(other->Call("GET Y"), "$1|2|");
}

TEST_F(ClusterTest, ARefusedConfigurationChangesNothing) {
  node_.Push(Split(8191));
  Call("SET Y 1");
  const auto before = node_.cluster().topology();
  EXPECT_EQ(node_.Push("[]"),
            "-ERR Invalid cluster configuration. shards: slot 0 is owned by no shard (and 16383 "
            "others)|");
  EXPECT_TRUE(absl::StartsWith(node_.Push("nonsense"), "-ERR Invalid cluster configuration. "));
  EXPECT_EQ(node_.cluster().topology(), before);
  EXPECT_EQ(Call("GET Y"), "$1|1|");
}

TEST_F(ClusterTest, AConfigurationWithAMigrationIsNotSupportedYet) {
  const std::string migrating = absl::StrCat(
      R"([{"slot_ranges":[{"start":0,"end":16383}],"master":{"id":"me","ip":"h","port":1},)",
      R"("replicas":[],"migrations":[{"node_id":"other","ip":"h","port":2,)",
      R"("slot_ranges":[{"start":1,"end":2}]}]},)", ShardJson("other", 7001, 1, 0), "]");
  EXPECT_EQ(node_.Push(migrating),
            "-ERR Invalid cluster configuration. shards[0].migrations: slot migration is not "
            "supported yet|");
}

TEST_F(ClusterTest, AConfigurationThatIsTooLongIsRefusedUnread) {
  node_.node().Set(Parameter::cluster_config_bytes_max, "1024");
  EXPECT_EQ(node_.Push(std::string(1025, '[')),
            "-ERR Invalid cluster configuration. its 1025 bytes are more than the 1024 of "
            "cluster-config-bytes-max|");
}

TEST_F(ClusterTest, ANodeThatTheConfigurationDoesNotKnowServesNothingAndSaysSo) {
  node_.Push(Split(8191));
  Call("SET Y 1");
  const std::string without_me = absl::StrCat("[", ShardJson("other", 6379, 0, 16383), "]");
  EXPECT_EQ(node_.Push(without_me), "+OK|");
  EXPECT_EQ(Call("GET Y"), "-MOVED 3036 10.0.0.1:6379|");
  EXPECT_EQ(Call("DBSIZE"), ":0|");
  EXPECT_EQ(node_.node().runtime().log.back(),
            "This node's id 'me' is not in the cluster configuration, which calls a node on this "
            "port 'other': it serves no slot");
}

TEST_F(ClusterTest, TheFirstConfigurationRemovesWhatForeignSlotsWereFilledWith) {
  for (const int workers : {1, 2}) {
    ClusterHarness node("yes", "me", workers);
    Store& store = node.store();
    Database db(&store, 0, 1, &store.counters(0));
    const Key kept = store.MakeKey("Y");
    const Key foreign = store.MakeKey("x");
    db.SetString(kept, "1", Database::Expiry::None());
    db.SetString(foreign, "1", Database::Expiry::None());
    EXPECT_EQ(node.Push(Split(8191)), "+OK|");
    EXPECT_EQ(node.Call("DBSIZE"), ":1|");
    EXPECT_EQ(node.Call("GET Y"), "$1|1|");
  }
}

TEST_F(ClusterTest, EpochsNeverGoBack) {
  EXPECT_EQ(node_.Push(Split(8191), "17"), "+OK|");
  EXPECT_EQ(node_.Push(Split(5000), "16"),
            "-ERR Stale cluster configuration: epoch 16 is older than 17|");
  EXPECT_EQ(node_.Push(Split(8191), "16"),
            "-ERR Stale cluster configuration: epoch 16 is older than 17|");
  EXPECT_EQ(node_.Push(Split(8191), "17"), "+OK|");
  EXPECT_EQ(node_.Push(Split(5000), "17"),
            "-ERR Stale cluster configuration: epoch 17 belongs to another configuration|");
  EXPECT_EQ(node_.cluster().topology()->epoch(), 17);
  EXPECT_EQ(node_.Push(Split(5000), "18"), "+OK|");
  EXPECT_EQ(node_.cluster().topology()->epoch(), 18);
  // An equal one raises the epoch alone.
  EXPECT_EQ(node_.Push(Split(5000), "20"), "+OK|");
  EXPECT_EQ(node_.cluster().topology()->epoch(), 20);
}

TEST_F(ClusterTest, WithoutAnEpochTheLastConfigurationWinsAndTheEpochStays) {
  node_.Push(Split(8191), "17");
  EXPECT_EQ(node_.Push(Split(5000)), "+OK|");
  EXPECT_EQ(node_.cluster().topology()->epoch(), 17);
  EXPECT_EQ(node_.cluster().topology()->owned_slots().count(), 5001u);
  EXPECT_EQ(node_.Push(Split(8191), "16"),
            "-ERR Stale cluster configuration: epoch 16 is older than 17|");
  // The epoch is still the one's that came with it: its controller may say so again.
  EXPECT_EQ(node_.Push(Split(5000), "17"),
            "-ERR Stale cluster configuration: epoch 17 belongs to another configuration|");
  EXPECT_EQ(node_.Push(Split(8191), "17"), "+OK|");
  EXPECT_EQ(node_.cluster().topology()->owned_slots().count(), 8192u);
}

TEST_F(ClusterTest, EpochsAreNumbers) {
  EXPECT_EQ(node_.Push(Split(8191), "x"), "-ERR value is not an integer or out of range|");
  EXPECT_EQ(node_.Push(Split(8191), "-1"), "-ERR EPOCH must not be negative|");
  EXPECT_EQ(Call("DFLYCLUSTER CONFIG [] EPOK 1"), "-ERR syntax error|");
  EXPECT_EQ(Call("GET Y"), "-ERR Cluster is not yet configured|");
}

TEST_F(ClusterTest, AReplicaServesItsShardAndALostShardIsGone) {
  const std::string json = absl::StrCat(
      R"([{"slot_ranges":[{"start":0,"end":8191}],"master":{"id":"other","ip":"h","port":1},)",
      R"("replicas":[{"id":"me","ip":"h","port":2}]},)", ShardJson("third", 7001, 8192, 16383),
      "]");
  EXPECT_EQ(node_.Push(json), "+OK|");
  EXPECT_EQ(Call("GET Y"), "$-1|");
  EXPECT_EQ(Call("GET x"), "-MOVED 16287 10.0.0.1:7001|");
  EXPECT_EQ(Call("CLUSTER MYSHARDID"), "$5|other|");
}

TEST_F(ClusterTest, BlockedClientsOfLostSlotsAreSentOn) {
  node_.Push(Split(8191));
  SessionHarness::Client* const blocked = node_.node().Connect();
  const uint16_t slots[] = {7165};
  blocked->session()->Block(
      0, [](Session&, Session::Wake) {}, slots);
  EXPECT_EQ(node_.Push(Split(7165)), "+OK|");
  EXPECT_EQ(blocked->Take(), "");
  EXPECT_EQ(node_.Push(Split(7164)), "+OK|");
  EXPECT_EQ(blocked->Take(), "-MOVED 7165 10.0.0.1:7001|");
}

TEST_F(ClusterTest, ShardChannelsAreJudgedAsKeysAreAndGoWithTheirSlots) {
  EXPECT_EQ(Call("SSUBSCRIBE X"), "-ERR Cluster is not yet configured|");
  node_.Push(Split(8191));
  EXPECT_EQ(Call("SPUBLISH x hello"), "-MOVED 16287 10.0.0.1:7001|");
  EXPECT_EQ(Call("SSUBSCRIBE X Y"), "-CROSSSLOT Keys in request don't hash to the same slot|");
  SessionHarness::Client* const subscriber = node_.node().Connect();
  EXPECT_EQ(subscriber->Call("SSUBSCRIBE X|SSUBSCRIBE Y"),
            "*3|$10|ssubscribe|$1|X|:1|*3|$10|ssubscribe|$1|Y|:2|");
  EXPECT_EQ(Call("SPUBLISH X hello"), ":1|");
  EXPECT_EQ(subscriber->Take(), "*3|$8|smessage|$1|X|$5|hello|");
  EXPECT_EQ(node_.Push(Split(5000)), "+OK|");
  EXPECT_EQ(subscriber->Take(), "*3|$12|sunsubscribe|$1|X|:1|");
  EXPECT_EQ(Call("SPUBLISH X again"), "-MOVED 7165 10.0.0.1:7001|");
  EXPECT_EQ(Call("SPUBLISH Y still"), ":1|");
}

TEST_F(ClusterTest, PlainPublicationsStayOnTheNode) {
  SessionHarness::Client* const subscriber = node_.node().Connect();
  EXPECT_EQ(subscriber->Call("SUBSCRIBE news"), "*3|$9|subscribe|$4|news|:1|");
  EXPECT_EQ(Call("PUBLISH news 1"), ":1|");
  EXPECT_EQ(subscriber->Take(), "*3|$7|message|$4|news|$1|1|");
}

TEST(ClusterWithoutMode, RefusesWithTheTextsOfEachCommand) {
  const std::string disabled =
      "-ERR Cluster is disabled. Enabled via passing --cluster_mode=emulated|yes|";
  ClusterHarness off("");
  for (const char* command : {"CLUSTER SLOTS", "CLUSTER INFO", "CLUSTER MYID", "CLUSTER NONSENSE",
                              "CLUSTER KEYSLOT", "READWRITE", "ASKING", "DFLYCLUSTER MYID"}) {
    EXPECT_EQ(off.Call(command), disabled) << command;
  }
  EXPECT_EQ(off.Call("READONLY"), "+OK|");
  const std::string wants_yes = "-ERR Cluster is disabled. Use --cluster_mode=yes to enable.|";
  ClusterHarness emulated("emulated");
  for (const char* command : {"DFLYCLUSTER CONFIG []", "DFLYCLUSTER GETSLOTINFO SLOTS 1",
                              "DFLYCLUSTER FLUSHSLOTS 1 2", "DFLYCLUSTER NONSENSE"}) {
    EXPECT_EQ(off.Call(command), wants_yes) << command;
    EXPECT_EQ(emulated.Call(command), wants_yes) << command;
  }
}

TEST(EmulatedCluster, ServesEverySlotAndEveryDatabase) {
  ClusterHarness node("emulated");
  EXPECT_EQ(node.Call("MSET x 1 Y 2 X 3"), "+OK|");
  EXPECT_EQ(node.Call("SELECT 5|SET x 1|MOVE x 6"), "+OK|+OK|:1|");
  EXPECT_EQ(node.Call("READONLY|READWRITE|ASKING"), "+OK|+OK|+OK|");
  EXPECT_EQ(node.Call("HELLO").find("$4|mode|$7|cluster|") != std::string::npos, true);
}

}  // namespace
}  // namespace damselfly
