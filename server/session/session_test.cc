#include "server/session/session.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

std::string Resp(std::initializer_list<absl::string_view> args) {
  std::string bytes = absl::StrCat("*", args.size(), "\r\n");
  for (absl::string_view arg : args) absl::StrAppend(&bytes, "$", arg.size(), "\r\n", arg, "\r\n");
  return bytes;
}

// ---- Input ----

TEST(Session, AnswersABatchInOrderWithOneWrite) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SET a 1|INCR a|GET a|PING"), "+OK|:2|$1|2|+PONG|");
  EXPECT_EQ(node.server().worker(0).stats().writes_processed.get(), 1);
}

TEST(Session, AnswersMoreCommandsThanOneBatchHolds) {
  SessionHarness node;
  Client* client = node.Connect();
  std::string commands, replies;
  for (int i = 1; i <= 100; ++i) {
    absl::StrAppend(&commands, i == 1 ? "" : "|", "INCR n");
    absl::StrAppend(&replies, ":", i, "|");
  }
  EXPECT_EQ(client->Call(commands), replies);
  EXPECT_EQ(node.Stats("incr").calls.get(), 100);
}

// The short way of plain commands ends where another command has made the client a special one.
TEST(Session, WhatACommandChangesHoldsFromTheNextOneOfItsBatchOn) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SET a zero|SELECT 1|GET a|SET a one|SELECT 0|GET a"),
            "+OK|+OK|$-1|+OK|+OK|$4|zero|");
  EXPECT_EQ(client->Call("INCR n|MULTI|INCR n|GET n|EXEC|INCR n"),
            ":1|+OK|+QUEUED|+QUEUED|*2|:2|$1|2|:3|");
  EXPECT_EQ(client->Call("GET n|CLIENT REPLY OFF|INCR n|GET n|CLIENT REPLY ON|GET n"),
            "$1|3|+OK|$1|4|");
  EXPECT_EQ(client->Call("CLIENT REPLY SKIP|GET n|GET n"), "$1|4|");
  EXPECT_EQ(node.Stats("get").calls.get(), 8);
  EXPECT_EQ(node.Stats("incr").calls.get(), 4);
}

TEST(Session, ErrorsOfPlainCommandsAreCountedAsTheirs) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SET a x|INCR a|INCR b"),
            "+OK|-ERR value is not an integer or out of range|:1|");
  EXPECT_EQ(node.Stats("incr").calls.get(), 2);
  EXPECT_EQ(node.Stats("incr").failed_calls.get(), 1);
  EXPECT_EQ(node.Stats("set").failed_calls.get(), 0);
}

TEST(Session, EachCallOfABatchIsCountedOnceHoweverLongItIs) {
  SessionHarness node;
  Client* client = node.Connect();
  std::string many = "EXISTS";
  for (int i = 0; i < 20; ++i) many.append(" a");
  client->Call(absl::StrCat("EXISTS a|", many, "|EXISTS a|EXISTS b|", many));
  EXPECT_EQ(node.Stats("exists").calls.get(), 5);
  client->Call(absl::StrCat(many, "|EXISTS a|exists a|GET a|EXISTS a"));
  EXPECT_EQ(node.Stats("exists").calls.get(), 9);
  EXPECT_EQ(node.Stats("get").calls.get(), 1);
}

TEST(Session, KeysThatAFlushHasTakenAreGoneForTheRestOfTheBatch) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("SET a 1|FLUSHALL SYNC|GET a|SET a 2|GET a|FLUSHALL ASYNC|GET a"),
            "+OK|+OK|$-1|+OK|$1|2|+OK|$-1|");
  EXPECT_EQ(node.Connect()->Call("SET a 1|SWAPDB 0 1|GET a|SET a 2|SWAPDB 0 1|GET a|DEL a|GET a"),
            "+OK|+OK|$-1|+OK|+OK|$1|1|:1|$-1|");
}

TEST(Session, TakesCommandsThatComeByteByByte) {
  SessionHarness node;
  Client* client = node.Connect();
  std::string replies;
  for (char c : Resp({"SET", "key", "value"}) + Resp({"GET", "key"}))
    replies += client->SendRaw({&c, 1});
  EXPECT_EQ(replies, "+OK|$5|value|");
}

