// What sessions do with slots that their node does not own, and what the admin port is spared.

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/session/fixed_router.h"
#include "server/session/session_harness.h"
#include "server/session/tape_commands.h"

namespace damselfly {
namespace {

// A node that owns the slots of the keys "a" and "b" (and nothing else) and knows another one.
class SlotOwnershipTest : public testing::Test {
 protected:
  SlotOwnershipTest() {
    node_.server().set_slot_router(&router_);
    node_.store().RestrictToOwnedSlots();
    node_.store().Own(KeySlot("a"));
    node_.store().Own(KeySlot("b"));
  }

  void Disown(absl::string_view key) {
    node_.store().Disown(KeySlot(key), &node_.store().counters(0));
  }
  static std::string Moved(absl::string_view key) {
    return absl::StrCat("-MOVED ", KeySlot(key), " other:1|");
  }
  static constexpr char kCrossSlot[] = "-CROSSSLOT Keys in request don't hash to the same slot|";

  FixedRouter router_;
  SessionHarness node_{1, "yes", TapeCommands::All()};
  SessionHarness::Client* client_ = node_.Connect();
};

TEST_F(SlotOwnershipTest, OwnedSlotsAreServedAndOthersRedirected) {
  EXPECT_EQ(client_->Call("SET a 1"), "+OK|");
  EXPECT_EQ(client_->Call("GET a"), "$1|1|");
  EXPECT_EQ(client_->Call("SET c 1"), Moved("c"));
  EXPECT_EQ(client_->Call("GET c"), Moved("c"));
  EXPECT_EQ(client_->Call("EXISTS {c}1 {c}2"), Moved("c"));
  EXPECT_EQ(node_.store().KeyCount(0), 1u);
}

TEST_F(SlotOwnershipTest, KeysOfSeveralSlotsAreRefusedWhoeverOwnsThem) {
  EXPECT_EQ(client_->Call("MSET a 1 b 2"), kCrossSlot);
  EXPECT_EQ(client_->Call("MSET a 1 c 2"), kCrossSlot);
  EXPECT_EQ(client_->Call("DEL c d"), kCrossSlot);
  EXPECT_EQ(client_->Call("MSET {a}1 1 {a}2 2"), "+OK|");
  EXPECT_EQ(client_->Call("MGET {a}1 {a}2"), "*2|$1|1|$1|2|");
  EXPECT_EQ(node_.store().KeyCount(0), 2u);
}

TEST_F(SlotOwnershipTest, CommandsWithoutKeysAndWithWrongArgumentsAreNotJudged) {
  EXPECT_EQ(client_->Call("PING"), "+PONG|");
  EXPECT_EQ(client_->Call("DBSIZE"), ":0|");
  EXPECT_EQ(client_->Call("SCAN 0"), "*2|$1|0|*0|");
  EXPECT_EQ(client_->Call("GET"), "-ERR wrong number of arguments for 'get' command|");
  EXPECT_EQ(client_->Call("FLUSHALL"), "+OK|");
}

TEST_F(SlotOwnershipTest, ARefusedCommandCountsAsRejectedAndRunsNothing) {
  client_->Call("SET c 1");
  EXPECT_EQ(node_.Stats("set").rejected_calls.get(), 1);
  EXPECT_EQ(node_.Stats("set").calls.get(), 0);
}

TEST_F(SlotOwnershipTest, QueueingARefusedCommandAbortsTheTransaction) {
  EXPECT_EQ(client_->Call("MULTI|SET a 1|SET c 1|EXEC"),
            absl::StrCat("+OK|+QUEUED|", Moved("c"),
                         "-EXECABORT Transaction discarded because of previous errors.|"));
  EXPECT_EQ(client_->Call("GET a"), "$-1|");
}

TEST_F(SlotOwnershipTest, ExecIsJudgedAgainWhenItRuns) {
  EXPECT_EQ(client_->Call("MULTI|SET a 1|INCR a"), "+OK|+QUEUED|+QUEUED|");
  Disown("a");
  EXPECT_EQ(client_->Call("EXEC"), Moved("a"));
  EXPECT_EQ(client_->Call("EXEC"), "-ERR EXEC without MULTI|");
  EXPECT_EQ(node_.store().KeyCount(0), 0u);
}

TEST_F(SlotOwnershipTest, ExecOverSeveralSlotsIsRefusedWithAllItsWatches) {
  EXPECT_EQ(client_->Call("MULTI|SET a 1|SET b 2|EXEC"),
            absl::StrCat("+OK|+QUEUED|+QUEUED|", kCrossSlot));
  EXPECT_EQ(client_->Call("WATCH b|MULTI|SET a 1|EXEC"),
            absl::StrCat("+OK|+OK|+QUEUED|", kCrossSlot));
  EXPECT_EQ(client_->Call("MULTI|SET a 1|PING|EXEC"), "+OK|+QUEUED|+QUEUED|*2|+OK|+PONG|");
}

TEST_F(SlotOwnershipTest, WatchIsJudgedAndALostSlotMakesItFail) {
  EXPECT_EQ(client_->Call("WATCH c"), Moved("c"));
  EXPECT_EQ(client_->Call("WATCH a b"), kCrossSlot);
  EXPECT_EQ(client_->Call("WATCH a|MULTI|PING"), "+OK|+OK|+QUEUED|");
  Disown("a");
  EXPECT_EQ(client_->Call("EXEC"), "*-1|");
}

TEST_F(SlotOwnershipTest, ASlotThatWentAndCameBackHasChangedForWhoWatchesIt) {
  EXPECT_EQ(client_->Call("WATCH a|MULTI|SET a 1"), "+OK|+OK|+QUEUED|");
  Disown("a");
  node_.store().Own(KeySlot("a"));
  EXPECT_EQ(client_->Call("EXEC"), "*-1|");
  EXPECT_EQ(client_->Call("GET a"), "$-1|");
}

TEST_F(SlotOwnershipTest, WhoIsBlockedOnALostSlotIsToldWhereItIs) {
  const uint16_t slots[] = {KeySlot("a"), KeySlot("b")};
  bool lost = false;
  client_->session()->Block(
      0, [&](Session&, Session::Wake wake) { lost = wake == Session::Wake::kRefused; }, slots);
  SlotSet other;
  other.set(KeySlot("c"));
  node_.server().OnSlotsLost(other);
  EXPECT_EQ(client_->Run(), "");
  EXPECT_TRUE(client_->session()->is_blocked());

  SlotSet gone;
  gone.set(KeySlot("b"));
  // Lost, and back before the session hears of it.
  node_.server().OnSlotsLost(gone);
  EXPECT_EQ(client_->Run(), "");
  EXPECT_TRUE(client_->session()->is_blocked());
  Disown("b");
  node_.server().OnSlotsLost(gone);
  EXPECT_EQ(client_->Run(), Moved("b"));
  EXPECT_TRUE(lost);
  EXPECT_EQ(client_->Call("PING"), "+PONG|");
}

TEST_F(SlotOwnershipTest, WhoWaitsForAKeyOfALostSlotIsToldWhereItIs) {
  SessionHarness::Client* const other = node_.Connect();
  other->Call("SET {a}b x");
  EXPECT_EQ(client_->Call("AWAITGONE {a}b 0|PING"), "");
  EXPECT_EQ(other->Call("AWAITGONE c 0"), Moved("c"));
  SlotSet gone;
  gone.set(KeySlot("a"));
  Disown("a");
  node_.server().OnSlotsLost(gone);
  EXPECT_EQ(other->Call("PING"), "+PONG|");
  EXPECT_EQ(client_->Run(), Moved("a") + "+PONG|");
  EXPECT_EQ(client_->Call("TAKE b {b}2 0.1"), "");
  node_.AdvanceMs(100);
  EXPECT_EQ(client_->Run(), "*-1|");
}

TEST_F(SlotOwnershipTest, WhoWaitsInASlotThatWentAndCameBackIsServedAsBefore) {
  SessionHarness::Client* const other = node_.Connect();
  other->Call("SET {a}b x");
  EXPECT_EQ(client_->Call("AWAITGONE {a}b 0"), "");
  // That its key is gone is noted, and looked at while the slot is another node's.
  Disown("a");
  node_.server().worker(0).key_server().ServeRest();
  node_.store().Own(KeySlot("a"));
  SlotSet gone;
  gone.set(KeySlot("a"));
  node_.server().OnSlotsLost(gone);
  EXPECT_EQ(client_->Run(), "");
  other->Call("SET {a}b y");
  EXPECT_EQ(other->Call("DEL {a}b"), ":1|");
  EXPECT_EQ(client_->Run(), "+GONE|");
}

TEST_F(SlotOwnershipTest, OnlyDatabaseZeroCanBeUsed) {
  EXPECT_EQ(client_->Call("SELECT 0"), "+OK|");
  EXPECT_EQ(client_->Call("SELECT 1"), "-ERR SELECT is not allowed in cluster mode|");
  EXPECT_EQ(client_->Call("SELECT 99"), "-ERR DB index is out of range|");
  EXPECT_EQ(client_->Call("MOVE a 1"), "-ERR MOVE is not allowed in cluster mode|");
  EXPECT_EQ(client_->Call("SWAPDB 0 1"), "-ERR SWAPDB is not allowed in cluster mode|");
  EXPECT_EQ(client_->Call("COPY a {a}2 DB 1"),
            "-ERR Copying to another database is not allowed in cluster mode|");
  EXPECT_EQ(client_->Call("COPY a {a}2 DB 0"), ":0|");
}

TEST_F(SlotOwnershipTest, ReadsAndWritesAreCountedForEachSlot) {
  client_->Call("SET a 1|GET a|GET a|MGET {a}1 {a}2|MULTI|SET a 2|EXEC");
  EXPECT_EQ(node_.store().FiguresOf(KeySlot("a")).read_count, 4u);
  EXPECT_EQ(node_.store().FiguresOf(KeySlot("a")).write_count, 2u);
  client_->Call("SET c 1");
  EXPECT_EQ(node_.store().FiguresOf(KeySlot("c")).write_count, 0u);
}

// ---- The admin port ----

class AdminPortTest : public testing::Test {
 protected:
  SessionHarness::Client* ConnectAdmin(absl::string_view host = "127.0.0.1") {
    return node_.Connect(0, host, ClientPort::kAdmin);
  }
  SessionHarness node_;
};

TEST_F(AdminPortTest, IsNotHeldByPauses) {
  SessionHarness::Client* const regular = node_.Connect();
  SessionHarness::Client* const admin = ConnectAdmin();
  EXPECT_EQ(admin->Call("CLIENT PAUSE 10000 ALL"), "+OK|");
  EXPECT_EQ(regular->Call("PING"), "");
  EXPECT_EQ(admin->Call("SET a 1"), "+OK|");
  EXPECT_EQ(admin->Call("CLIENT UNPAUSE"), "+OK|");
  EXPECT_EQ(regular->Run(), "+PONG|");
}

TEST_F(AdminPortTest, IsNotCountedOut) {
  node_.Set(Parameter::maxclients, "1");
  node_.Connect();
  EXPECT_EQ(node_.Connect()->Take(), "-ERR max number of clients reached|");
  EXPECT_EQ(ConnectAdmin()->Call("PING"), "+PONG|");
}

TEST_F(AdminPortTest, ItsClientsTakeNoOtherClientsPlace) {
  node_.Set(Parameter::maxclients, "1");
  ConnectAdmin();
  ConnectAdmin();
  EXPECT_EQ(node_.Connect()->Call("PING"), "+PONG|");
}

TEST_F(AdminPortTest, NeedsThePasswordUnlessToldOtherwise) {
  node_.Set(Parameter::requirepass, "secret");
  SessionHarness::Client* const asked = ConnectAdmin();
  EXPECT_EQ(asked->Call("GET a"), "-NOAUTH Authentication required.|");
  EXPECT_EQ(asked->Call("AUTH secret"), "+OK|");
  node_.Set(Parameter::admin_nopass, "yes");
  SessionHarness::Client* const spared = ConnectAdmin();
  EXPECT_EQ(spared->Call("GET a"), "$-1|");
  EXPECT_EQ(spared->Call("RESET|GET a"), "+RESET|$-1|");
  EXPECT_EQ(node_.Connect()->Call("GET a"), "-NOAUTH Authentication required.|");
}

TEST_F(AdminPortTest, SaysThatItHasNoPassword) {
  EXPECT_EQ(ConnectAdmin()->Call("AUTH x"),
            "-ERR AUTH <password> called without any password configured for admin port. Are you "
            "sure your configuration is correct?|");
}

TEST_F(AdminPortTest, IsInProtectedModeUnlessItAsksForNoPassword) {
  SessionHarness::Client* const turned_away = ConnectAdmin("10.1.1.1");
  EXPECT_TRUE(turned_away->closed());
  node_.Set(Parameter::admin_nopass, "yes");
  EXPECT_EQ(ConnectAdmin("10.1.1.1")->Call("PING"), "+PONG|");
}

TEST_F(AdminPortTest, ItsClientsAreKilledFromThereOnly) {
  SessionHarness::Client* const admin = ConnectAdmin();
  SessionHarness::Client* const regular = node_.Connect();
  SessionHarness::Client* const victim = node_.Connect();
  const std::string kill = absl::StrCat("CLIENT KILL ID ", admin->session()->id());
  EXPECT_EQ(regular->Call(kill), ":0|");
  EXPECT_EQ(regular->Call("CLIENT KILL TYPE normal"), ":1|");
  EXPECT_TRUE(victim->closed());
  EXPECT_FALSE(admin->closed());
  EXPECT_EQ(ConnectAdmin()->Call(kill), ":1|");
  EXPECT_TRUE(admin->closed());
}

}  // namespace
}  // namespace damselfly
