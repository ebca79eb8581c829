// What a cluster's configuration means for a replica, and when masters and replicas change places.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/cluster/cluster_harness.h"

namespace damselfly {
namespace {

class FixedView final : public ReplicationView {
 public:
  ReplicationFacts Facts() const override { return facts; }
  ReplicationFacts facts;
};

// Shard one has the slots up to `last` and the nodes "me" and "mate"; "other" has the rest.
std::string Config(absl::string_view master, absl::string_view replica, int last) {
  return absl::StrCat(
      R"([{"slot_ranges":[{"start":0,"end":)", last, R"(}],"master":{"id":")", master,
      R"(","ip":"h-)", master, R"(","port":1},"replicas":[{"id":")", replica, R"(","ip":"h-)",
      replica, R"(","port":2}]},)", R"({"slot_ranges":[{"start":)", last + 1,
      R"(,"end":16383}],"master":{"id":"other","ip":"h-other","port":3},)", R"("replicas":[]}])");
}

// Slots of these keys: x 16287, Y 3036, X 7165.
class ClusterRolesTest : public testing::Test {
 protected:
  std::string Call(absl::string_view lines) { return node_.Call(lines); }
  void Become(ServiceState state, Store::Access access, bool is_replica) {
    node_.store().LockAll();
    node_.node().server().service_state = state;
    node_.node().server().is_replica = is_replica;
    node_.store().set_access(access);
    node_.store().UnlockAll();
  }
  void BecomeReplica() { Become(ServiceState::kActive, Store::Access::kReadOnly, true); }
  void BecomeMaster() { Become(ServiceState::kActive, Store::Access::kReadWrite, false); }
  void BecomeTakenOver() { Become(ServiceState::kTakenOver, Store::Access::kNone, false); }
  // The takeover has failed.
  void Reopen() {
    node_.store().LockAll();
    node_.cluster().OnReopening();
    node_.store().UnlockAll();
    BecomeMaster();
  }
  // A replica that has these keys, by whatever its master has sent it.
  void Replicate(absl::string_view key) {
    Database db(&node_.store(), 0, 1, &node_.store().counters(0));
    db.SetString(node_.store().MakeKey(key), "1", Database::Expiry::None());
  }

  ClusterHarness node_;
};

TEST_F(ClusterRolesTest, TheFirstConfigurationOfAReplicaDeletesNothing) {
  BecomeReplica();
  Replicate("x");
  Replicate("Y");
  EXPECT_EQ(node_.Push(Config("mate", "me", 8191)), "+OK|");
  EXPECT_EQ(Call("DBSIZE"), ":2|");
  EXPECT_EQ(Call("GET Y"), "$1|1|");
  EXPECT_EQ(Call("GET x"), "-MOVED 16287 h-other:3|");
  EXPECT_EQ(Call("SET Y 2"), "-READONLY You can't write against a read only replica.|");
}

TEST_F(ClusterRolesTest, AReplicaKeepsTheKeysOfSlotsThatItLoses) {
  BecomeReplica();
  node_.Push(Config("mate", "me", 8191));
  Replicate("X");
  Call("WATCH X|MULTI|GET X");
  EXPECT_EQ(node_.node().Connect()->Call("PING"), "+PONG|");
  SessionHarness::Client* const pusher = node_.node().Connect();
  const std::string json = Config("mate", "me", 5000);
  EXPECT_EQ(pusher->SendRaw(absl::StrCat("*3\r\n$11\r\nDFLYCLUSTER\r\n$6\r\nCONFIG\r\n$",
                                         json.size(), "\r\n", json, "\r\n")),
            "+OK|");
  EXPECT_TRUE(absl::StartsWith(Call("EXEC"), "-MOVED 7165 ")) << "the slot is closed";
  EXPECT_EQ(Call("GET X"), "-MOVED 7165 h-other:3|");
  EXPECT_EQ(Call("DBSIZE"), ":1|");
  EXPECT_EQ(node_.Push(Config("mate", "me", 8191)), "+OK|");
  EXPECT_EQ(Call("GET X"), "$1|1|");
}

TEST_F(ClusterRolesTest, APromotedNodeTakesItsMastersPlace) {
  BecomeReplica();
  node_.Push(Config("mate", "me", 8191), "7");
  Replicate("Y");
  Replicate("x");
  BecomeMaster();
  node_.cluster().OnPromoted();
  EXPECT_EQ(Call("SET Y 2|GET Y"), "+OK|$1|2|");
  EXPECT_EQ(node_.cluster().topology()->epoch(), 7);
  const std::string nodes = Call("CLUSTER NODES");
  EXPECT_TRUE(absl::StrContains(nodes, "me h-me:2@2 myself,master - 0 0 0 connected 0-8191\n"))
      << nodes;
  EXPECT_FALSE(absl::StrContains(nodes, "mate")) << nodes;
}

TEST_F(ClusterRolesTest, TheFirstConfigurationBehindAPromotionRemovesForeignKeys) {
  BecomeReplica();
  node_.Push(Config("mate", "me", 8191));
  Replicate("Y");
  Replicate("x");
  BecomeMaster();
  node_.cluster().OnPromoted();
  EXPECT_EQ(Call("GET x"), "-MOVED 16287 h-other:3|");
  EXPECT_EQ(Call("DBSIZE"), ":2|");
  EXPECT_EQ(node_.Push(Config("me", "mate", 8191)), "+OK|");
  EXPECT_EQ(Call("DBSIZE"), ":1|");
  EXPECT_EQ(Call("GET Y"), "$1|1|");
}

// Its own configuration may be older than its master's was.
TEST_F(ClusterRolesTest, APromotedNodeKeepsWhatTheNextConfigurationGivesIt) {
  BecomeReplica();
  node_.Push(Config("mate", "me", 5000));
  Replicate("X");
  BecomeMaster();
  node_.cluster().OnPromoted();
  EXPECT_EQ(Call("GET X"), "-MOVED 7165 h-other:3|");
  EXPECT_EQ(node_.Push(Config("me", "mate", 8191)), "+OK|");
  EXPECT_EQ(Call("GET X"), "$1|1|");
}

TEST_F(ClusterRolesTest, APromotedNodeThatItsConfigurationDoesNotNameLosesNothing) {
  BecomeReplica();
  node_.Push(Config("mate", "someone", 8191));
  Replicate("Y");
  Replicate("X");
  BecomeMaster();
  node_.cluster().OnPromoted();
  node_.node().runtime().RunReady();
  EXPECT_EQ(Call("DBSIZE"), ":2|");
  EXPECT_EQ(Call("GET Y"), "-MOVED 3036 h-mate:1|");
  EXPECT_EQ(node_.Push(Config("me", "mate", 8191)), "+OK|");
  EXPECT_EQ(Call("GET Y|GET X"), "$1|1|$1|1|");
}

TEST_F(ClusterRolesTest, AMasterThatIsTakenOverSendsClientsToItsReplica) {
  node_.Push(Config("me", "mate", 8191));
  Call("SET Y 1");
  BecomeTakenOver();
  node_.cluster().OnTakenOver("mate");
  EXPECT_EQ(Call("GET Y|SET Y 2"), "-MOVED 3036 h-mate:2|-MOVED 3036 h-mate:2|");
  EXPECT_EQ(Call("GET x"), "-MOVED 16287 h-other:3|");
  EXPECT_EQ(node_.store().KeyCount(0), 1u) << "its data stays until it is a replica again";
  EXPECT_EQ(node_.cluster().topology()->own_shard(), nullptr);
  for (const Shard& shard : node_.cluster().topology()->config().shards())
    EXPECT_EQ(shard.replicas_size(), 0);
}

// What it has is what the replica will have, should the takeover succeed.
TEST_F(ClusterRolesTest, SlotsThatAreLostDuringATakeoverAreEmptyWhenItHasFailed) {
  node_.Push(Config("me", "mate", 8191));
  Call("SET X 1|SET Y 1");
  BecomeTakenOver();
  EXPECT_EQ(node_.Push(Config("me", "mate", 5000)), "+OK|");
  EXPECT_EQ(node_.store().KeyCount(0), 2u);
  Reopen();
  EXPECT_EQ(node_.store().KeyCount(0), 1u);
  EXPECT_EQ(Call("GET Y"), "$1|1|");
  EXPECT_EQ(node_.Push(Config("me", "mate", 8191)), "+OK|");
  EXPECT_EQ(Call("GET X"), "$-1|");
}

TEST_F(ClusterRolesTest, ASlotThatIsLostAndComesBackDuringATakeoverIsEmptyWhenItHasFailed) {
  node_.Push(Config("me", "mate", 8191));
  Call("SET X 1|SET Y 1");
  BecomeTakenOver();
  node_.Push(Config("me", "mate", 5000));
  node_.Push(Config("me", "mate", 8191));
  Reopen();
  EXPECT_EQ(Call("GET X|GET Y"), "$-1|$1|1|");
  Call("SET X 2");
  BecomeTakenOver();
  Reopen();
  EXPECT_EQ(Call("GET X"), "$1|2|") << "lost once, emptied once";
}

TEST_F(ClusterRolesTest, APromotedNodeForgetsWhatItLostAsAMasterThatWasTakenOver) {
  node_.Push(Config("me", "mate", 8191));
  BecomeTakenOver();
  node_.Push(Config("me", "mate", 5000));
  BecomeReplica();
  node_.Push(Config("me", "mate", 8191));
  Replicate("X");
  BecomeMaster();
  node_.cluster().OnPromoted();
  BecomeTakenOver();
  Reopen();
  EXPECT_EQ(Call("GET X"), "$1|1|");
}

TEST_F(ClusterRolesTest, ATakeoverByANodeThatIsNotInTheConfigurationIsLogged) {
  node_.Push(Config("me", "mate", 8191));
  BecomeTakenOver();
  const auto before = node_.cluster().topology();
  node_.cluster().OnTakenOver("stranger");
  EXPECT_EQ(node_.cluster().topology(), before);
  EXPECT_TRUE(absl::StrContains(node_.node().runtime().log.back(),
                                "Slot redirection after takeover corrupted."));
}

TEST_F(ClusterRolesTest, AConfigurationThatAlreadyKnowsOfTheTakeoverStays) {
  node_.Push(Config("mate", "me", 8191));
  BecomeTakenOver();
  const auto before = node_.cluster().topology();
  node_.cluster().OnTakenOver("mate");
  EXPECT_EQ(node_.cluster().topology(), before);
}

// REPLICAOF NO ONE drops the links of whom it is sent to: a takeover that was waiting for them is
// through at the same time, and may be told of behind the promotion.
TEST_F(ClusterRolesTest, AMasterThatIsMadeOneAgainAsItIsTakenOverRemovesNothingByItself) {
  node_.Push(Config("me", "mate", 8191));
  Call("SET Y 1");
  BecomeTakenOver();
  BecomeMaster();
  node_.cluster().OnPromoted();
  node_.cluster().OnTakenOver("mate");
  EXPECT_EQ(Call("GET Y"), "-MOVED 3036 h-mate:2|");
  EXPECT_EQ(node_.store().KeyCount(0), 1u);
  // Whose the slots are now has been said by somebody.
  EXPECT_EQ(node_.Push(Config("mate", "someone", 8191)), "+OK|");
  EXPECT_EQ(node_.store().KeyCount(0), 0u);
}

TEST_F(ClusterRolesTest, WithoutAConfigurationNothingIsEdited) {
  BecomeTakenOver();
  node_.cluster().OnTakenOver("mate");
  BecomeMaster();
  node_.cluster().OnPromoted();
  node_.node().runtime().RunReady();
  EXPECT_EQ(node_.cluster().topology(), nullptr);
}

TEST_F(ClusterRolesTest, ConfigurationsAreTakenWhileLoadingAndSlotsAreNotFlushed) {
  Become(ServiceState::kLoading, Store::Access::kNone, true);
  constexpr char kIsLoading[] = "-LOADING Damselfly is loading the dataset in memory|";
  EXPECT_EQ(node_.Push(Config("mate", "me", 8191)), "+OK|");
  EXPECT_EQ(Call("CLUSTER MYID"), "+me|");
  EXPECT_TRUE(absl::StartsWith(Call("CLUSTER INFO"), "$"));
  EXPECT_EQ(Call("CLUSTER NOSUCH").substr(0, 5), "-ERR ");
  EXPECT_EQ(Call("DFLYCLUSTER FLUSHSLOTS 0 10"), kIsLoading);
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO SLOTS 0"), kIsLoading);
  EXPECT_EQ(Call("CLUSTER GETKEYSINSLOT 0 1"), kIsLoading);
  EXPECT_EQ(Call("READONLY"), kIsLoading);
  BecomeReplica();
  Replicate("Y");
  EXPECT_EQ(Call("DFLYCLUSTER FLUSHSLOTS 0 16383"),
            "-READONLY You can't write against a read only replica.|");
  EXPECT_EQ(Call("DBSIZE"), ":1|");
}

TEST(EmulatedTopology, OfAMasterHasTheReplicasThatAreConnected) {
  ClusterHarness node("emulated");
  FixedView view;
  node.node().server().set_replication(&view);
  view.facts.replicas = {{"10.0.0.7", 6380, "r1", "online", 0, 0}};
  const std::string slots = node.Call("CLUSTER SLOTS");
  EXPECT_TRUE(absl::StrContains(slots, "*3|$8|10.0.0.7|:6380|$2|r1|")) << slots;
}

TEST(EmulatedTopology, OfAReplicaHasItsMasterWithoutAnIdAndItself) {
  ClusterHarness node("emulated");
  FixedView view;
  node.node().server().set_replication(&view);
  view.facts.is_replica = true;
  view.facts.master_host = "master.example";
  view.facts.master_port = 7777;
  EXPECT_EQ(
      node.Call("CLUSTER SLOTS"),
      absl::StrCat("*1|*4|:0|:16383|*3|$14|master.example|:7777|$0||*3|$9|127.0.0.1|:6379|$40|",
                   node.cluster().node_id(), "|"));
}

}  // namespace
}  // namespace damselfly