TEST(Session, TakesABigValueInPieces) {
  SessionHarness node;
  Client* client = node.Connect();
  const std::string value(100000, 'v');
  const std::string bytes = Resp({"SET", "key", value}) + Resp({"STRLEN", "key"});
  std::string replies;
  for (size_t i = 0; i < bytes.size(); i += 7777) replies += client->SendRaw(bytes.substr(i, 7777));
  EXPECT_EQ(replies, "+OK|:100000|");
}

TEST(Session, AnswersWhatCameBeforeAProtocolErrorThenTheErrorThenCloses) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SET a 1|*1|$x|GET a"), "+OK|-ERR Protocol error: invalid bulk length|");
  EXPECT_TRUE(client->closed());
  EXPECT_TRUE(client->wire().destroyed);
  EXPECT_EQ(node.server().clients().size(), 0);
}

TEST(Session, HangsUpOnHttp) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("POST / HTTP/1.1|SET a 1"), "");
  EXPECT_TRUE(client->wire().destroyed);
  EXPECT_EQ(node.store().KeyCount(0), 0u);
  EXPECT_EQ(node.runtime().log.size(), 1u);
}

TEST(Session, ClosesWithoutAReplyWhenTheQueryBufferIsTooLarge) {
  SessionHarness node;
  node.Set(Parameter::client_query_buffer_limit, "1048576");
  Client* client = node.Connect();
  client->SendRaw("*2\r\n$3\r\nGET\r\n$2000000\r\n");
  EXPECT_EQ(client->SendRaw(std::string(1500000, 'x')), "");
  EXPECT_TRUE(client->closed());
  EXPECT_EQ(node.server().worker(0).stats().query_buffer_limit_disconnections.get(), 1);
}

TEST(Session, WhatMultiQueuesCountsAsQueryBuffer) {
  SessionHarness node;
  node.Set(Parameter::client_query_buffer_limit, "1048576");
  Client* client = node.Connect();
  client->Call("MULTI");
  for (int i = 0; i < 100 && !client->closed(); ++i)
    client->SendRaw(Resp({"SET", "k", std::string(20000, 'v')}));
  EXPECT_TRUE(client->wire().destroyed);
  EXPECT_EQ(node.server().worker(0).stats().query_buffer_limit_disconnections.get(), 1);
}

// ---- Closing ----

TEST(Session, QuitRunsNothingBehindIt) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SET a 1|QUIT|SET b 1|SET c 1"), "+OK|+OK|");
  EXPECT_TRUE(client->wire().destroyed);
  EXPECT_EQ(node.store().KeyCount(0), 1u);
}

TEST(Session, WhatQuitCutsOffIsNotCounted) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("GET a|GET b|GET c|GET d");
  EXPECT_EQ(node.Stats("get").calls.get(), 4);
  client->Call("QUIT|GET b|GET c|GET d");
  EXPECT_EQ(node.Stats("get").calls.get(), 4);
}

TEST(Session, ClosesAfterTheLastReplyHasLeft) {
  SessionHarness node;
  Client* client = node.Connect();
  client->wire().room_bytes = 3;
  EXPECT_EQ(client->Call("PING|QUIT"), "+PO");
  EXPECT_FALSE(client->closed());
  client->AddRoom(100);
  EXPECT_EQ(client->Take(), "NG|+OK|");
  EXPECT_TRUE(client->wire().destroyed);
}

TEST(Session, APeerThatGoesWhileBlockedLeavesNothingBehind) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("WATCH k|BLOCK 1000");
  client->HangUp();
  EXPECT_TRUE(client->wire().destroyed);
  EXPECT_EQ(node.runtime().loop(0).timer_count(), 0u);
  EXPECT_EQ(node.server().clients().size(), 0);
  EXPECT_EQ(node.Connect()->Call("SET k v"), "+OK|");
}

TEST(Session, IsNotTouchedBetweenItsEndAndItsDestruction) {
  SessionHarness node;
  Client* client = node.Connect();
  Client* other = node.Connect();
  client->Call("BLOCK 0");
  Session* session = client->session();
  session->Kill();
  EXPECT_TRUE(client->closed());
  EXPECT_FALSE(session->WakeUp(Session::Wake::kTimeout));
  session->ResumeAfterPause();
  session->SendMonitorLine("line");
  session->CheckLimits(0);
  session->KillSoon();
  other->Run();
  EXPECT_TRUE(client->wire().destroyed);
}

