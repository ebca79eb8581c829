#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/resp/reply_reader.h"
#include "server/resp/request_writer.h"
#include "sim/node/sim_node.h"
#include "sim/world/decider.h"
#include "sim/world/sim_network.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

// A client with one connection, which the test waits for.
class Client final : public StreamHandler {
 public:
  Client(Host* host, Endpoint server) : host_(*host), server_(std::move(server)) {}

  // The reply, on one line; "(closed)" when the connection ends, "(nothing)" after a minute.
  std::string Call(const std::vector<std::string>& words) {
    Send(words);
    return Await();
  }
  void Send(const std::vector<std::string>& words) {
    const std::vector<absl::string_view> views(words.begin(), words.end());
    AppendCommand(&unsent_, views);
    if (stream_ != nullptr) return OnWritable();
    SimRuntime& runtime = host_.runtime();
    runtime.loop(0).Post([this, &runtime] {
      runtime.network().Connect(runtime.loop(0), server_,
                                [this](absl::StatusOr<std::unique_ptr<Stream>> stream) {
                                  if (!stream.ok()) return OnClosed(stream.status());
                                  stream_ = *std::move(stream);
                                  stream_->Start(this);
                                  OnWritable();
                                });
    });
  }
  std::string Await() {
    World& world = host_.world();
    const int64_t end_ns = world.now_ns() + 60 * kSecond;
    while (replies_.empty() && !closed_ && world.now_ns() < end_ns)
      world.RunUntil(world.now_ns() + kMillisecond);
    if (replies_.empty()) return closed_ ? "(closed)" : "(nothing)";
    std::string reply = std::move(replies_.front());
    replies_.erase(replies_.begin());
    return reply;
  }

  void OnData(absl::string_view data) override {
    reader_.Feed(data);
    Reply reply;
    while (reader_.Next(&reply) == ReplyReader::Result::kReply)
      replies_.push_back(DebugString(reply));
  }
  void OnWritable() override {
    const absl::string_view piece = unsent_;
    unsent_.erase(0, stream_->Write({&piece, 1}));
  }
  void OnClosed(const absl::Status&) override { closed_ = true; }

 private:
  Host& host_;
  const Endpoint server_;
  std::string unsent_;
  std::unique_ptr<Stream> stream_;
  ReplyReader reader_;
  std::vector<std::string> replies_;
  bool closed_ = false;
};

class ReplicatedNodes : public testing::Test {
 protected:
  using Words = std::vector<std::string>;

  // A node that runs, and a connection to it.
  struct Member {
    Host* host = nullptr;
    std::unique_ptr<SimNode> node;
    Client* client = nullptr;
    int exit_code = -1;
  };

  Member& Add(const std::string& name, int workers, SimNode::Parameters parameters = {}) {
    members_.push_back(std::make_unique<Member>());
    Member& member = *members_.back();
    member.host = &world_.AddHost(name, workers, 0);
    parameters.emplace_back("enable_debug_command", "yes");
    member.node = std::make_unique<SimNode>(member.host, parameters);
    member.host->set_exit_handler([&member](int code) {
      member.exit_code = code;
      member.node->Kill(Host::Death::kExit);
    });
    member.node->Start();
    Reconnect(member);
    return member;
  }
  void Reconnect(Member& member) {
    // Earlier ones stay: they may still be connecting.
    clients_.push_back(std::make_unique<Client>(&client_host_, member.node->endpoint()));
    member.client = clients_.back().get();
  }

  std::string Call(Member& member, const Words& words) { return member.client->Call(words); }
  std::string Follow(Member& replica, const Member& master) {
    return Call(replica, {"REPLICAOF", master.host->address(), absl::StrCat(SimNode::kPort)});
  }
  void Run(int64_t ms) { world_.RunUntil(world_.now_ns() + ms * kMillisecond); }

  // A field of INFO REPLICATION; "" if there is none.
  std::string Field(Member& member, const std::string& name) {
    const std::string info = Call(member, {"INFO", "REPLICATION"});
    // As a debugger prints it: "\r\n" are four characters.
    for (absl::string_view line : absl::StrSplit(info, "\\r\\n")) {
      if (absl::ConsumePrefix(&line, name + ":")) return std::string(line);
    }
    return "";
  }
  std::string Digest(Member& member) { return Call(member, {"DEBUG", "DIGEST"}); }

