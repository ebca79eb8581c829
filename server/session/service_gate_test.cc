// What a node refuses because it is a replica, is being filled or has been taken over, and in which
// order a command is judged.

#include "server/session/service_gate.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/session/fixed_router.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

constexpr char kIsLoading[] = "-LOADING Damselfly is loading the dataset in memory|";
constexpr char kReadOnly[] = "-READONLY You can't write against a read only replica.|";
constexpr char kCrossSlot[] = "-CROSSSLOT Keys in request don't hash to the same slot|";

// What of another folder's commands is judged: a command for operators, and one that says how the
// node is.
void Answer(CommandContext& ctx) { ctx.reply.SimpleString("RUN"); }
constexpr CommandSpec kMore[] = {
    {.name = "operate", .arity = 1, .flags = kAdmin, .since = "1.0.0", .handler = Answer},
    {.name = "inform", .arity = 1, .flags = kLoading | kStale, .since = "1.0.0", .handler = Answer},
};

void Become(SessionHarness& node, ServiceState state, Store::Access access, bool is_replica) {
  node.store().LockAll();
  node.server().service_state = state;
  node.server().is_replica = is_replica;
  node.store().set_access(access);
  node.store().UnlockAll();
}
void BecomeReplica(SessionHarness& node) {
  Become(node, ServiceState::kActive, Store::Access::kReadOnly, true);
}
void BecomeLoading(SessionHarness& node) {
  Become(node, ServiceState::kLoading, Store::Access::kNone, true);
}
void BecomeTakenOver(SessionHarness& node) {
  Become(node, ServiceState::kTakenOver, Store::Access::kNone, false);
}

// ---- A replica ----

TEST(Replica, AnswersReadsAndRefusesWrites) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("SET a 1|SET b 2");
  BecomeReplica(node);
  EXPECT_EQ(client->Call("GET a|MGET a b|EXISTS a|DBSIZE|TTL a"), "$1|1|*2|$1|1|$1|2|:1|:2|:-1|");
  for (const char* write : {"SET a 2", "DEL a", "MSET a 1 b 2", "RENAME a b", "EXPIRE a 10",
                            "FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "GETEX a", "SET c 1 NX"}) {
    EXPECT_EQ(client->Call(write), kReadOnly) << write;
  }
  EXPECT_EQ(client->Call("GET a"), "$1|1|");
  EXPECT_EQ(node.Stats("set").rejected_calls.get(), 2);
  Become(node, ServiceState::kActive, Store::Access::kReadWrite, false);
  EXPECT_EQ(client->Call("SET a 2|FLUSHALL"), "+OK|+OK|");
}

TEST(Replica, AWriteIsNotQueued) {
  SessionHarness node;
  Client* client = node.Connect();
  BecomeReplica(node);
  EXPECT_EQ(client->Call("MULTI|GET a|SET a 1|EXEC"),
            absl::StrCat("+OK|+QUEUED|", kReadOnly,
                         "-EXECABORT Transaction discarded because of previous errors.|"));
  EXPECT_EQ(client->Call("MULTI|FLUSHALL|EXEC"),
            absl::StrCat("+OK|", kReadOnly,
                         "-EXECABORT Transaction discarded because of previous errors.|"));
  EXPECT_EQ(client->Call("WATCH a|MULTI|GET a|EXEC"), "+OK|+OK|+QUEUED|*1|$-1|");
}

TEST(Replica, ExecIsJudgedAgainWhenItRuns) {
  SessionHarness node;
  Client* writer = node.Connect();
  Client* flusher = node.Connect();
  Client* reader = node.Connect();
  EXPECT_EQ(writer->Call("MULTI|GET a|SET a 1"), "+OK|+QUEUED|+QUEUED|");
  EXPECT_EQ(flusher->Call("MULTI|FLUSHALL"), "+OK|+QUEUED|");
  EXPECT_EQ(reader->Call("MULTI|GET a"), "+OK|+QUEUED|");
  BecomeReplica(node);
  constexpr char kAborted[] =
      "-EXECABORT Transaction discarded because of: READONLY You can't write against a read only "
      "replica.|";
  EXPECT_EQ(writer->Call("EXEC"), kAborted);
  EXPECT_EQ(writer->Call("EXEC"), "-ERR EXEC without MULTI|");
  EXPECT_EQ(flusher->Call("EXEC"), kAborted);
  EXPECT_EQ(reader->Call("EXEC"), "*1|$-1|");
  EXPECT_EQ(node.store().KeyCount(0), 0u);
}

class ReplicaInClusterTest : public testing::Test {
 protected:
  ReplicaInClusterTest() {
    node_.server().set_slot_router(&router_);
    node_.store().RestrictToOwnedSlots();
    node_.store().Own(KeySlot("a"));
  }
  static std::string Moved(absl::string_view key) {
    return absl::StrCat("-MOVED ", KeySlot(key), " other:1|");
  }