TEST(Session, ANodeThatEndsTakesItsSessionsAlong) {
  FakeWire wires[3];
  {
    SessionHarness node;
    const char* commands[] = {"MONITOR\r\n", "WATCH k\r\nMULTI\r\nSET k 1\r\n",
                              "BLOCK 0\r\nPING\r\n"};
    for (int i = 0; i < 3; ++i) {
      node.server().worker(0).Accept(std::make_unique<FakeStream>(&wires[i]), ClientPort::kRegular);
      wires[i].handler->OnData(commands[i]);
    }
  }
  for (const FakeWire& wire : wires) EXPECT_TRUE(wire.destroyed);
}

// ---- Blocking ----

TEST(Session, CommandsBehindABlockedOneWaitForIt) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SET a 1|BLOCK 50|INCR a|GET a"), "+OK|");
  EXPECT_FALSE(client->wire().reading);
  EXPECT_EQ(client->Call("APPEND a x|GET a"), "");
  EXPECT_EQ(node.Connect()->Call("GET a"), "$1|1|");
  node.AdvanceMs(49);
  EXPECT_EQ(client->Take(), "");
  node.AdvanceMs(1);
  EXPECT_EQ(client->Run(), ":0|:2|$1|2|:2|$2|2x|");
}

TEST(Session, CommandsHeldBackAreCountedLikeOthers) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("BLOCK 50|INCR a|GET a|GET a a");
  EXPECT_EQ(node.Stats("get").calls.get(), 0);
  node.AdvanceMs(50);
  EXPECT_EQ(node.Stats("incr").calls.get(), 1);
  EXPECT_EQ(node.Stats("get").calls.get(), 1);
  EXPECT_EQ(node.Stats("get").rejected_calls.get(), 1);
}

TEST(Session, AHeldBackCommandMayBlockAgain) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("BLOCK 50|BLOCK 50|PING|FOO|QUIT|PING"), "");
  node.AdvanceMs(50);
  EXPECT_EQ(client->Take(), ":0|");
  node.AdvanceMs(50);
  EXPECT_EQ(client->Take(), ":0|+PONG|-ERR unknown command 'FOO', with args beginning with: |+OK|");
  EXPECT_TRUE(client->wire().destroyed);
}

TEST(Session, AProtocolErrorBehindABlockedCommandWaitsItsTurn) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("BLOCK 50|PING|*1|$x"), "");
  EXPECT_FALSE(client->closed());
  node.AdvanceMs(50);
  EXPECT_EQ(client->Take(), ":0|+PONG|-ERR Protocol error: invalid bulk length|");
  EXPECT_TRUE(client->closed());
}

TEST(Session, BigValuesBehindABlockedCommandArriveWhole) {
  SessionHarness node;
  Client* client = node.Connect();
  const std::string value(50000, 'v');
  std::string bytes = "BLOCK 50\r\n" + Resp({"SET", "k", value}) + Resp({"STRLEN", "k"});
  EXPECT_EQ(client->SendRaw(bytes.substr(0, 30000)), "");
  client->SendRaw(bytes.substr(30000));
  node.AdvanceMs(50);
  EXPECT_EQ(client->Run(), ":0|+OK|:50000|");
}

TEST(Session, UnblockedClientsErrorIsCounted) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("BLOCK 0");
  const std::string id = absl::StrCat(client->session()->id());
  EXPECT_EQ(node.Connect()->Call("CLIENT UNBLOCK " + id + " ERROR"), ":1|");
  EXPECT_EQ(client->Take(), "-UNBLOCKED client unblocked via CLIENT UNBLOCK|");
  EXPECT_EQ(node.server().worker(0).stats().error_replies.get(), 1);
  EXPECT_EQ(node.Stats("block").failed_calls.get(), 1);
}

// ---- CLIENT REPLY: what redis-server 7.0.15 sends ----

TEST(ClientReply, OffMutesEverythingUntilOn) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("CLIENT REPLY OFF|PING|FOO|CLIENT REPLY SKIP|PING 1|CLIENT REPLY ON|PING"),
            "+OK|+PONG|");
  EXPECT_EQ(client->Call("CLIENT REPLY OFF|BLOCK 50"), "");
  node.AdvanceMs(50);
  EXPECT_EQ(client->Call("CLIENT REPLY ON"), "+OK|");
  EXPECT_EQ(client->Call("CLIENT REPLY OFF|QUIT"), "");
  EXPECT_TRUE(client->wire().destroyed);
}

