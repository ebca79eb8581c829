#include "server/session/transaction.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

TEST(Transaction, RunsWhatWasQueuedAtExec) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("MULTI|SET a 1|INCR a|GET a"), "+OK|+QUEUED|+QUEUED|+QUEUED|");
  EXPECT_EQ(node.Connect()->Call("GET a"), "$-1|");
  EXPECT_EQ(client->Call("EXEC|GET a"), "*3|+OK|:2|$1|2|$1|2|");
  EXPECT_EQ(client->Call("MULTI|EXEC"), "+OK|*0|");
}

TEST(Transaction, ErrorsOfQueuedCommandsStayAmongTheReplies) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("MULTI|SET a x|INCR a|SET b 1|EXEC"),
            "+OK|+QUEUED|+QUEUED|+QUEUED|*3|+OK|-ERR value is not an integer or out of range|+OK|");
}

TEST(Transaction, ARefusedCommandAbortsExec) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("MULTI|SET a 1|GET|SET a 2|EXEC|GET a"),
            "+OK|+QUEUED|-ERR wrong number of arguments for 'get' command|+QUEUED|"
            "-EXECABORT Transaction discarded because of previous errors.|$-1|");
  EXPECT_EQ(client->Call("MULTI|FOO|EXEC|MULTI|PING|EXEC"),
            "+OK|-ERR unknown command 'FOO', with args beginning with: |"
            "-EXECABORT Transaction discarded because of previous errors.|+OK|+QUEUED|*1|+PONG|");
}

TEST(Transaction, ExecWithArgumentsEndsIt) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("MULTI|SET a 1|EXEC x|GET a|EXEC"),
            "+OK|+QUEUED|-EXECABORT Transaction discarded because of: wrong number of arguments "
            "for 'exec' command|$-1|"
            "-ERR EXEC without MULTI|");
}

TEST(Transaction, NestedMultiAndWatchInsideAreErrorsThatAbortNothing) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("MULTI|MULTI|WATCH a|SET a 1|EXEC"),
            "+OK|-ERR MULTI calls can not be nested|-ERR WATCH inside MULTI is not "
            "allowed|+QUEUED|*1|+OK|");
}

TEST(Transaction, ExecAndDiscardNeedMulti) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("EXEC|DISCARD"),
            "-ERR EXEC without MULTI|-ERR DISCARD without MULTI|");
}

TEST(Transaction, DiscardForgetsQueueAndWatches) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("WATCH a|MULTI|SET a 1|DISCARD|GET a"), "+OK|+OK|+QUEUED|+OK|$-1|");
  EXPECT_EQ(client->session()->transaction().watched_count(), 0u);
  node.Connect()->Call("SET a 2");
  EXPECT_EQ(client->Call("MULTI|GET a|EXEC"), "+OK|+QUEUED|*1|$1|2|");
}

TEST(Transaction, QuitAndResetRunAtOnce) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SELECT 3|WATCH a|MULTI|SET a 1|RESET|EXEC|GET a"),
            "+OK|+OK|+OK|+QUEUED|+RESET|-ERR EXEC without MULTI|$-1|");
  EXPECT_EQ(client->session()->transaction().watched_count(), 0u);
  EXPECT_EQ(client->session()->database(), 0);
  EXPECT_EQ(client->Call("MULTI|SET a 1|QUIT|EXEC"), "+OK|+QUEUED|+OK|");
  EXPECT_TRUE(client->wire().destroyed);
  EXPECT_EQ(node.store().KeyCount(0), 0u);
}

TEST(Transaction, SelectInsideHoldsForTheCommandsBehindIt) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("MULTI|SET a 0|SELECT 5|SET a 5|EXEC|GET a|SELECT 0|GET a"),
            "+OK|+QUEUED|+QUEUED|+QUEUED|*3|+OK|+OK|+OK|$1|5|+OK|$1|0|");
}

TEST(Transaction, BlockingCommandsDoNotBlock) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("MULTI|BLOCK 0|EXEC"), "+OK|+QUEUED|*1|:0|");
}

TEST(Transaction, CommandsThatLockTheirOwnSlotsRunInside) {
  SessionHarness node(2);
  EXPECT_EQ(node.Connect()
                ->Call("WATCH w|MULTI|MSET a 1 b 2|KEYS a|RANDOMKEY|SCAN 7|UNWATCH|FLUSHALL|SWAPDB "
                       "0 1|DBSIZE|EXEC")
                .substr(0, 80),
            "+OK|+OK|+QUEUED|+QUEUED|+QUEUED|+QUEUED|+QUEUED|+QUEUED|+QUEUED|+QUEUED|*8|+OK|*");
  EXPECT_EQ(node.Connect(1)->Call("SET a 1|GET a"), "+OK|$1|1|");
}

TEST(Transaction, BigValuesAreQueuedWhole) {
  SessionHarness node;
  Client* client = node.Connect();
  const std::string value(100000, 'v');
  const std::string set =
      absl::StrCat("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$", value.size(), "\r\n", value, "\r\n");
  std::string replies = client->Call("MULTI");
  replies += client->SendRaw(set.substr(0, 50000));
  replies += client->SendRaw(set.substr(50000));
  replies += client->Call("STRLEN k|EXEC");
  EXPECT_EQ(replies, "+OK|+QUEUED|+QUEUED|*2|+OK|:100000|");
}