  // Until the replica is in step; returns false after a minute.
  bool AwaitOnline(Member& replica) {
    for (int i = 0; i < 600; ++i) {
      if (absl::StrContains(Call(replica, {"ROLE"}), "\"online\"")) return true;
      Run(100);
    }
    return false;
  }
  // Whether `replica` soon has what `master` has.
  bool AwaitEqual(Member& master, Member& replica) {
    for (int i = 0; i < 100; ++i) {
      if (Digest(master) == Digest(replica)) return true;
      Run(100);
    }
    return false;
  }
  void Fill(Member& master, int from, int count) {
    for (int i = from; i < from + count; ++i) {
      ASSERT_EQ(Call(master, {"SET", absl::StrCat("key:", i), absl::StrCat("value:", i)}), "OK");
    }
  }
  uint64_t PartialSyncs(Member& replica) {
    uint64_t count = 0;
    EXPECT_TRUE(absl::SimpleAtoi(Field(replica, "psync_successes"), &count));
    return count;
  }
  // Ends the connections between master and replica.
  void CutLink(Member& master) { Call(master, {"CLIENT", "KILL", "TYPE", "replica"}); }

  SeededDecider decider_{1};
  World world_{&decider_, 1, WorldKnobs()};
  Host& client_host_ = world_.AddHost("client", 1, 0);
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Member>> members_;
};

