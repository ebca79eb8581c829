// Client-side caching: who is told of what, and when, on one worker and among several.

#include "server/session/tracking.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/session/client_list.h"
#include "server/session/fixed_router.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

// The session reads these lines now; no loop runs what that posts.
void Feed(Client* client, absl::string_view lines) {
  client->wire().handler->OnData(absl::StrReplaceAll(absl::StrCat(lines, "|"), {{"|", "\r\n"}}));
}

std::string Invalidate(absl::string_view key) {
  return absl::StrCat(">2|$10|invalidate|*1|$", key.size(), "|", key, "|");
}
constexpr char kInvalidateAll[] = ">2|$10|invalidate|_|";

class TrackingTest : public testing::Test {
 protected:
  // A client of RESP3 that has sent this.
  Client* Connect(int worker, absl::string_view lines = "") {
    Client* client = node_.Connect(worker);
    client->Call("HELLO 3");
    if (!lines.empty()) {
      EXPECT_EQ(client->Call(lines), "+OK|");
    }
    return client;
  }

  SessionHarness node_{3};
  Client* writer_ = node_.Connect(0);
};

TEST_F(TrackingTest, ReadersOnAllWorkersAreToldOnce) {
  Client* readers[] = {Connect(0, "CLIENT TRACKING ON"), Connect(1, "CLIENT TRACKING ON"),
                       Connect(2, "CLIENT TRACKING ON")};
  for (Client* reader : readers) EXPECT_EQ(reader->Call("GET k"), "_|");
  EXPECT_EQ(node_.store().tracked_key_count(), 1);
  EXPECT_EQ(node_.store().tracked_reader_count(), 3);
  EXPECT_EQ(writer_->Call("SET k 1|SET k 2"), "+OK|+OK|");
  for (Client* reader : readers) EXPECT_EQ(reader->Take(), Invalidate("k"));
  EXPECT_EQ(node_.store().tracked_key_count(), 0);
}

TEST_F(TrackingTest, OnesOwnChangesComeBehindTheirReply) {
  Client* client = Connect(1, "CLIENT TRACKING ON");
  EXPECT_EQ(client->Call("GET k|SET k 1|GET k"), absl::StrCat("_|+OK|", Invalidate("k"), "$1|1|"));
  EXPECT_EQ(
      client->Call("MULTI|GET l|SET l 1|DEL k|EXEC"),
      absl::StrCat("+OK|+QUEUED|+QUEUED|+QUEUED|*3|_|+OK|:1|", Invalidate("l"), Invalidate("k")));
}

TEST_F(TrackingTest, WhatIsToldAndNotSentYetHoldsNobodyBack) {
  node_.Set(Parameter::client_output_pause_bytes, "1");
  Client* client = Connect(0, "CLIENT TRACKING ON");
  EXPECT_EQ(client->Call("GET k"), "_|");
  Feed(writer_, "SET k 1");
  client->session()->CheckLimits(node_.runtime().loop(0).pass_wall_ms());
  EXPECT_EQ(client->Call("PING"), absl::StrCat(Invalidate("k"), "+PONG|"));
}

TEST_F(TrackingTest, WhatHappenedBeforeIsToldBeforeTheReply) {
  Client* client = Connect(1, "CLIENT TRACKING ON");
  EXPECT_EQ(client->Call("MGET {s}1 {s}2"), "*2|_|_|");
  Feed(writer_, "SET {s}1 x|SET {s}2 y");
  // The mail is there, and the client's worker has not looked at it yet.
  Feed(client, "GET {s}2");
  EXPECT_EQ(client->Take(), absl::StrCat(Invalidate("{s}1"), Invalidate("{s}2"), "$1|y|"));
  EXPECT_EQ(client->Run(), "");
  // It is tracked from the read on that came after.
  writer_->Call("DEL {s}2");
  EXPECT_EQ(client->Take(), Invalidate("{s}2"));
}

