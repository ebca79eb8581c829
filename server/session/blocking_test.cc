// Clients that wait for keys: who is served, when, and how waiting ends.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"
#include "server/session/tape_commands.h"
#include "server/store/change.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

std::string Taken(absl::string_view key, absl::string_view character) {
  return absl::StrCat("*2|$", key.size(), "|", key, "|$1|", character, "|");
}

// Writes down groups as "(" and ")", and each change as "c".
class GroupsWritten final : public ChangeSink {
 public:
  void OnChange(int, const Change&) override { text += "c"; }
  void BeginGroup(int) override { text += "("; }
  void EndGroup(int) override { text += ")"; }
  std::string text;
};

class BlockingTest : public testing::Test {
 protected:
  explicit BlockingTest(int workers = 1) : node_(workers, "", TapeCommands::All()) {}

  bool IsShownAsBlocked(Client* client) {
    return client->session()->info().HasFlag(ClientInfo::kBlocked);
  }
  std::string Id(Client* client) { return absl::StrCat(client->session()->id()); }

  SessionHarness node_;
  Client* const waiter_ = node_.Connect();
  Client* const other_ = node_.Connect();
};

// ---- Serving ----

TEST_F(BlockingTest, WhatIsThereIsTakenAtOnce) {
  other_->Call("PUT b xy");
  EXPECT_EQ(waiter_->Call("TAKE a b 0"), Taken("b", "x"));
  EXPECT_FALSE(waiter_->session()->is_blocked());
}

TEST_F(BlockingTest, AClientWaitsForTheFirstOfItsKeysToHaveSomething) {
  EXPECT_EQ(waiter_->Call("TAKE a b 0"), "");
  EXPECT_TRUE(IsShownAsBlocked(waiter_));
  EXPECT_EQ(other_->Call("PUT b x"), ":1|");
  EXPECT_EQ(waiter_->Run(), Taken("b", "x"));
  EXPECT_FALSE(IsShownAsBlocked(waiter_));
  EXPECT_EQ(other_->Call("EXISTS b"), ":0|");
}

TEST_F(BlockingTest, WhoIsServedWaitsForNoKeyAnyMore) {
  waiter_->Call("TAKE a b 0");
  other_->Call("PUT b x");
  EXPECT_EQ(waiter_->Run(), Taken("b", "x"));
  EXPECT_EQ(other_->Call("PUT a y|PUT b z"), ":1|:1|");
  EXPECT_EQ(waiter_->Run(), "");
}

TEST_F(BlockingTest, WhatStandsBehindIsRunWhenTheReplyIsThere) {
  EXPECT_EQ(waiter_->Call("TAKE a 0|PING"), "");
  EXPECT_EQ(waiter_->Call("STRLEN a"), "");
  other_->Call("PUT a xyz");
  EXPECT_EQ(waiter_->Run(), Taken("a", "x") + "+PONG|:2|");
}

TEST_F(BlockingTest, TheCommandBehindTheChangeSeesWhatTheWaiterHasLeft) {
  waiter_->Call("TAKE a 0");
  EXPECT_EQ(other_->Call("PUT a xy|STRLEN a|STRLEN a"), ":2|:1|:1|");
  EXPECT_EQ(waiter_->Run(), Taken("a", "x"));
}

TEST_F(BlockingTest, WhoHasWaitedLongestIsServedFirst) {
  std::vector<Client*> waiters;
  for (int i = 0; i < 10; ++i) {
    waiters.push_back(node_.Connect());
    // Whatever else it waits for.
    waiters.back()->Call(absl::StrCat("TAKE ", i % 2 == 0 ? "b a" : "a c", " 0"));
  }
  other_->Call("PUT a 0123");
  other_->Call("PUT a 456789X");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(waiters[i]->Run(), Taken("a", absl::StrCat(i)));
  EXPECT_EQ(other_->Call("GET a"), "$1|X|");
}

TEST_F(BlockingTest, AKeyThatStandsTwiceIsWaitedForOnce) {
  waiter_->Call("TAKE a a 0");
  other_->Call("PUT a xy");
  EXPECT_EQ(waiter_->Run(), Taken("a", "x"));
  EXPECT_EQ(other_->Call("GET a"), "$1|y|");
}

TEST_F(BlockingTest, OtherDatabasesAreOtherKeys) {
  waiter_->Call("SELECT 3|TAKE a 0");
  other_->Call("PUT a x");
  EXPECT_EQ(waiter_->Run(), "");
  EXPECT_EQ(other_->Call("SELECT 3|PUT a y|EXISTS a"), "+OK|:1|:0|");
  EXPECT_EQ(waiter_->Run(), Taken("a", "y"));
}