TEST_F(ReplicatedNodes, AReplicaGetsEverythingAndThenEveryChange) {
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 3);
  Fill(master, 0, 200);
  EXPECT_EQ(Call(master, {"SET", "big", std::string(300'000, 'b')}), "OK");
  EXPECT_EQ(Call(master, {"SET", "number", "17"}), "OK");
  EXPECT_EQ(Call(master, {"SET", "dying", "x", "PX", "60000"}), "OK");
  EXPECT_EQ(Call(master, {"APPEND", "raw", "abc"}), "(integer) 3");
  EXPECT_EQ(Call(replica, {"SET", "own", "1"}), "OK");

  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica)) << world_.LogText();
  EXPECT_TRUE(AwaitEqual(master, replica));
  EXPECT_EQ(Call(replica, {"GET", "key:7"}), "\"value:7\"");
  EXPECT_EQ(Call(replica, {"GET", "own"}), "(nil)");
  EXPECT_EQ(Call(replica, {"SET", "a", "b"}),
            "(error) READONLY You can't write against a read only replica.");
  EXPECT_EQ(Call(master, {"ROLE"}), absl::StrCat("[\"master\", [[\"", replica.host->address(),
                                                 "\", \"6379\", \"online\"]]]"));
  EXPECT_EQ(Call(replica, {"ROLE"}),
            absl::StrCat("[\"slave\", \"", master.host->address(), "\", \"6379\", \"online\"]"));

  Fill(master, 100, 200);
  EXPECT_EQ(Call(master, {"MSET", "a", "1", "b", "2", "c", "3"}), "OK");
  EXPECT_EQ(Call(master, {"SETRANGE", "big", "100", "zzz"}), "(integer) 300000");
  EXPECT_EQ(Call(master, {"DEL", "key:3", "key:4"}), "(integer) 2");
  EXPECT_EQ(Call(master, {"RENAME", "key:5", "renamed"}), "OK");
  EXPECT_EQ(Call(master, {"MULTI"}), "OK");
  EXPECT_EQ(Call(master, {"INCR", "number"}), "QUEUED");
  EXPECT_EQ(Call(master, {"SET", "x", "1"}), "QUEUED");
  EXPECT_EQ(Call(master, {"EXEC"}), "[(integer) 18, OK]");
  EXPECT_EQ(Call(master, {"WAIT", "1", "5000"}), "(integer) 1");
  EXPECT_EQ(Digest(master), Digest(replica));

  EXPECT_EQ(Call(master, {"SWAPDB", "0", "1"}), "OK");
  EXPECT_EQ(Call(master, {"SET", "after", "swap"}), "OK");
  EXPECT_EQ(Call(master, {"WAIT", "1", "5000"}), "(integer) 1");
  EXPECT_EQ(Digest(master), Digest(replica));
  EXPECT_EQ(Call(master, {"FLUSHALL"}), "OK");
  EXPECT_EQ(Call(master, {"SET", "after", "flush"}), "OK");
  EXPECT_EQ(Call(master, {"WAIT", "1", "5000"}), "(integer) 1");
  EXPECT_EQ(Digest(master), Digest(replica));
  EXPECT_EQ(Call(replica, {"DBSIZE"}), "(integer) 1");
  EXPECT_EQ(Field(replica, "master_link_status"), "up");
}

TEST_F(ReplicatedNodes, TheMasterIsAmongAReplicasClientsAndCannotBeKilled) {
  Member& master = Add("a", 2);
  Member& replica = Add("b", 2);
  EXPECT_FALSE(absl::StrContains(Call(replica, {"CLIENT", "LIST", "TYPE", "master"}), "id="));
  ASSERT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  const std::string listed = Call(replica, {"CLIENT", "LIST", "TYPE", "master"});
  EXPECT_TRUE(absl::StrContains(listed, " flags=M ")) << listed;
  const std::string id =
      listed.substr(listed.find("id=") + 3, listed.find(" addr") - listed.find("id=") - 3);
  EXPECT_EQ(Call(replica, {"CLIENT", "KILL", "ID", id}),
            "(error) ERR Cannot kill master link; use REPLICAOF NO ONE");
  EXPECT_EQ(Call(replica, {"CLIENT", "KILL", "TYPE", "master"}), "(integer) 0");
  EXPECT_EQ(Call(replica, {"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_FALSE(absl::StrContains(Call(replica, {"CLIENT", "LIST", "TYPE", "master"}), "id="));
}

TEST_F(ReplicatedNodes, OnlyTheMasterExpires) {
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 1);
  EXPECT_EQ(Call(master, {"SET", "k", "v", "PX", "3000"}), "OK");
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  EXPECT_EQ(Call(replica, {"GET", "k"}), "\"v\"");
  Run(5000);
  EXPECT_EQ(Call(replica, {"GET", "k"}), "(nil)");
  EXPECT_TRUE(AwaitEqual(master, replica));
}

TEST_F(ReplicatedNodes, AReplicaThatComesBackGetsOnlyWhatItMissed) {
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 2);
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  EXPECT_EQ(Field(replica, "psync_attempts"), "0");
  CutLink(master);
  Fill(master, 25, 50);
  ASSERT_TRUE(AwaitOnline(replica));
  EXPECT_TRUE(AwaitEqual(master, replica)) << world_.LogText();
  EXPECT_EQ(PartialSyncs(replica), 1u) << world_.LogText();
}

TEST_F(ReplicatedNodes, WithoutPartialSyncsEverythingComesAgain) {
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 2, {{"replica_partial_sync", "no"}});
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  CutLink(master);
  Fill(master, 25, 50);
  Run(2000);
  ASSERT_TRUE(AwaitOnline(replica));
  EXPECT_TRUE(AwaitEqual(master, replica));
  EXPECT_EQ(PartialSyncs(replica), 0u);
}

TEST_F(ReplicatedNodes, AMasterThatIsSilentIsLeftAndFoundAgain) {
  Member& master = Add("master", 2, {{"replication_timeout", "3000"}});
  Member& replica = Add("replica", 2, {{"replication_timeout", "3000"}});
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  world_.network().Partition(*master.host, *replica.host, world_.now_ns() + 20 * kSecond);
  Fill(master, 25, 50);
  Run(10'000);
  EXPECT_EQ(Field(replica, "master_link_status"), "down");
  EXPECT_EQ(Call(replica, {"GET", "key:1"}), "\"value:1\"");
  Run(12'000);
  ASSERT_TRUE(AwaitOnline(replica)) << world_.LogText();
  EXPECT_TRUE(AwaitEqual(master, replica));
}

TEST_F(ReplicatedNodes, NoOneMakesAMasterThatKeepsItsData) {
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 1);
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  ASSERT_TRUE(AwaitEqual(master, replica));
  EXPECT_EQ(Call(replica, {"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_EQ(Call(replica, {"ROLE"}), "[\"master\", []]");
  EXPECT_EQ(Digest(master), Digest(replica));
  EXPECT_EQ(Call(replica, {"SET", "a", "b"}), "OK");
  EXPECT_NE(Field(master, "master_replid"), Field(replica, "master_replid"));
  Run(2000);
  EXPECT_EQ(Call(master, {"ROLE"}), "[\"master\", []]");
  EXPECT_EQ(Call(replica, {"REPLICAOF", "NO", "ONE"}), "OK");
}

TEST_F(ReplicatedNodes, SiblingsAndTheOldMasterResumeAfterAPromotion) {
  Member& master = Add("master", 2);
  Member& heir = Add("heir", 3);
  Member& sibling = Add("sibling", 1);
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(heir, master), "OK");
  EXPECT_EQ(Follow(sibling, master), "OK");
  ASSERT_TRUE(AwaitOnline(heir));
  ASSERT_TRUE(AwaitOnline(sibling));
  Fill(master, 25, 50);
  EXPECT_EQ(Call(master, {"WAIT", "2", "5000"}), "(integer) 2");
  EXPECT_EQ(Call(heir, {"REPLICAOF", "NO", "ONE"}), "OK");
  Fill(heir, 50, 50);
  EXPECT_EQ(Follow(sibling, heir), "OK");
  EXPECT_EQ(Follow(master, heir), "OK");
  ASSERT_TRUE(AwaitOnline(sibling)) << world_.LogText();
  ASSERT_TRUE(AwaitOnline(master)) << world_.LogText();
  EXPECT_TRUE(AwaitEqual(heir, sibling));
  EXPECT_TRUE(AwaitEqual(heir, master));
  EXPECT_EQ(PartialSyncs(sibling), 1u) << world_.LogText();
  EXPECT_EQ(PartialSyncs(master), 1u) << world_.LogText();
  EXPECT_EQ(Field(sibling, "master_replid"), Field(heir, "master_replid"));
}

TEST_F(ReplicatedNodes, AMasterThatWentOnAloneGetsEverything) {
  Member& master = Add("master", 2);
  Member& heir = Add("heir", 2);
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(heir, master), "OK");
  ASSERT_TRUE(AwaitOnline(heir));
  EXPECT_EQ(Call(heir, {"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_EQ(Call(master, {"SET", "lost", "write"}), "OK");
  EXPECT_EQ(Follow(master, heir), "OK");
  ASSERT_TRUE(AwaitOnline(master));
  EXPECT_TRUE(AwaitEqual(heir, master));
  EXPECT_EQ(PartialSyncs(master), 0u);
  EXPECT_EQ(Call(master, {"GET", "lost"}), "(nil)");
}

TEST_F(ReplicatedNodes, ATakeoverLosesNothingAndEndsTheOldMaster) {
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 2);
  Fill(master, 0, 50);
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "5"}), "OK");  // a master already
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  for (int i = 0; i < 100; ++i) master.client->Send({"INCR", "counter"});
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "5"}), "OK") << world_.LogText();
  int acknowledged = 0;
  for (std::string reply = master.client->Await(); absl::StartsWith(reply, "(integer)");
       reply = master.client->Await()) {
    ++acknowledged;
  }
  EXPECT_EQ(Call(replica, {"GET", "counter"}), absl::StrCat("\"", acknowledged, "\""));
  EXPECT_EQ(Call(replica, {"SET", "a", "b"}), "OK");
  Run(3000);
  EXPECT_EQ(master.exit_code, 0);
}

