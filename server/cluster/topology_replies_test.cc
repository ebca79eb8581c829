// What CLUSTER SLOTS, SHARDS, NODES, REPLICAS and INFO say of a configuration.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "server/cluster/cluster_harness.h"

namespace damselfly {
namespace {

std::string NodeJson(absl::string_view id, int port, absl::string_view health = "online") {
  return absl::StrCat(R"({"id":")", id, R"(","ip":"10.0.0.1","port":)", port, R"(,"health":")",
                      health, "\"}");
}

// Two shards; the second one, with a replica of each health, owns a single slot too.
std::string TwoShards() {
  return absl::StrCat(
      R"([{"slot_ranges":[{"start":5461,"end":16383},{"start":0,"end":0}],"master":)",
      NodeJson("zoe", 7001), R"(,"replicas":[)", NodeJson("r4", 7005, "fail"), ",",
      NodeJson("r1", 7002), ",", NodeJson("r3", 7004, "HIDDEN"), ",",
      NodeJson("r2", 7003, "Loading"), R"(]},{"slot_ranges":[{"start":1,"end":5460}],"master":)",
      NodeJson("me", 7000), R"(,"replicas":[]}])");
}

class TopologyRepliesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(node_.Push(TwoShards()), "+OK|"); }
  ClusterHarness node_;
};

TEST_F(TopologyRepliesTest, SlotsHasAnEntryForEachRangeWithTheMasterAndTheReplicasThatAreOnline) {
  const std::string me = "*3|$8|10.0.0.1|:7000|$2|me|";
  const std::string zoe = "*3|$8|10.0.0.1|:7001|$3|zoe|";
  const std::string r1 = "*3|$8|10.0.0.1|:7002|$2|r1|";
  EXPECT_EQ(node_.Call("CLUSTER SLOTS"),
            absl::StrCat("*3|*3|:1|:5460|", me, "*4|:0|:0|", zoe, r1, "*4|:5461|:16383|", zoe, r1));
}

std::string ShardsNode(absl::string_view id, int port, absl::string_view role,
                       absl::string_view health) {
  return absl::StrCat("*14|$2|id|$", id.size(), "|", id,
                      "|$8|endpoint|$8|10.0.0.1|$2|ip|$8|10.0.0.1|$4|port|:", port, "|$4|role|$",
                      role.size(), "|", role, "|$18|replication-offset|:0|$6|health|$",
                      health.size(), "|", health, "|");
}

TEST_F(TopologyRepliesTest, ShardsAreSortedByMasterWithAllButTheHiddenReplicas) {
  EXPECT_EQ(
      node_.Call("CLUSTER SHARDS"),
      absl::StrCat(
          "*2|*4|$5|slots|*2|:1|:5460|$5|nodes|*1|", ShardsNode("me", 7000, "master", "online"),
          "*4|$5|slots|*4|:0|:0|:5461|:16383|$5|nodes|*4|",
          ShardsNode("zoe", 7001, "master", "online"), ShardsNode("r1", 7002, "replica", "online"),
          ShardsNode("r2", 7003, "replica", "loading"), ShardsNode("r4", 7005, "replica", "fail")));
}

TEST_F(TopologyRepliesTest, ShardsAreMapsInResp3AsRedisHasThem) {
  node_.Call("HELLO 3");
  const std::string shards = node_.Call("CLUSTER SHARDS");
  EXPECT_EQ(shards.substr(0, 12), "*2|%2|$5|slo");
  EXPECT_NE(shards.find("$5|nodes|*1|%7|$2|id|$2|me|"), std::string::npos);
}

TEST_F(TopologyRepliesTest, NodesHasALineForEachEndingInALineFeedAlone) {
  const std::string text =
      "me 10.0.0.1:7000@7000 myself,master - 0 0 0 connected 1-5460\n"
      "zoe 10.0.0.1:7001@7001 master - 0 0 0 connected 0 5461-16383\n"
      "r1 10.0.0.1:7002@7002 slave zoe 0 0 0 connected\n"
      "r2 10.0.0.1:7003@7003 slave zoe 0 0 0 connected\n"
      "r4 10.0.0.1:7005@7005 slave zoe 0 0 0 disconnected\n";
  EXPECT_EQ(node_.Call("CLUSTER NODES"), absl::StrCat("$", text.size(), "|", text, "|"));
}