TEST_F(BlockingTest, AnyChangeOfAKeyWillDo) {
  waiter_->Call("TAKE a 0");
  other_->Call("SET b x|RENAME b a");
  EXPECT_EQ(waiter_->Run(), Taken("a", "x"));
  waiter_->Call("TAKE a 0");
  other_->Call("SELECT 1|SET a y|MOVE a 0");
  EXPECT_EQ(waiter_->Run(), Taken("a", "y"));
  waiter_->Call("TAKE a 0");
  other_->Call("SET a z|SWAPDB 0 1|EXISTS a");
  EXPECT_EQ(waiter_->Run(), Taken("a", "z"));
}

TEST_F(BlockingTest, AKeyThatHoldsAnotherTypeIsNotAskedFor) {
  waiter_->Call("AWAITLIST a 0");
  EXPECT_EQ(other_->Call("SET a x|DEL a"), "+OK|:1|");
  EXPECT_TRUE(IsShownAsBlocked(waiter_));
}

TEST_F(BlockingTest, TheEndOfAKeyIsToldToWhomItMatters) {
  node_.Connect()->Call("TAKE a 0");
  for (const absl::string_view end : {"DEL a", "RENAME a b", "FLUSHALL", "FLUSHDB", "SWAPDB 0 1"}) {
    other_->Call("SET a x");
    ASSERT_EQ(other_->Call("SET a x"), "+OK|");
    waiter_->Call("AWAITGONE a 0");
    ASSERT_TRUE(IsShownAsBlocked(waiter_)) << end;
    other_->Call(end);
    EXPECT_EQ(waiter_->Run(), "+GONE|") << end;
    other_->Call("FLUSHALL");
  }
}

TEST_F(BlockingTest, AKeyThatExpiresHasGone) {
  node_.server().worker(0).Start();
  other_->Call("SET a x PX 50");
  waiter_->Call("AWAITGONE a 0");
  node_.AdvanceMs(2000);
  EXPECT_EQ(waiter_->Run(), "+GONE|");
  // Found by a command that reads.
  other_->Call("SET b x PX 1");
  waiter_->Call("AWAITGONE b 0");
  node_.runtime().loop(0).Advance(1'000'000);
  EXPECT_EQ(other_->Call("GET b"), "$-1|");
  EXPECT_EQ(waiter_->Run(), "+GONE|");
}

TEST_F(BlockingTest, AnErrorIsAnAnswerToo) {
  waiter_->Call("SHIFT a refuses 0");
  other_->Call("PUT a x");
  EXPECT_EQ(waiter_->Run(), "-WRONGTYPE refused|");
  EXPECT_EQ(node_.Stats("shift").calls.get(), 1);
  EXPECT_EQ(node_.Stats("shift").failed_calls.get(), 1);
}

TEST_F(BlockingTest, TheReplyIsInTheProtocolOfWhoWaits) {
  Client* third = node_.Connect();
  third->Call("HELLO 3");
  EXPECT_EQ(third->Call("SHIFT a b 0.1"), "");
  node_.AdvanceMs(100);
  EXPECT_EQ(third->Run(), "_|");
  EXPECT_EQ(waiter_->Call("SHIFT a b 0.1"), "");
  node_.AdvanceMs(100);
  EXPECT_EQ(waiter_->Run(), "$-1|");
}

// ---- What serving leads to ----

TEST_F(BlockingTest, WhatAServedCommandChangesServesOthers) {
  Client* second = node_.Connect();
  Client* third = node_.Connect();
  third->Call("TAKE c 0");
  second->Call("SHIFT b c 0");
  waiter_->Call("SHIFT a b 0");
  EXPECT_EQ(other_->Call("PUT a xy|MGET a b c"), ":2|*3|$1|y|$-1|$-1|");
  EXPECT_EQ(waiter_->Run(), "$1|x|");
  EXPECT_EQ(second->Run(), "$1|x|");
  EXPECT_EQ(third->Run(), Taken("c", "x"));
}

TEST_F(BlockingTest, ACommandThatNeedNotWaitServesOthersToo) {
  other_->Call("PUT a x");
  waiter_->Call("TAKE b 0");
  EXPECT_EQ(other_->Call("SHIFT a b 0"), "$1|x|");
  EXPECT_EQ(waiter_->Run(), Taken("b", "x"));
}

TEST_F(BlockingTest, CirclesComeToAnEnd) {
  Client* second = node_.Connect();
  waiter_->Call("SHIFT a b 0");
  second->Call("SHIFT b a 0");
  EXPECT_EQ(other_->Call("PUT a x|GET a|GET b"), ":1|$1|x|$-1|");
  EXPECT_EQ(waiter_->Run(), "$1|x|");
  EXPECT_EQ(second->Run(), "$1|x|");
}