std::string ClusterJson(const Host& master, const Host& replica) {
  const auto node = [](const std::string& id, const Host& host) {
    return absl::StrCat(R"({"id":")", id, R"(","ip":")", host.address(), R"(","port":6379})");
  };
  return absl::StrCat(R"([{"slot_ranges":[{"start":0,"end":16383}],"master":)", node("one", master),
                      R"(,"replicas":[)", node("two", replica), "]}]");
}

TEST_F(ReplicatedNodes, InAClusterATakeoverSendsClientsToTheNewMaster) {
  Member& master = Add("master", 2, {{"cluster_mode", "yes"}, {"cluster_node_id", "one"}});
  Member& replica = Add("replica", 2, {{"cluster_mode", "yes"}, {"cluster_node_id", "two"}});
  const std::string json = ClusterJson(*master.host, *replica.host);
  EXPECT_EQ(Call(master, {"DFLYCLUSTER", "CONFIG", json}), "OK");
  EXPECT_EQ(Call(replica, {"DFLYCLUSTER", "CONFIG", json}), "OK");
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  Fill(master, 50, 50);
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "5"}), "OK") << world_.LogText();
  EXPECT_EQ(Call(replica, {"GET", "key:99"}), "\"value:99\"");
  EXPECT_EQ(Call(replica, {"SET", "key:99", "new"}), "OK");
  Run(2000);
  EXPECT_TRUE(absl::StrContains(Call(master, {"GET", "key:99"}),
                                absl::StrCat(replica.host->address(), ":6379")));
  EXPECT_EQ(Follow(master, replica), "OK");
  ASSERT_TRUE(AwaitOnline(master)) << world_.LogText();
  EXPECT_TRUE(AwaitEqual(replica, master));
  EXPECT_EQ(PartialSyncs(master), 1u) << world_.LogText();
}