  FixedRouter router_;
  SessionHarness node_{1, "yes", kMore};
  Client* client_ = node_.Connect();
};

TEST_F(ReplicaInClusterTest, AWriteInAnotherShardsSlotIsSentThere) {
  BecomeReplica(node_);
  EXPECT_EQ(client_->Call("SET c 1"), Moved("c"));
  EXPECT_EQ(client_->Call("MSET {c}1 1 {c}2 1"), Moved("c"));
  EXPECT_EQ(client_->Call("GET c"), Moved("c"));
  EXPECT_EQ(client_->Call("SET a 1"), kReadOnly);
  EXPECT_EQ(client_->Call("MSET {a}1 1 {a}2 1"), kReadOnly);
  EXPECT_EQ(client_->Call("GET a"), "$-1|");
  EXPECT_EQ(client_->Call("MSET a 1 c 1"), kReadOnly);
  EXPECT_EQ(client_->Call("MGET a c"), kCrossSlot);
}

TEST_F(ReplicaInClusterTest, ATransactionIsSentThereToo) {
  Client* other = node_.Connect();
  client_->Call("MULTI|SET a 1");
  other->Call("MULTI|SET a 1");
  BecomeReplica(node_);
  EXPECT_EQ(other->Call("EXEC"),
            "-EXECABORT Transaction discarded because of: READONLY You can't write against a read "
            "only replica.|");
  node_.store().Disown(KeySlot("a"), &node_.store().counters(0));
  EXPECT_EQ(client_->Call("EXEC"), Moved("a"));
  EXPECT_EQ(client_->Call("MULTI|SET a 1|SET c 1"), absl::StrCat("+OK|", Moved("a"), Moved("c")));
}

// ---- A node that is being filled ----

TEST(LoadingNode, ShowsNoDataAndTellsOfItself) {
  SessionHarness node(1, "", kMore);
  Client* client = node.Connect();
  client->Call("SET a 1");
  BecomeLoading(node);
  for (const char* refused : {"PING", "GET a", "MGET a b", "SET a 1", "FLUSHALL", "KEYS *",
                              "SCAN 0", "RANDOMKEY", "TYPE a", "QUIT", "OPERATE"}) {
    EXPECT_EQ(client->Call(refused), kIsLoading) << refused;
  }
  EXPECT_EQ(client->Call("INFORM|ECHO x|SELECT 0|DBSIZE|CLIENT GETNAME|WATCH a|UNWATCH"),
            "+RUN|$1|x|+OK|:1|$-1|+OK|+OK|");
  EXPECT_EQ(client->Call("SUBSCRIBE c|UNSUBSCRIBE c"),
            "*3|$9|subscribe|$1|c|:1|*3|$11|unsubscribe|$1|c|:0|");
  EXPECT_EQ(node.store().KeyCount(0), 1u);
}

TEST(LoadingNode, QueuesOnlyWhatItWouldRun) {
  SessionHarness node(1, "", kMore);
  Client* client = node.Connect();
  BecomeLoading(node);
  EXPECT_EQ(client->Call("MULTI|INFORM|EXEC"), "+OK|+QUEUED|*1|+RUN|");
  EXPECT_EQ(client->Call("MULTI|GET a|EXEC"),
            absl::StrCat("+OK|", kIsLoading,
                         "-EXECABORT Transaction discarded because of previous errors.|"));
}

TEST(LoadingNode, RefusesWhatWasQueuedBefore) {
  SessionHarness node(1, "", kMore);
  constexpr char kAborted[] =
      "-EXECABORT Transaction discarded because of: LOADING Damselfly is loading the dataset in "
      "memory|";
  Client* data = node.Connect();
  Client* keyless = node.Connect();
  Client* harmless = node.Connect();
  data->Call("MULTI|GET a");
  keyless->Call("MULTI|KEYS *");
  harmless->Call("MULTI|INFORM");
  BecomeLoading(node);
  EXPECT_EQ(data->Call("EXEC"), kAborted);
  EXPECT_EQ(keyless->Call("EXEC"), kAborted);
  EXPECT_EQ(harmless->Call("EXEC"), "*1|+RUN|");
}

TEST(LoadingNode, CommandsThatWaitAreJudgedWhenTheyRun) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("CLIENT PAUSE 1000 ALL");
  EXPECT_EQ(client->Call("GET a"), "");
  BecomeLoading(node);
  node.AdvanceMs(1001);
  EXPECT_EQ(client->Take(), kIsLoading);
}

// ---- A master that has been taken over ----