TEST_F(TopologyRepliesTest, ReplicasAreLinesOfNodes) {
  EXPECT_EQ(node_.Call("CLUSTER REPLICAS me"), "*0|");
  const std::string lines =
      "*3|$47|r1 10.0.0.1:7002@7002 slave zoe 0 0 0 connected|"
      "$47|r2 10.0.0.1:7003@7003 slave zoe 0 0 0 connected|"
      "$50|r4 10.0.0.1:7005@7005 slave zoe 0 0 0 disconnected|";
  EXPECT_EQ(node_.Call("CLUSTER REPLICAS zoe"), lines);
  EXPECT_EQ(node_.Call("CLUSTER SLAVES zoe"), lines);
  EXPECT_EQ(node_.Call("CLUSTER REPLICAS r1"), "-ERR The specified node is not a master|");
  EXPECT_EQ(node_.Call("CLUSTER REPLICAS nobody"), "-ERR Unknown node nobody|");
}

TEST_F(TopologyRepliesTest, FailureReportsAndLinksAreNone) {
  EXPECT_EQ(node_.Call("CLUSTER COUNT-FAILURE-REPORTS r1"), ":0|");
  EXPECT_EQ(node_.Call("CLUSTER COUNT-FAILURE-REPORTS nobody"), "-ERR Unknown node nobody|");
  EXPECT_EQ(node_.Call("CLUSTER LINKS"), "*0|");
}

std::string InfoText(absl::string_view state, int slots, int known, int size, int epoch) {
  return absl::StrCat(
      "cluster_state:", state, "|cluster_slots_assigned:", slots, "|cluster_slots_ok:", slots,
      "|cluster_slots_pfail:0|cluster_slots_fail:0|cluster_known_nodes:", known,
      "|cluster_size:", size, "|cluster_current_epoch:", epoch, "|cluster_my_epoch:", epoch,
      "|cluster_stats_messages_ping_sent:1|cluster_stats_messages_pong_sent:1|cluster_stats_"
      "messages_sent:1|cluster_stats_messages_ping_received:1|cluster_stats_messages_pong_received:"
      "1|cluster_stats_messages_meet_received:0|cluster_stats_messages_received:1|");
}

std::string WithoutHeader(const std::string& bulk) { return bulk.substr(bulk.find('|') + 1); }

TEST_F(TopologyRepliesTest, InfoCountsHiddenNodesTooAndShardsWithSlots) {
  EXPECT_EQ(WithoutHeader(node_.Call("CLUSTER INFO")), InfoText("ok", 16384, 6, 2, 1) + "|");
  ASSERT_EQ(node_.Push(TwoShards(), "17"), "+OK|");
  EXPECT_EQ(WithoutHeader(node_.Call("CLUSTER INFO")), InfoText("ok", 16384, 6, 2, 17) + "|");
}

TEST(ClusterInfo, BeforeTheFirstConfigurationTheStateIsFail) {
  ClusterHarness node;
  EXPECT_EQ(WithoutHeader(node.Call("CLUSTER INFO")), InfoText("fail", 0, 0, 0, 1) + "|");
}

TEST(EmulatedTopology, IsOneShardAtTheAddressThatTheClientHasConnectedTo) {
  ClusterHarness node("emulated");
  const std::string id = node.node().server().run_id();
  EXPECT_EQ(node.Call("CLUSTER SLOTS"),
            absl::StrCat("*1|*3|:0|:16383|*3|$9|127.0.0.1|:6379|$40|", id, "|"));
  EXPECT_EQ(WithoutHeader(node.Call("CLUSTER NODES")),
            absl::StrCat(id, " 127.0.0.1:6379@6379 myself,master - 0 0 0 connected 0-16383\n|"));
  EXPECT_EQ(WithoutHeader(node.Call("CLUSTER INFO")), InfoText("ok", 16384, 1, 1, 1) + "|");
  EXPECT_EQ(node.Call("CLUSTER MYSHARDID"), absl::StrCat("$40|", id, "|"));
}

TEST(EmulatedTopology, ShowsWhatIsToBeAnnounced) {
  ClusterHarness node("emulated");
  node.node().Set(Parameter::cluster_announce_ip, "192.0.2.7");
  node.node().Set(Parameter::announce_port, "7777");
  EXPECT_NE(node.Call("CLUSTER SLOTS").find("*3|$9|192.0.2.7|:7777|"), std::string::npos);
}

}  // namespace
}  // namespace damselfly