TEST_F(ReplicatedNodes, AMasterThatWasTakenOverCanBeMadeOneAgain) {
  Member& master = Add("master", 2, {{"cluster_mode", "yes"}, {"cluster_node_id", "one"}});
  Member& replica = Add("replica", 2, {{"cluster_mode", "yes"}, {"cluster_node_id", "two"}});
  const std::string json = ClusterJson(*master.host, *replica.host);
  EXPECT_EQ(Call(master, {"DFLYCLUSTER", "CONFIG", json}), "OK");
  EXPECT_EQ(Call(replica, {"DFLYCLUSTER", "CONFIG", json}), "OK");
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  const std::string lineage = Field(master, "master_replid");
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "5"}), "OK") << world_.LogText();
  Run(2000);
  replica.node->Kill(Host::Death::kReset);
  EXPECT_EQ(Call(master, {"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_EQ(Call(master, {"DFLYCLUSTER", "CONFIG", json}), "OK");
  EXPECT_EQ(Call(master, {"GET", "key:49"}), "\"value:49\"");
  EXPECT_EQ(Call(master, {"SET", "key:49", "new"}), "OK");
  EXPECT_NE(Field(master, "master_replid"), lineage);
  EXPECT_EQ(Field(master, "master_replid2"), lineage);
}

TEST_F(ReplicatedNodes, ATakeoverGetsThroughASlowNetwork) {
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 2);
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  world_.network().Partition(*master.host, *replica.host, world_.now_ns() + 5 * kSecond);
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "2"}), "OK");
  EXPECT_EQ(Call(replica, {"SET", "a", "b"}), "OK");
}

TEST_F(ReplicatedNodes, ATakeoverThatFailsLeavesTheMasterInCharge) {
  Member& master = Add("master", 2, {{"replication_timeout", "3000"}});
  Member& replica = Add("replica", 2, {{"replication_timeout", "3000"}});
  Fill(master, 0, 50);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  world_.network().Partition(*master.host, *replica.host, world_.now_ns() + 40 * kSecond);
  Fill(master, 50, 50);
  EXPECT_TRUE(absl::StartsWith(Call(replica, {"REPLTAKEOVER", "1"}),
                               "(error) ERR Couldn't execute takeover: "));
  EXPECT_TRUE(absl::StrContains(Call(replica, {"ROLE"}), "\"slave\""));
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "1"}), "(error) ERR Full sync not done");
  EXPECT_EQ(Call(master, {"SET", "a", "b"}), "OK");
  Run(60'000);
  ASSERT_TRUE(AwaitOnline(replica));
  EXPECT_TRUE(AwaitEqual(master, replica));
}