TEST(ClientReply, SkipMutesOneCommand) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("CLIENT REPLY SKIP|PING 1|PING 2"), "$1|2|");
  EXPECT_EQ(client->Call("CLIENT REPLY SKIP|FOO|PING 2"), "$1|2|");
  EXPECT_EQ(client->Call("CLIENT REPLY SKIP|CLIENT REPLY SKIP|PING 1|PING 2|PING 3"), "$1|2|$1|3|");
  EXPECT_EQ(client->Call("CLIENT REPLY SKIP|CLIENT REPLY ON|PING 1"), "+OK|$1|1|");
  EXPECT_EQ(client->Call("CLIENT REPLY SKIP|RESET|PING 1"), "$1|1|");
}

TEST(ClientReply, SkipMutesABlockedCommandToo) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("CLIENT REPLY SKIP|BLOCK 50|PING 2"), "");
  node.AdvanceMs(50);
  EXPECT_EQ(client->Take(), "$1|2|");
}

TEST(ClientReply, InATransactionTakesEffectInItsTurn) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("MULTI|CLIENT REPLY SKIP|PING|EXEC|PING a|PING b"),
            "+OK|+QUEUED|+QUEUED|*2|+PONG|$1|b|");
  EXPECT_EQ(client->Call("MULTI|PING|CLIENT REPLY OFF|PING|EXEC|PING a"),
            "+OK|+QUEUED|+QUEUED|+QUEUED|*3|+PONG|");
}

// ---- Authentication ----

TEST(Authentication, IsAskedCommandByCommandOfAPipeline) {
  SessionHarness node;
  node.Set(Parameter::requirepass, "secret");
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("GET a|AUTH wrong|AUTH secret|SET a 1|RESET|GET a"),
            "-NOAUTH Authentication required.|-WRONGPASS invalid username-password pair or user is "
            "disabled.|+OK|+OK|"
            "+RESET|-NOAUTH Authentication required.|");
}

TEST(Authentication, NarrowLimitsHoldUntilAuth) {
  SessionHarness node;
  node.Set(Parameter::requirepass, "secret");
  const std::string eleven = Resp({"DEL", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"});
  EXPECT_EQ(node.Connect()->SendRaw(Resp({"AUTH", "secret"}) + eleven), "+OK|:0|");
  EXPECT_EQ(node.Connect()->SendRaw(eleven),
            "-ERR Protocol error: unauthenticated multibulk length|");
}

TEST(Authentication, APasswordSetLaterDoesNotShutOutWhoIsIn) {
  SessionHarness node;
  Client* client = node.Connect();
  node.Set(Parameter::requirepass, "secret");
  EXPECT_EQ(client->Call("PING"), "+PONG|");
  EXPECT_EQ(node.Connect()->Call("PING"), "-NOAUTH Authentication required.|");
  EXPECT_EQ(client->Call("RESET|PING"), "+RESET|-NOAUTH Authentication required.|");
}

// ---- CLIENT PAUSE ----

TEST(Pause, HoldsAllCommandsUntilItsEnd) {
  SessionHarness node;
  Client* client = node.Connect();
  node.Connect()->Call("CLIENT PAUSE 100");
  EXPECT_EQ(client->Call("PING|SET a 1|FOO|GET a"), "");
  EXPECT_FALSE(client->wire().reading);
  node.AdvanceMs(99);
  EXPECT_EQ(client->Take(), "");
  node.AdvanceMs(1);
  EXPECT_EQ(client->Run(),
            "+PONG|+OK|-ERR unknown command 'FOO', with args beginning with: |$1|1|");
  EXPECT_TRUE(client->wire().reading);
}

TEST(Pause, OfWritesHoldsWritesAndWhatStandsBehindThem) {
  SessionHarness node;
  Client* client = node.Connect();
  Client* other = node.Connect();
  other->Call("CLIENT PAUSE 100 WRITE");
  EXPECT_EQ(client->Call("GET a|SET a 1|GET a"), "$-1|");
  EXPECT_EQ(other->Call("CLIENT UNPAUSE"), "+OK|");
  EXPECT_EQ(client->Run(), "+OK|$1|1|");
}

TEST(Pause, HoldsAnExecThatWritesAndLetsOthersPass) {
  SessionHarness node;
  Client* writer = node.Connect();
  Client* reader = node.Connect();
  writer->Call("MULTI|SET a 1");
  reader->Call("MULTI|GET a");
  Client* other = node.Connect();
  other->Call("CLIENT PAUSE 100 WRITE");
  EXPECT_EQ(writer->Call("EXEC"), "");
  EXPECT_EQ(reader->Call("EXEC"), "*1|$-1|");
  EXPECT_EQ(reader->Call("MULTI|SET a 2|EXEC"), "+OK|");
  other->Call("CLIENT UNPAUSE");
  EXPECT_EQ(writer->Run(), "*1|+OK|");
  EXPECT_EQ(reader->Run(), "+QUEUED|*1|+OK|");
}

TEST(Pause, OneThatBeginsBehindTheJudgementHoldsWhatHasNotRun) {
  SessionHarness node;
  Client* client = node.Connect();
  // A batch that pauses itself: what stands behind it is judged under the locks.
  EXPECT_EQ(client->Call("CLIENT PAUSE 100 WRITE|SET a 1"), "+OK|");
  node.AdvanceMs(100);
  EXPECT_EQ(client->Run(), "+OK|");
}

TEST(Pause, AnExecMayPause) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("MULTI|SET a 1|CLIENT PAUSE 100|SET b 1|EXEC|GET a"),
            "+OK|+QUEUED|+QUEUED|+QUEUED|*3|+OK|+OK|+OK|");
  node.AdvanceMs(100);
  EXPECT_EQ(client->Run(), "$1|1|");
}