// ---- Transactions ----

TEST_F(BlockingTest, InATransactionNobodyWaits) {
  EXPECT_EQ(waiter_->Call("MULTI|TAKE a 0|PUT a x|TAKE a 0|EXEC"),
            absl::StrCat("+OK|+QUEUED|+QUEUED|+QUEUED|*3|*-1|:1|", Taken("a", "x")));
}

TEST_F(BlockingTest, WhatATransactionChangesIsServedAtItsEnd) {
  waiter_->Call("TAKE a b 0");
  EXPECT_EQ(other_->Call("MULTI|PUT a x|DEL a|PUT b y|PUT a z|GET b|EXEC|MGET a b"),
            "+OK|+QUEUED|+QUEUED|+QUEUED|+QUEUED|+QUEUED|*5|:1|:1|:1|:1|$1|y|*2|$-1|$1|y|");
  // The key that has changed first, with what it holds in the end.
  EXPECT_EQ(waiter_->Run(), Taken("a", "z"));
}

TEST_F(BlockingTest, WhatIsGoneAtTheEndOfATransactionServesNobody) {
  waiter_->Call("TAKE a 0");
  other_->Call("MULTI|PUT a x|DEL a|EXEC");
  EXPECT_EQ(waiter_->Run(), "");
  EXPECT_TRUE(IsShownAsBlocked(waiter_));
}

TEST_F(BlockingTest, AServedClientsChangeIsSeenByWhoWatches) {
  Client* watcher = node_.Connect();
  watcher->Call("SET b 1|WATCH b|MULTI|GET b");
  waiter_->Call("SHIFT a b 0");
  other_->Call("PUT a x");
  EXPECT_EQ(watcher->Call("EXEC"), "*-1|");
}

TEST_F(BlockingTest, AChangeAndWhatIsServedOfItAreOneGroup) {
  GroupsWritten sink;
  waiter_->Call("SHIFT a b 0");
  node_.store().LockAll();
  node_.store().set_change_sink(&sink);
  node_.store().UnlockAll();
  other_->Call("PUT a x");
  other_->Call("MSET c 1");
  EXPECT_EQ(sink.text, "(ccc)(c)");
  node_.store().LockAll();
  node_.store().set_change_sink(nullptr);
  node_.store().UnlockAll();
}

// ---- How waiting ends otherwise ----

TEST_F(BlockingTest, AfterItsTimeoutAClientHasNothing) {
  EXPECT_EQ(waiter_->Call("TAKE a 0.1|PING"), "");
  node_.AdvanceMs(99);
  EXPECT_EQ(waiter_->Run(), "");
  node_.AdvanceMs(1);
  EXPECT_EQ(waiter_->Run(), "*-1|+PONG|");
  EXPECT_FALSE(IsShownAsBlocked(waiter_));
  EXPECT_EQ(other_->Call("PUT a x|GET a"), ":1|$1|x|");
}

TEST_F(BlockingTest, ATimeoutBeyondAllTimesIsNone) {
  waiter_->Call("TAKE a 9223372036854775");
  node_.AdvanceMs(1'000'000);
  EXPECT_TRUE(waiter_->session()->is_blocked());
}

TEST_F(BlockingTest, ClientUnblockIsATimeoutOrAnError) {
  waiter_->Call("TAKE a 0");
  EXPECT_EQ(other_->Call(absl::StrCat("CLIENT UNBLOCK ", Id(waiter_))), ":1|");
  EXPECT_EQ(waiter_->Run(), "*-1|");
  waiter_->Call("TAKE a 0");
  // Whoever is unblocked is not blocked any more, though it has not heard of it yet.
  EXPECT_EQ(other_->Call(absl::StrCat("CLIENT UNBLOCK ", Id(waiter_), " ERROR|CLIENT UNBLOCK ",
                                      Id(waiter_), "|PUT a x")),
            ":1|:0|:1|");
  EXPECT_EQ(waiter_->Run(), "-UNBLOCKED client unblocked via CLIENT UNBLOCK|");
  EXPECT_EQ(other_->Call("GET a"), "$1|x|");
}

TEST_F(BlockingTest, WhoAwaitsWhatTheServerDoesCannotBeUnblocked) {
  waiter_->Call("BLOCKUNTILDONE");
  EXPECT_EQ(other_->Call(absl::StrCat("CLIENT UNBLOCK ", Id(waiter_), " ERROR|CLIENT UNBLOCK ",
                                      Id(waiter_))),
            ":0|:0|");
  waiter_->session()->WakeUp(Session::Wake::kUnblocked);
  EXPECT_EQ(waiter_->Run(), "+DONE|");
  waiter_->Call("TAKE a 0");
  EXPECT_EQ(other_->Call(absl::StrCat("CLIENT UNBLOCK ", Id(waiter_))), ":1|");
}