// In a cluster, where the old master stays: asked again, it says again that it has handed over.
TEST_F(ReplicatedNodes, AfterATakeoverThereIsOneMasterWheneverTheLinkBreaks) {
  int taken_over = 0;
  int failed = 0;
  for (int i = 0; i < 30; ++i) {
    const std::string one = absl::StrCat("master ", i);
    const std::string two = absl::StrCat("replica ", i);
    Member& master = Add(one, 2, {{"cluster_mode", "yes"}, {"cluster_node_id", "one"}});
    Member& replica = Add(two, 2, {{"cluster_mode", "yes"}, {"cluster_node_id", "two"}});
    const std::string json = ClusterJson(*master.host, *replica.host);
    EXPECT_EQ(Call(master, {"DFLYCLUSTER", "CONFIG", json}), "OK");
    EXPECT_EQ(Call(replica, {"DFLYCLUSTER", "CONFIG", json}), "OK");
    EXPECT_EQ(Follow(replica, master), "OK");
    ASSERT_TRUE(AwaitOnline(replica));
    EXPECT_EQ(Call(master, {"SET", "a", "1"}), "OK");
    replica.client->Send({"REPLTAKEOVER", "2"});
    world_.RunUntil(world_.now_ns() + i * 30 * kMicrosecond);
    Client killer(&client_host_, master.node->endpoint());
    killer.Send({"CLIENT", "KILL", "SKIPME", "yes"});
    const std::string reply = replica.client->Await();
    Run(2000);
    Reconnect(master);
    if (reply == "OK") {
      ++taken_over;
      EXPECT_EQ(Call(replica, {"SET", "a", "2"}), "OK");
      EXPECT_TRUE(absl::StrContains(Call(master, {"SET", "a", "3"}), "MOVED"));
    } else {
      ++failed;
      EXPECT_EQ(Call(master, {"SET", "a", "3"}), "OK") << reply << world_.LogText();
      EXPECT_TRUE(AwaitOnline(replica));
      EXPECT_TRUE(AwaitEqual(master, replica));
    }
    killer.Await();
  }
  EXPECT_GT(taken_over, 0);
  EXPECT_GT(failed, 0);
}

TEST_F(ReplicatedNodes, WhatCannotBeFollowedChangesNothing) {
  Member& master = Add("master", 1);
  Member& replica = Add("replica", 1);
  Member& other = Add("other", 2);
  EXPECT_EQ(Call(other, {"SET", "a", "1"}), "OK");
  EXPECT_TRUE(absl::StartsWith(Call(other, {"REPLICAOF", master.host->address(), "7777"}),
                               "(error) ERR could not connect to master: "));
  EXPECT_EQ(Follow(other, other), "(error) ERR could not greet master ERR Can't connect to myself");
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica));
  EXPECT_EQ(Follow(other, replica),
            "(error) ERR could not greet master ERR Replicating a replica is unsupported");
  EXPECT_EQ(Call(other, {"ROLE"}), "[\"master\", []]");
  EXPECT_EQ(Call(other, {"GET", "a"}), "\"1\"");
  EXPECT_EQ(Call(other, {"SET", "a", "2"}), "OK");

  EXPECT_EQ(Call(other, {"REPLICAOF", "h", "0"}), "(error) ERR port is out of range");
  EXPECT_EQ(Call(other, {"REPLICAOF", "h", "x"}), "(error) ERR port is out of range");
  EXPECT_EQ(Call(other, {"REPLICAOF", "h", "1", "5"}), "(error) ERR Invalid slot range");
  EXPECT_EQ(Call(other, {"REPLICAOF", "h", "1", "5", "4"}), "(error) ERR Invalid slot range");
  EXPECT_EQ(Call(other, {"REPLICAOF", "h", "1", "4", "5", "6"}), "(error) ERR syntax error");
  EXPECT_EQ(Call(other, {"REPLICAOF", "h", "1", "4", "5"}),
            "(error) ERR REPLICAOF of a range of slots is not supported");
  EXPECT_EQ(Call(other, {"ADDREPLICAOF", "h", "1", "4", "5"}),
            "(error) ERR Calling ADDREPLICAOFF allowed only after server is already a replica");
  EXPECT_EQ(Call(replica, {"ADDREPLICAOF", "no", "one", "4", "5"}),
            "(error) ERR ADDREPLICAOF does not support no one");
  EXPECT_EQ(Call(replica, {"ADDREPLICAOF", "h", "1", "4", "5"}),
            "(error) ERR ADDREPLICAOF is not supported: a replica has one master");
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "-1"}), "(error) ERR timeout is negative");
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "1", "NOW"}), "(error) ERR Unsupported option:NOW");
  EXPECT_EQ(Call(replica, {"REPLTAKEOVER", "1", "SAVE"}),
            "(error) ERR SAVE is not supported: this server writes no snapshots");
}