TEST(Pause, WhatExpiresMeanwhileIsHiddenAndStays) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("SET a 1 PX 10");
  node.Connect()->Call("CLIENT PAUSE 100 WRITE");
  node.AdvanceMs(50);
  EXPECT_EQ(client->Call("GET a|DBSIZE"), "$-1|:1|");
  node.AdvanceMs(50);
  EXPECT_EQ(client->Call("GET a|DBSIZE"), "$-1|:0|");
}

TEST(Pause, LongerAndStricterOnesWin) {
  SessionHarness node;
  Client* client = node.Connect();
  ServerState& server = node.server();
  const int64_t now_ms = node.runtime().loop(0).pass_wall_ms();
  server.Pause(ServerState::PauseKind::kAll, now_ms + 100);
  server.Pause(ServerState::PauseKind::kWrite, now_ms + 50);
  EXPECT_EQ(client->Call("PING"), "");
  server.Pause(ServerState::PauseKind::kWrite, now_ms + 200);
  node.AdvanceMs(100);
  EXPECT_EQ(client->Take(), "");
  node.AdvanceMs(100);
  EXPECT_EQ(client->Take(), "+PONG|");
}

TEST(Pause, APausedClientIsNotIdle) {
  SessionHarness node;
  node.Set(Parameter::timeout, "1");
  Client* client = node.Connect();
  node.Connect()->Call("CLIENT PAUSE 5000");
  client->Call("PING");
  client->session()->CheckLimits(node.runtime().loop(0).pass_wall_ms() + 3000);
  EXPECT_FALSE(client->closed());
}

// ---- Output ----

TEST(Output, CommandsWaitWhileTheClientDoesNotRead) {
  SessionHarness node;
  node.Set(Parameter::client_output_pause_bytes, "100000");
  Client* client = node.Connect();
  client->SendRaw(Resp({"SET", "k", std::string(60000, 'v')}));
  client->wire().room_bytes = 0;
  std::string commands;
  for (int i = 0; i < 100; ++i) commands += "GET k\r\n";
  client->SendRaw(commands + "INCR n\r\n");
  EXPECT_FALSE(client->wire().reading);
  EXPECT_EQ(node.store().KeyCount(0), 1u);  // INCR has not run
  client->SendRaw("INCR n\r\n");
  client->AddRoom(SIZE_MAX);
  EXPECT_TRUE(client->wire().reading);
  const std::string replies = client->Run();
  EXPECT_EQ(replies.size(), 100 * (60000 + 8) + 2 * 3u);
  EXPECT_EQ(replies.substr(replies.size() - 6), ":1|:2|");
}