TEST_F(BlockingTest, WhoIsServedCannotBeUnblocked) {
  waiter_->Call("TAKE a 0");
  EXPECT_EQ(other_->Call(absl::StrCat("PUT a x|CLIENT UNBLOCK ", Id(waiter_))), ":1|:0|");
  EXPECT_EQ(waiter_->Run(), Taken("a", "x"));
}

TEST_F(BlockingTest, WhoIsKilledIsServedNothing) {
  waiter_->Call("TAKE a b 0");
  EXPECT_EQ(other_->Call(absl::StrCat("CLIENT KILL ID ", Id(waiter_), "|PUT a x|GET a")),
            ":1|:1|$1|x|");
  EXPECT_TRUE(waiter_->closed());
}

TEST_F(BlockingTest, WhoHasHungUpIsServedNothing) {
  Client* second = node_.Connect();
  waiter_->Call("TAKE a b 0");
  second->Call("TAKE b a 0");
  waiter_->HangUp();
  EXPECT_EQ(other_->Call("PUT a xy"), ":2|");
  EXPECT_EQ(second->Run(), Taken("a", "x"));
  EXPECT_EQ(other_->Call("GET a"), "$1|y|");
}

TEST_F(BlockingTest, AClientThatWaitsIsHeardSoThatItsEndIsNoticed) {
  waiter_->Call("TAKE a 0|PING");
  EXPECT_TRUE(waiter_->wire().reading);
  waiter_->SendRaw(std::string(100'000, 'x'));
  EXPECT_FALSE(waiter_->wire().reading);
}

TEST_F(BlockingTest, AReplicaLetsNobodyWait) {
  Client* second = node_.Connect();
  waiter_->Call("TAKE a 0|PING");
  second->Call("BLOCK 0");
  node_.store().LockAll();
  node_.store().set_access(Store::Access::kReadOnly);
  node_.store().UnlockAll();
  node_.server().OnBecameReplica();
  node_.runtime().RunReady();
  EXPECT_EQ(waiter_->Take(),
            "-UNBLOCKED force unblock from blocking operation, instance state changed "
            "(master -> replica?)|");
  EXPECT_TRUE(waiter_->closed());
  EXPECT_TRUE(second->closed());
}

TEST_F(BlockingTest, OnAReplicaWritersAreServedNothing) {
  waiter_->Call("TAKE a 0");
  node_.store().LockAll();
  node_.store().set_access(Store::Access::kReadOnly);
  Database(&node_.store(), 0, 0, &node_.store().counters(0))
      .SetText(node_.store().MakeKey("a"), "x", Database::Expiry::None());
  node_.store().UnlockAll();
  node_.server().worker(0).key_server().ServeRest();
  EXPECT_EQ(waiter_->Run(), "");
}

TEST_F(BlockingTest, WithoutRepliesAServedClientGetsNone) {
  waiter_->Call("CLIENT REPLY SKIP|TAKE a 0|PING");
  other_->Call("PUT a x");
  EXPECT_EQ(waiter_->Run(), "+PONG|");
  waiter_->Call("CLIENT REPLY OFF|TAKE a 0|CLIENT REPLY ON");
  other_->Call("PUT a x");
  EXPECT_EQ(waiter_->Run(), "+OK|");
  EXPECT_EQ(other_->Call("EXISTS a"), ":0|");
}

TEST_F(BlockingTest, ANodeMayGoWhileClientsWait) {
  waiter_->Call("TAKE a b 0");
  other_->Call("SHIFT b c 0");
}

// ---- Several workers ----

class BlockingOnWorkersTest : public BlockingTest {
 protected:
  BlockingOnWorkersTest() : BlockingTest(3) {}
};

TEST_F(BlockingOnWorkersTest, WhoChangesServesWhoWaitsElsewhere) {
  Client* far = node_.Connect(2);
  far->Call("TAKE a b 0");
  node_.Connect(1)->Call("TAKE b a 0");
  EXPECT_EQ(other_->Call("PUT b x|GET b|PUT a y|GET a"), ":1|$-1|:1|$-1|");
  EXPECT_EQ(far->Run(), Taken("b", "x"));
}

TEST_F(BlockingOnWorkersTest, UnblockingReachesEveryWorker) {
  Client* far = node_.Connect(2);
  far->Call("TAKE a 0");
  EXPECT_EQ(other_->Call(absl::StrCat("CLIENT UNBLOCK ", Id(far), "|PUT a x|GET a")),
            ":1|:1|$1|x|");
  EXPECT_EQ(far->Run(), "*-1|");
}

}  // namespace
}  // namespace damselfly