TEST_F(ReplicatedNodes, ANewerRequestCancelsOneThatIsStillTrying) {
  Member& master = Add("master", 1);
  Member& replica = Add("replica", 1);
  Client second(&client_host_, replica.node->endpoint());
  world_.network().Partition(*master.host, *replica.host, world_.now_ns() + 10 * kSecond);
  replica.client->Send({"REPLICAOF", master.host->address(), "6379"});
  Run(1000);
  EXPECT_EQ(second.Call({"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_EQ(replica.client->Await(), "(error) ERR replication cancelled");
}

TEST_F(ReplicatedNodes, InATransactionReplicaOfDoesNotWait) {
  Member& master = Add("master", 1);
  Member& replica = Add("replica", 2);
  Fill(master, 0, 10);
  EXPECT_EQ(Call(replica, {"MULTI"}), "OK");
  EXPECT_EQ(Call(replica, {"REPLICAOF", master.host->address(), "6379"}), "QUEUED");
  EXPECT_EQ(Call(replica, {"ROLE"}), "QUEUED");
  EXPECT_EQ(Call(replica, {"EXEC"}), "[OK, [\"master\", []]]");
  ASSERT_TRUE(AwaitOnline(replica));
  EXPECT_TRUE(AwaitEqual(master, replica));
}

TEST_F(ReplicatedNodes, AReplicaFromTheStartWaitsForItsMaster) {
  Host& master_host = world_.AddHost("master", 2, 0);
  SimNode master(&master_host, {});
  Member& replica =
      Add("replica", 1, {{"replicaof", absl::StrCat(master_host.address(), ":6379")}});
  EXPECT_EQ(Call(replica, {"SET", "a", "b"}),
            "(error) READONLY You can't write against a read only replica.");
  Run(5000);
  EXPECT_EQ(Field(replica, "master_link_status"), "down");
  master.Start();
  EXPECT_TRUE(AwaitOnline(replica));
}

TEST_F(ReplicatedNodes, NodesMayDieAtAnyMoment) {
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 3);
  Fill(master, 0, 200);
  EXPECT_EQ(Call(master, {"SET", "big", std::string(300'000, 'b')}), "OK");
  for (int i = 0; i < 60; ++i) {
    Member& victim = i % 3 == 0 ? master : replica;
    replica.client->Send({"REPLICAOF", master.host->address(), "6379"});
    master.client->Send({"MSET", "a", absl::StrCat(i), "b", absl::StrCat(i)});
    world_.RunUntil(world_.now_ns() + (1 + i * 37 % 600) * 20 * kMicrosecond);
    const Host::Death deaths[] = {Host::Death::kReset, Host::Death::kExit};
    victim.node->Kill(deaths[i % 2]);
    victim.node->Start();
    Reconnect(master);
    Reconnect(replica);
  }
  Fill(master, 0, 20);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica)) << world_.LogText();
  EXPECT_TRUE(AwaitEqual(master, replica));
}

TEST_F(ReplicatedNodes, LinksThatBreakAllTheTimeStillConverge) {
  world_.faults().Draw(Fault::kReset, 2000);
  world_.faults().Draw(Fault::kSplitRead, 20'000);
  world_.faults().Draw(Fault::kShortWrite, 20'000);
  Member& master = Add("master", 2);
  Member& replica = Add("replica", 3);
  for (int i = 0; i < 300; ++i) {
    if (Call(master, {"MSET", absl::StrCat("a", i % 50), absl::StrCat(i), absl::StrCat("b", i % 70),
                      absl::StrCat(i)}) == "(closed)") {
      Reconnect(master);
    }
    if (i % 20 == 0 && Follow(replica, master) == "(closed)") Reconnect(replica);
    Run(20);
  }
  EXPECT_GT(world_.faults().effects(Fault::kReset), 5u);
  world_.faults().Heal();
  Reconnect(master);
  Reconnect(replica);
  EXPECT_EQ(Follow(replica, master), "OK");
  ASSERT_TRUE(AwaitOnline(replica)) << world_.LogText();
  EXPECT_TRUE(AwaitEqual(master, replica)) << world_.LogText();
}

}  // namespace
}  // namespace damselfly::sim