TEST(Output, ClosesAtTheHardLimit) {
  SessionHarness node;
  node.Set(Parameter::client_output_buffer_limit, "normal 100000 0 0");
  Client* client = node.Connect();
  client->wire().room_bytes = 0;
  client->SendRaw(Resp({"ECHO", std::string(60000, 'v')}));
  EXPECT_FALSE(client->closed());
  client->SendRaw(Resp({"ECHO", std::string(60000, 'v')}));
  EXPECT_TRUE(client->wire().destroyed);
  EXPECT_EQ(node.server().worker(0).stats().output_buffer_limit_disconnections.get(), 1);
}

TEST(Output, ClosesWhenOverTheSoftLimitForTooLong) {
  SessionHarness node;
  node.Set(Parameter::client_output_buffer_limit, "normal 0 1000 10");
  Client* client = node.Connect();
  client->wire().room_bytes = 0;
  client->SendRaw(Resp({"ECHO", std::string(6000, 'v')}));
  node.AdvanceMs(10000);
  client->session()->CheckLimits(node.runtime().loop(0).pass_wall_ms());
  EXPECT_FALSE(client->closed());
  node.AdvanceMs(1);
  client->session()->CheckLimits(node.runtime().loop(0).pass_wall_ms());
  EXPECT_TRUE(client->closed());
}

TEST(Output, TheSoftLimitsTimeBeginsAnewWhenTheClientHasCaughtUp) {
  SessionHarness node;
  node.Set(Parameter::client_output_buffer_limit, "normal 0 1000 10");
  Client* client = node.Connect();
  client->wire().room_bytes = 0;
  client->SendRaw(Resp({"ECHO", std::string(6000, 'v')}));
  client->AddRoom(SIZE_MAX);
  node.AdvanceMs(20000);
  client->wire().room_bytes = 0;
  client->SendRaw(Resp({"ECHO", std::string(6000, 'v')}));
  EXPECT_FALSE(client->closed());
}

TEST(Output, AClientThatStillReadsIsNotIdle) {
  SessionHarness node;
  node.Set(Parameter::timeout, "10");
  Client* client = node.Connect();
  client->wire().room_bytes = 0;
  client->SendRaw(Resp({"ECHO", std::string(6000, 'v')}));
  node.AdvanceMs(9000);
  client->AddRoom(100);
  node.AdvanceMs(9000);
  client->session()->CheckLimits(node.runtime().loop(0).pass_wall_ms());
  EXPECT_FALSE(client->closed());
  node.AdvanceMs(2000);
  client->session()->CheckLimits(node.runtime().loop(0).pass_wall_ms());
  EXPECT_TRUE(client->closed());
}

// ---- Statistics ----

TEST(Statistics, RefusedAndQueuedCommandsAreNoCalls) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("GET|MULTI|SET a 1|INCR a a|EXEC|MULTI|SET a x|EXEC");
  EXPECT_EQ(node.Stats("get").calls.get(), 0);
  EXPECT_EQ(node.Stats("get").rejected_calls.get(), 1);
  EXPECT_EQ(node.Stats("incr").rejected_calls.get(), 1);
  EXPECT_EQ(node.Stats("set").calls.get(), 1);
  EXPECT_EQ(node.Stats("multi").calls.get(), 2);
  EXPECT_EQ(node.Stats("exec").calls.get(), 2);
  EXPECT_EQ(node.Stats("exec").failed_calls.get(), 1);
}

TEST(Statistics, SubcommandsAreCountedUnderTheirOwnNames) {
  SessionHarness node;
  node.Connect()->Call("CLIENT ID|CLIENT ID|CLIENT GETNAME");
  EXPECT_EQ(node.Stats("client|id").calls.get(), 2);
  EXPECT_EQ(node.Stats("client|getname").calls.get(), 1);
  EXPECT_EQ(node.Stats("client").calls.get(), 0);
}

TEST(Statistics, EveryErrorOfATransactionIsCountedOnceWithItsCommand) {
  SessionHarness node;
  EXPECT_EQ(node.Connect()->Call("MULTI|SET a x|INCR a|AUTH u p|EXEC"),
            "+OK|+QUEUED|+QUEUED|+QUEUED|*3|+OK|-ERR value is not an integer or out of range|"
            "-WRONGPASS invalid username-password pair or user is disabled.|");
  EXPECT_EQ(node.Stats("incr").failed_calls.get(), 1);
  EXPECT_EQ(node.Stats("auth").failed_calls.get(), 1);
  EXPECT_EQ(node.Stats("exec").failed_calls.get(), 0);
  EXPECT_EQ(node.server().worker(0).stats().error_replies.get(), 2);
  const std::vector<std::pair<std::string, int64_t>> codes = {{"ERR", 1}, {"WRONGPASS", 1}};
  EXPECT_EQ(node.server().error_stats().Counts(), codes);
}