TEST(TakenOverNode, RunsOnlyWhatOperatorsNeed) {
  SessionHarness node(1, "", kMore);
  Client* client = node.Connect();
  Client* admin = node.Connect(0, "127.0.0.1", ClientPort::kAdmin);
  client->Call("SET a 1");
  BecomeTakenOver(node);
  EXPECT_EQ(client->Call("PING|OPERATE|CLIENT LIST TYPE master"), "+PONG|+RUN|$0||");
  for (const char* refused : {"GET a", "SET a 1", "MSET a 1 b 1", "FLUSHALL", "KEYS *", "SCAN 0",
                              "ECHO x", "INFORM", "WATCH a"}) {
    EXPECT_EQ(client->Call(refused), kIsLoading) << refused;
  }
  EXPECT_EQ(admin->Call("INFORM|ECHO x"), "+RUN|$1|x|");
  for (const char* refused : {"GET a", "SET a 1", "FLUSHALL", "KEYS *"})
    EXPECT_EQ(admin->Call(refused), kIsLoading) << refused;
}

TEST(TakenOverNode, EndsATransactionThatWasQueuedBefore) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("MULTI|SET a 1");
  BecomeTakenOver(node);
  EXPECT_EQ(client->Call("EXEC"),
            "-EXECABORT Transaction discarded because of: LOADING Damselfly is loading the dataset "
            "in memory|");
  EXPECT_EQ(node.store().KeyCount(0), 0u);
}

TEST_F(ReplicaInClusterTest, ATakenOverNodeSendsCommandsOnKeysToTheNewMaster) {
  BecomeTakenOver(node_);
  // Until the node knows where to send them.
  EXPECT_EQ(client_->Call("GET a|SET a 1"), absl::StrCat(kIsLoading, kIsLoading));
  EXPECT_EQ(client_->Call("GET c"), Moved("c"));
  node_.store().Disown(KeySlot("a"), &node_.store().counters(0));
  EXPECT_EQ(client_->Call("GET a|SET a 1|WATCH a|SPUBLISH a x"),
            absl::StrCat(Moved("a"), Moved("a"), Moved("a"), Moved("a")));
  EXPECT_EQ(client_->Call("MGET a c"), kCrossSlot);
  EXPECT_EQ(client_->Call("FLUSHALL|INFORM|PING"), absl::StrCat(kIsLoading, kIsLoading, "+PONG|"));
}

// ---- The order of the checks ----

TEST(OrderOfChecks, ArityStatePasswordMonitorReplica) {
  SessionHarness node(1, "", kMore);
  node.Set(Parameter::requirepass, "secret");
  Client* client = node.Connect();
  BecomeLoading(node);
  EXPECT_EQ(client->Call("NOSUCH"), "-ERR unknown command 'NOSUCH', with args beginning with: |");
  EXPECT_EQ(client->Call("GET"), "-ERR wrong number of arguments for 'get' command|");
  EXPECT_EQ(client->Call("GET a"), kIsLoading);
  EXPECT_EQ(client->Call("INFORM"), "-NOAUTH Authentication required.|");
  BecomeReplica(node);
  EXPECT_EQ(client->Call("SET a 1"), "-NOAUTH Authentication required.|");
  EXPECT_EQ(client->Call("AUTH secret|MONITOR"), "+OK|+OK|");
  EXPECT_EQ(client->Call("SET a 1"), "-ERR Replica can't interact with the keyspace|");
}

TEST(TakenOver, ATransactionDoesNotFallApartWhenTheTakeoverFailsInTheMiddle) {
  SessionHarness node;
  Client* client = node.Connect();
  BecomeTakenOver(node);
  EXPECT_EQ(client->Call("MULTI"), "+OK|");
  EXPECT_EQ(client->Call("SET a 1").substr(0, 9), "-LOADING ");
  Become(node, ServiceState::kActive, Store::Access::kReadWrite, false);
  EXPECT_EQ(client->Call("SET b 1"), "+QUEUED|");
  EXPECT_EQ(client->Call("EXEC"), "-EXECABORT Transaction discarded because of previous errors.|");
  EXPECT_EQ(client->Call("EXISTS a b"), ":0|");
  BecomeTakenOver(node);
  EXPECT_EQ(client->Call("MULTI|DISCARD"), "+OK|+OK|");
}

TEST(OrderOfChecks, AnExecThatIsRefusedUnjudgedEndsItsTransaction) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("MULTI|PING");
  BecomeTakenOver(node);
  EXPECT_EQ(client->Call("EXEC").substr(0, 11), "-EXECABORT ");
  Become(node, ServiceState::kActive, Store::Access::kReadWrite, false);
  EXPECT_EQ(client->Call("EXEC"), "-ERR EXEC without MULTI|");
}

}  // namespace
}  // namespace damselfly