// ---- WATCH ----

struct WatchCase {
  const char* before;   // by whoever, before WATCH k
  const char* between;  // by another client, after it
  bool runs;
};

class Watch : public testing::TestWithParam<WatchCase> {};

TEST_P(Watch, LetsExecRunUnlessTheKeyHasChanged) {
  SessionHarness node(2);
  Client* client = node.Connect(0);
  Client* other = node.Connect(1);
  other->Call(GetParam().before);
  EXPECT_EQ(client->Call("WATCH k|MULTI|PING"), "+OK|+OK|+QUEUED|");
  other->Call(GetParam().between);
  EXPECT_EQ(client->Call("EXEC"), GetParam().runs ? "*1|+PONG|" : "*-1|");
  // EXEC has dropped the watch.
  other->Call("SET k other");
  EXPECT_EQ(client->Call("MULTI|PING|EXEC"), "+OK|+QUEUED|*1|+PONG|");
}

INSTANTIATE_TEST_SUITE_P(
    AllChanges, Watch,
    testing::Values(
        WatchCase{"PING", "PING", true}, WatchCase{"PING", "SET k 1", false},
        WatchCase{"PING", "SET other 1", true}, WatchCase{"SET k 1", "GET k", true},
        WatchCase{"SET k 1", "SET k 1", false}, WatchCase{"SET k 1", "DEL k", false},
        WatchCase{"SET k 1", "DEL k|SET k 1", false}, WatchCase{"PING", "DEL k", true},
        WatchCase{"PING", "SET k 1|DEL k", false}, WatchCase{"SET k 1", "PEXPIRE k 100000", false},
        WatchCase{"SET k 1", "RENAME k l", false}, WatchCase{"SET l 1", "RENAME l k", false},
        WatchCase{"SET k 1", "FLUSHALL", false}, WatchCase{"PING", "FLUSHALL", true},
        WatchCase{"SET k 1", "SELECT 1|FLUSHDB", true},
        WatchCase{"SET k 1", "SELECT 1|SET k 2", true}, WatchCase{"SET k 1", "SWAPDB 0 1", false},
        WatchCase{"PING", "SWAPDB 1 2", true}, WatchCase{"SET k 1", "MULTI|SET k 2|EXEC", false},
        WatchCase{"SET k 1", "MULTI|SET k 2|DISCARD", true},
        WatchCase{"SET k 1", "MOVE k 1", false}, WatchCase{"SET k 1", "INCR missing", true}));

TEST(Watch, AKeyThatExpiresHasChanged) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SET k 1 PX 50|WATCH k|MULTI|PING"), "+OK|+OK|+OK|+QUEUED|");
  node.AdvanceMs(50);
  EXPECT_EQ(client->Call("EXEC"), "*-1|");
}

TEST(Watch, AKeyThatHadExpiredBeforeHasNot) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("SET k 1 PX 50");
  node.AdvanceMs(51);
  EXPECT_EQ(client->Call("WATCH k|MULTI|PING"), "+OK|+OK|+QUEUED|");
  EXPECT_EQ(node.Connect()->Call("GET k"), "$-1|");
  EXPECT_EQ(client->Call("EXEC"), "*1|+PONG|");
}

TEST(Watch, BelongsToTheDatabaseWhereItWasSet) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SELECT 2|WATCH k|SELECT 3|MULTI|PING"), "+OK|+OK|+OK|+OK|+QUEUED|");
  Client* other = node.Connect();
  other->Call("SET k 1|SELECT 3|SET k 1");
  EXPECT_EQ(client->Call("EXEC"), "*1|+PONG|");
  client->Call("SELECT 2|WATCH k|SELECT 3|MULTI|PING");
  other->Call("SELECT 2|SET k 1");
  EXPECT_EQ(client->Call("EXEC"), "*-1|");
}

TEST(Watch, TheClientsOwnWritesCount) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("WATCH k k j|SET k 1|MULTI|PING|EXEC"),
            "+OK|+OK|+OK|+QUEUED|*-1|");
}

TEST(Watch, UnwatchForgets) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("WATCH k|SET k 1|UNWATCH|MULTI|PING|EXEC"),
            "+OK|+OK|+OK|+OK|+QUEUED|*1|+PONG|");
}

TEST(Watch, UnwatchInsideMultiComesTooLate) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("WATCH k|SET k 1|MULTI|UNWATCH|PING|EXEC"),
            "+OK|+OK|+OK|+QUEUED|+QUEUED|*-1|");
}

TEST(Watch, AnErrorWhileQueueingWinsOverAChangedKey) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("WATCH k|SET k 1|MULTI|GET|EXEC|MULTI|PING|EXEC"),
            "+OK|+OK|+OK|-ERR wrong number of arguments for 'get' command|"
            "-EXECABORT Transaction discarded because of previous errors.|+OK|+QUEUED|*1|+PONG|");
}

}  // namespace
}  // namespace damselfly