TEST(Statistics, ResetHoldsForTheNextCommand) {
  SessionHarness node(2);
  Client* client = node.Connect(0);
  client->Call("GET a");
  node.Connect(1)->Call("GET a");
  node.server().ResetStats();
  EXPECT_EQ(node.Stats("get", 0).calls.get(), 0);
  EXPECT_EQ(node.Stats("get", 1).calls.get(), 0);
  client->Call("GET a");
  EXPECT_EQ(node.Stats("get", 0).calls.get(), 1);
}

TEST(Statistics, TheSlowLogShowsNoPasswords) {
  SessionHarness node;
  node.Set(Parameter::slowlog_log_slower_than, "0");
  node.Connect()->Call("AUTH default secret");
  const auto entries = node.server().slow_log().Newest(-1);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].args, (std::vector<std::string>{"AUTH", "(redacted)", "(redacted)"}));
}

TEST(Statistics, TheSlowLogShowsEachCommandOfABatch) {
  SessionHarness node;
  node.Set(Parameter::slowlog_log_slower_than, "0");
  node.Connect()->Call("GET a|GET b");
  node.Connect()->Call("PING|GET c|get d");
  std::string keys;
  for (const auto& entry : node.server().slow_log().Newest(-1))
    absl::StrAppend(&keys, entry.args.back(), " ");
  EXPECT_EQ(keys, "d c PING b a ");
}

// ---- MONITOR ----

TEST(Monitor, ShowsCommandsAsTheyHaveRun) {
  SessionHarness node(2);
  Client* monitor = node.Connect(1);
  EXPECT_EQ(monitor->Call("MONITOR|MONITOR"), "+OK|");
  Client* client = node.Connect(0);
  client->Call("SELECT 9|GET|FOO|MULTI|SET a 1|EXEC|CLIENT LIST|AUTH default x");
  EXPECT_EQ(
      monitor->Take(),
      "+1.000000 [9 127.0.0.1:50000] \"SELECT\" \"9\"|+1.000000 [9 127.0.0.1:50000] \"MULTI\"|"
      "+1.000000 [9 127.0.0.1:50000] \"SET\" \"a\" \"1\"|+1.000000 [9 127.0.0.1:50000] \"EXEC\"|"
      "+1.000000 [9 127.0.0.1:50000] \"AUTH\" \"(redacted)\" \"(redacted)\"|");
}

TEST(Monitor, MayNotTouchKeysAndIsNeverPaused) {
  SessionHarness node;
  Client* monitor = node.Connect();
  monitor->Call("MONITOR");
  EXPECT_EQ(monitor->Call("GET a"), "-ERR Replica can't interact with the keyspace|");
  node.Connect()->Call("CLIENT PAUSE 1000");
  monitor->Take();
  EXPECT_EQ(monitor->Call("RESET"), "+RESET|");
  node.AdvanceMs(1000);
  EXPECT_EQ(monitor->Call("GET a"), "$-1|");
  EXPECT_EQ(node.server().monitor_count.load(), 0);
}

TEST(Monitor, LinesOnTheirWayToOneThatHasLeftAreDropped) {
  SessionHarness node;
  Client* monitor = node.Connect();
  monitor->Call("MONITOR");
  EXPECT_EQ(monitor->Call("PING|RESET|PING"), "+PONG|+RESET|+PONG|");
  monitor->Call("MONITOR");
  monitor->HangUp();
  EXPECT_EQ(node.server().monitor_count.load(), 0);
  EXPECT_EQ(node.Connect()->Call("PING"), "+PONG|");
}

TEST(Session, AHeldBackKillOfItselfIsAnswered) {
  SessionHarness node;
  Client* client = node.Connect();
  const std::string id = absl::StrCat(client->session()->id());
  EXPECT_EQ(client->Call("BLOCK 50|CLIENT KILL ID " + id + " SKIPME NO|PING"), "");
  node.AdvanceMs(50);
  EXPECT_EQ(client->Take(), ":0|:1|");
  EXPECT_TRUE(client->wire().destroyed);
}

}  // namespace
}  // namespace damselfly