TEST_F(TrackingTest, ChangesOfOnePassAreBroadcastTogether) {
  Client* all = Connect(1, "CLIENT TRACKING ON BCAST");
  Client* some = Connect(2, "CLIENT TRACKING ON BCAST PREFIX p: PREFIX q: NOLOOP");
  writer_->Call("MSET p:2 a r:1 a p:1 a|SET q:1 b|SET p:1 c");
  EXPECT_EQ(all->Take(), ">2|$10|invalidate|*4|$3|p:1|$3|p:2|$3|q:1|$3|r:1|");
  EXPECT_EQ(some->Take(), absl::StrCat(">2|$10|invalidate|*2|$3|p:1|$3|p:2|", Invalidate("q:1")));
  // Whoever changed a key last is not told of it if he does not want to be.
  EXPECT_EQ(some->Call("MSET p:1 d q:1 e"), "+OK|");
  EXPECT_EQ(all->Take(), ">2|$10|invalidate|*2|$3|p:1|$3|q:1|");
  EXPECT_EQ(node_.server().tracking().prefix_count(), 3);
  some->HangUp();
  all->Call("CLIENT TRACKING OFF");
  EXPECT_EQ(node_.server().tracking().prefix_count(), 0);
  EXPECT_FALSE(node_.store().tells_all_changes());
}

TEST_F(TrackingTest, WhatExpiresIsInvalidated) {
  Client* lazy = Connect(1, "CLIENT TRACKING ON");
  Client* no_loop = Connect(2, "CLIENT TRACKING ON NOLOOP");
  writer_->Call("SET lazy 1 PX 50|SET active 1 PX 50");
  EXPECT_EQ(lazy->Call("MGET lazy active"), "*2|$1|1|$1|1|");
  EXPECT_EQ(no_loop->Call("GET lazy"), "$1|1|");
  node_.AdvanceMs(60);
  EXPECT_EQ(lazy->Call("GET lazy"), absl::StrCat("_|", Invalidate("lazy")));
  EXPECT_EQ(no_loop->Take(), Invalidate("lazy"));
  for (int i = 0; i < 3; ++i) node_.store().BackgroundStep(i, 60, &node_.store().counters(i));
  EXPECT_EQ(lazy->Run(), "");
}

TEST_F(TrackingTest, RedirectionReachesOtherWorkersAndTellsWhenItCannot) {
  Client* receiver = Connect(2);
  const std::string id = absl::StrCat(receiver->session()->id());
  Client* client = Connect(1, absl::StrCat("CLIENT TRACKING ON REDIRECT ", id));
  client->Call("GET k");
  writer_->Call("SET k 1");
  EXPECT_EQ(client->Take(), "");
  EXPECT_EQ(receiver->Take(), Invalidate("k"));
  EXPECT_EQ(client->Call("GET k"), "$1|1|");
  receiver->HangUp();
  writer_->Call("SET k 2");
  EXPECT_EQ(client->Take(), absl::StrCat(">2|$21|tracking-redir-broken|:", id, "|"));
  EXPECT_TRUE(client->session()->info().HasFlag(ClientInfo::kTrackingBroken));
  // Set up anew it is whole again.
  EXPECT_EQ(client->Call("CLIENT TRACKING ON"), "+OK|");
  EXPECT_FALSE(client->session()->info().HasFlag(ClientInfo::kTrackingBroken));
}

TEST_F(TrackingTest, SubscribersOfResp2AreToldInTheirWay) {
  Client* receiver = node_.Connect(2);
  receiver->Call("SUBSCRIBE __redis__:invalidate");
  Client* client = node_.Connect(1);
  EXPECT_EQ(client->Call(absl::StrCat("CLIENT TRACKING ON REDIRECT ", receiver->session()->id())),
            "+OK|");
  client->Call("GET k");
  writer_->Call("SET k 1|FLUSHALL");
  EXPECT_EQ(receiver->Take(),
            "*3|$7|message|$20|__redis__:invalidate|*1|$1|k|"
            "*3|$7|message|$20|__redis__:invalidate|$-1|");
  EXPECT_EQ(client->Take(), "");
}

TEST_F(TrackingTest, AFlushInvalidatesEverythingForAllWhoTrack) {
  Client* reader = Connect(1, "CLIENT TRACKING ON");
  Client* listener = Connect(2, "CLIENT TRACKING ON BCAST PREFIX x");
  Client* redirected = node_.Connect(0);
  EXPECT_EQ(redirected->Call(absl::StrCat("CLIENT TRACKING ON REDIRECT ", reader->session()->id())),
            "+OK|");
  reader->Call("GET k");
  EXPECT_EQ(writer_->Call("FLUSHDB"), "+OK|");
  EXPECT_EQ(listener->Take(), kInvalidateAll);
  // Its own, and that of the one who redirects to it, in RESP2.
  EXPECT_TRUE(absl::StrContains(reader->Take(), kInvalidateAll));
  EXPECT_EQ(node_.store().tracked_key_count(), 0);
  EXPECT_EQ(listener->Call("FLUSHALL"), absl::StrCat("+OK|", kInvalidateAll));
}

