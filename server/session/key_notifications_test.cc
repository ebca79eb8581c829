#include "server/session/key_notifications.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/key_event_flags.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

std::string Message(absl::string_view channel, absl::string_view payload) {
  return absl::StrCat("*3|$7|message|$", channel.size(), "|", channel, "|$", payload.size(), "|",
                      payload, "|");
}

class KeyNotificationsTest : public testing::Test {
 protected:
  void Choose(absl::string_view letters) {
    node_.Set(Parameter::notify_keyspace_events, letters);
    node_.server().ApplyParameters();
  }

  SessionHarness node_{2};
  Client* client_ = node_.Connect(0);
  Client* subscriber_ = node_.Connect(1);
};

TEST(KeyEventFlags, ReadAndShownAsByRedis) {
  const auto shown = [](absl::string_view letters) {
    uint32_t flags = 0;
    return ParseKeyEventFlags(letters, &flags) ? KeyEventLetters(flags) : "(refused)";
  };
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown("KEA"), "AKE");
  EXPECT_EQ(shown("mEKnzl"), "lznKEm");
  EXPECT_EQ(shown("g$lshzxetd"), "A");
  EXPECT_EQ(shown("g$lshzxet"), "g$lshzxet");
  EXPECT_EQ(shown("KEdtexzhsl$g"), "AKE");
  EXPECT_EQ(shown("KKx"), "xK");
  EXPECT_EQ(shown("K E"), "(refused)");
  EXPECT_EQ(shown("KEa"), "(refused)");
}

TEST_F(KeyNotificationsTest, NothingListensWhileNothingIsChosen) {
  EXPECT_EQ(node_.store().key_event_sink(), nullptr);
  Choose("gA");
  EXPECT_EQ(node_.store().key_event_sink(), nullptr);
  Choose("KA");
  EXPECT_NE(node_.store().key_event_sink(), nullptr);
  Choose("");
  EXPECT_EQ(node_.store().key_event_sink(), nullptr);
}

TEST_F(KeyNotificationsTest, EventsReachSubscribersOnOtherWorkers) {
  Choose("KEA");
  subscriber_->Call("SUBSCRIBE __keyspace@0__:k __keyevent@0__:del __keyspace@3__:k");
  EXPECT_EQ(client_->Call("SET k 1|DEL k|SELECT 3|SET k 1"), "+OK|:1|+OK|+OK|");
  EXPECT_EQ(subscriber_->Take(),
            absl::StrCat(Message("__keyspace@0__:k", "set"), Message("__keyspace@0__:k", "del"),
                         Message("__keyevent@0__:del", "k"), Message("__keyspace@3__:k", "set")));
}

TEST_F(KeyNotificationsTest, OnlyChosenClassesArePublished) {
  Choose("Kg");
  subscriber_->Call("SUBSCRIBE __keyspace@0__:k __keyevent@0__:del");
  client_->Call("SET k 1|GET nothing|DEL k");
  EXPECT_EQ(subscriber_->Take(), Message("__keyspace@0__:k", "del"));
}

TEST_F(KeyNotificationsTest, WhatExpiresIsPublishedWhetherItIsLookedForOrNot) {
  Choose("Ex");
  subscriber_->Call("SUBSCRIBE __keyevent@0__:expired");
  client_->Call("SET lazy 1 PX 50|SET active 1 PX 50");
  node_.AdvanceMs(60);
  client_->Call("GET lazy");
  EXPECT_EQ(subscriber_->Run(), Message("__keyevent@0__:expired", "lazy"));
  const int64_t now_ms = node_.runtime().clock().WallUs() / 1000;
  for (int i = 0; i < 2; ++i) node_.store().BackgroundStep(i, now_ms, &node_.store().counters(i));
  EXPECT_EQ(subscriber_->Run(), Message("__keyevent@0__:expired", "active"));
}

TEST_F(KeyNotificationsTest, OnesOwnEventsStandBeforeTheReplyAndNeverWithinIt) {
  Choose("K$");
  client_->Call("HELLO 3|SUBSCRIBE __keyspace@0__:a __keyspace@0__:b");
  const std::string a = ">3|$7|message|$16|__keyspace@0__:a|$3|set|";
  const std::string b = ">3|$7|message|$16|__keyspace@0__:b|$3|set|";
  EXPECT_EQ(client_->Call("SET a 1"), absl::StrCat(a, "+OK|"));
  EXPECT_EQ(client_->Call("MULTI|SET a 1|GET a|SET b 2|EXEC"),
            absl::StrCat("+OK|+QUEUED|+QUEUED|+QUEUED|", a, b, "*3|+OK|$1|1|+OK|"));
  client_->Call("CLIENT REPLY OFF");
  EXPECT_EQ(client_->Call("SET a 1"), a);
}

}  // namespace
}  // namespace damselfly