TEST_F(TrackingTest, TooManyKeysAreForgottenAndTheirReadersTold) {
  node_.Set(Parameter::tracking_table_max_keys, "10");
  Client* client = Connect(1, "CLIENT TRACKING ON");
  std::string keys;
  for (int i = 0; i < 60; ++i) absl::StrAppend(&keys, " k", i);
  const std::string got = client->Call(absl::StrCat("EXISTS", keys));
  EXPECT_EQ(node_.store().tracked_key_count(), 10);
  EXPECT_TRUE(absl::StartsWith(got, ":0|>2|")) << got;
  size_t told = 0;
  for (size_t at = got.find(">2|"); at != got.npos; at = got.find(">2|", at + 1)) ++told;
  EXPECT_EQ(told, 50u);
}

TEST_F(TrackingTest, ALimitThatIsLoweredIsReachedInTheBackground) {
  Client* client = Connect(1, "CLIENT TRACKING ON");
  client->Call("MGET a b c d e f");
  node_.Set(Parameter::tracking_table_max_keys, "2");
  EXPECT_TRUE(node_.server().tracking().Shrink(node_.server().worker(0), 1));
  EXPECT_EQ(node_.store().tracked_key_count(), 5);
  EXPECT_FALSE(node_.server().tracking().Shrink(node_.server().worker(0), 100));
  EXPECT_EQ(node_.store().tracked_key_count(), 2);
}

TEST_F(TrackingTest, WhoHasGoneIsForgotten) {
  Client* client = Connect(1, "CLIENT TRACKING ON");
  client->Call("GET k");
  EXPECT_EQ(node_.server().tracking().client_count(), 1);
  client->HangUp();
  EXPECT_EQ(node_.server().tracking().client_count(), 0);
  EXPECT_EQ(writer_->Call("SET k 1"), "+OK|");
  EXPECT_EQ(node_.store().tracked_key_count(), 0);
}

TEST_F(TrackingTest, MutedClientsAreToldAllTheSame) {
  Client* client = Connect(1, "CLIENT TRACKING ON");
  client->Call("GET k|CLIENT REPLY OFF");
  EXPECT_EQ(client->Call("SET k 1|GET k"), Invalidate("k"));
  writer_->Call("SET k 2");
  EXPECT_EQ(client->Take(), Invalidate("k"));
}

TEST_F(TrackingTest, ListShowsHowAClientTracks) {
  Client* client = Connect(1);
  const auto flags = [&] { return ClientFlagLetters(client->session()->info()); };
  EXPECT_EQ(flags(), "N");
  client->Call("CLIENT TRACKING ON");
  EXPECT_EQ(flags(), "t");
  client->Call("CLIENT TRACKING OFF|CLIENT TRACKING ON BCAST");
  EXPECT_EQ(flags(), "tB");
  client->Call("RESET");
  EXPECT_EQ(flags(), "N");
}

TEST(TrackingInACluster, KeysOfALostSlotAreInvalidated) {
  SessionHarness node(2, "yes");
  FixedRouter router;
  node.server().set_slot_router(&router);
  node.store().RestrictToOwnedSlots();
  const uint16_t slot = KeySlot("{s}");
  node.store().Own(slot);
  Client* reader = node.Connect(0);
  Client* listener = node.Connect(1);
  reader->Call("HELLO 3|CLIENT TRACKING ON|MGET {s}1 {s}2");
  listener->Call("HELLO 3|CLIENT TRACKING ON BCAST PREFIX x");
  node.store().Lock(slot);
  node.store().Disown(slot, &node.store().counters(0));
  node.store().Unlock(slot);
  EXPECT_EQ(reader->Run(), absl::StrCat(Invalidate("{s}1"), Invalidate("{s}2")));
  EXPECT_EQ(listener->Run(), kInvalidateAll);
}

}  // namespace
}  // namespace damselfly
