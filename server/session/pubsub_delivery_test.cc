// How publications travel: between workers, against subscriptions that come and go meanwhile.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/session/session_harness.h"
#include "server/session/worker_subscriptions.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

// The session reads these lines now; no loop runs what that posts.
void Feed(Client* client, absl::string_view lines) {
  client->wire().handler->OnData(absl::StrReplaceAll(absl::StrCat(lines, "|"), {{"|", "\r\n"}}));
}

SlotSet SlotsOf(std::initializer_list<absl::string_view> channels) {
  SlotSet slots;
  for (absl::string_view channel : channels) slots.set(KeySlot(channel));
  return slots;
}

TEST(PubSubDelivery, ReachesSubscribersOnAllWorkersAndCountsThem) {
  SessionHarness node(3);
  Client* here = node.Connect(0);
  Client* there = node.Connect(1);
  Client* by_pattern = node.Connect(2);
  here->Call("SUBSCRIBE c");
  there->Call("SUBSCRIBE c");
  by_pattern->Call("PSUBSCRIBE ?");
  EXPECT_EQ(node.Connect(0)->Call("PUBLISH c m|PUBLISH cc m"), ":3|:0|");
  EXPECT_EQ(here->Take(), "*3|$7|message|$1|c|$1|m|");
  EXPECT_EQ(there->Take(), "*3|$7|message|$1|c|$1|m|");
  EXPECT_EQ(by_pattern->Take(), "*4|$8|pmessage|$1|?|$1|c|$1|m|");
}

TEST(PubSubDelivery, KeepsTheOrderOfAPublisher) {
  SessionHarness node(2);
  Client* subscriber = node.Connect(1);
  subscriber->Call("SUBSCRIBE a b");
  std::string commands, messages;
  for (int i = 10; i < 90; ++i) {
    const char channel = i % 3 == 0 ? 'a' : 'b';
    absl::StrAppend(&commands, i == 10 ? "" : "|", "PUBLISH ", std::string(1, channel), " ", i);
    absl::StrAppend(&messages, "*3|$7|message|$1|", std::string(1, channel), "|$2|", i, "|");
  }
  node.Connect(0)->Call(commands);
  EXPECT_EQ(subscriber->Take(), messages);
}

TEST(PubSubDelivery, ManyMessagesOfOnePassGoOutTogether) {
  SessionHarness node(2);
  Client* subscribers[] = {node.Connect(0), node.Connect(1)};
  for (Client* subscriber : subscribers) subscriber->Call("SUBSCRIBE c");
  Client* publisher = node.Connect(0);
  const int64_t before[] = {node.server().worker(0).stats().writes_processed.get(),
                            node.server().worker(1).stats().writes_processed.get()};
  publisher->Call("PUBLISH c 1|PUBLISH c 2|PUBLISH c 3|PUBLISH c 4");
  EXPECT_EQ(node.server().worker(0).stats().writes_processed.get() - before[0], 2);
  EXPECT_EQ(node.server().worker(1).stats().writes_processed.get() - before[1], 1);
}

TEST(PubSubDelivery, WhoSubscribesLaterGetsNothingThatWasPublishedBefore) {
  SessionHarness node(2);
  Client* early = node.Connect(1);
  early->Call("SUBSCRIBE c|PSUBSCRIBE c*");
  Client* late = node.Connect(1);
  Client* publisher = node.Connect(0);
  Feed(publisher, "PUBLISH c 1");
  Feed(late, "SUBSCRIBE c|PSUBSCRIBE c*");
  Feed(publisher, "PUBLISH c 2");
  node.runtime().RunReady();
  EXPECT_EQ(publisher->Take(), ":2|:4|");
  EXPECT_EQ(early->Take(),
            "*3|$7|message|$1|c|$1|1|*4|$8|pmessage|$2|c*|$1|c|$1|1|"
            "*3|$7|message|$1|c|$1|2|*4|$8|pmessage|$2|c*|$1|c|$1|2|");
  EXPECT_EQ(late->Take(),
            "*3|$9|subscribe|$1|c|:1|*3|$10|psubscribe|$2|c*|:2|"
            "*3|$7|message|$1|c|$1|2|*4|$8|pmessage|$2|c*|$1|c|$1|2|");
}

TEST(PubSubDelivery, NothingComesBehindTheConfirmationThatOneHasLeft) {
  SessionHarness node(2);
  Client* subscriber = node.Connect(1);
  subscriber->Call("SUBSCRIBE c|PSUBSCRIBE c*");
  Feed(node.Connect(0), "PUBLISH c 1");
  EXPECT_EQ(subscriber->Call("UNSUBSCRIBE|PUNSUBSCRIBE"),
            "*3|$11|unsubscribe|$1|c|:1|*3|$12|punsubscribe|$2|c*|:0|");
}

TEST(PubSubDelivery, WhoComesBackDoesNotGetWhatHeHasMissed) {
  SessionHarness node(2);
  Client* subscriber = node.Connect(1);
  subscriber->Call("SUBSCRIBE c");
  Feed(node.Connect(0), "PUBLISH c 1");
  EXPECT_EQ(subscriber->Call("UNSUBSCRIBE c|SUBSCRIBE c"),
            "*3|$11|unsubscribe|$1|c|:0|*3|$9|subscribe|$1|c|:1|");
}

TEST(PubSubDelivery, SubscribersThatHaveGoneMeanwhileDoNoHarm) {
  SessionHarness node(2);
  Client* hangs_up = node.Connect(1);
  Client* quits = node.Connect(1);
  Client* stays = node.Connect(1);
  for (Client* client : {hangs_up, quits, stays}) client->Call("SUBSCRIBE c");
  Client* publisher = node.Connect(0);
  Feed(publisher, "PUBLISH c 1");
  hangs_up->HangUp();
  EXPECT_EQ(quits->Call("QUIT"), "*3|$7|message|$1|c|$1|1|+OK|");
  EXPECT_EQ(stays->Take(), "*3|$7|message|$1|c|$1|1|");
  EXPECT_EQ(publisher->Call("PUBLISH c 2"), ":3|:1|");
}

TEST(PubSubDelivery, WhoHasQuitIsNotCountedAnyMoreByWhoeverMayHaveSeenItsLastReply) {
  SessionHarness node(2);
  Client* quits = node.Connect(1);
  quits->Call("SUBSCRIBE c|PSUBSCRIBE c*");
  // The connection is not closed before the reply has been sent.
  quits->wire().room_bytes = 0;
  Feed(quits, "QUIT");
  EXPECT_EQ(node.Connect(0)->Call("PUBLISH c m"), ":0|");
}

TEST(PubSubDelivery, APublicationOnItsWayWhenTheNodeEndsIsDropped) {
  SessionHarness node(2);
  node.Connect(0)->Call("SUBSCRIBE c");
  node.Connect(1)->Call("SUBSCRIBE c|SSUBSCRIBE s|PSUBSCRIBE p");
  Feed(node.Connect(0), "PUBLISH c 1");
}

TEST(PubSubDelivery, ABigPayloadIsSharedByAllWhoGetIt) {
  SessionHarness node(2);
  Client* subscribers[] = {node.Connect(0), node.Connect(1)};
  for (Client* subscriber : subscribers) {
    subscriber->Call("SUBSCRIBE c");
    subscriber->wire().room_bytes = 0;
  }
  const std::string payload(100000, 'x');
  EXPECT_EQ(node.Connect(0)->SendRaw(
                absl::StrCat("*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$100000\r\n", payload, "\r\n")),
            ":2|");
  for (Client* subscriber : subscribers) {
    subscriber->AddRoom(1000000);
    EXPECT_EQ(subscriber->Take(), absl::StrCat("*3|$7|message|$1|c|$100000|", payload, "|"));
  }
}

TEST(PubSubDelivery, ChannelsOfLostSlotsAreDroppedBehindWhatWasPublishedThere) {
  SessionHarness node(2);
  Client* client = node.Connect(1);
  client->Call("HELLO 3|SSUBSCRIBE a b c|SUBSCRIBE a");
  Client* untouched = node.Connect(1);
  untouched->Call("SSUBSCRIBE b");
  Client* publisher = node.Connect(0);
  Feed(publisher, "SPUBLISH a 1");
  const SlotSet lost = SlotsOf({"a", "c"});
  node.server().OnSlotsFlushed(lost);
  Feed(publisher, "SPUBLISH a 2");
  node.runtime().RunReady();
  EXPECT_EQ(client->Take(),
            ">3|$8|smessage|$1|a|$1|1|>3|$12|sunsubscribe|$1|a|:2|>3|$12|sunsubscribe|$1|c|:1|");
  EXPECT_EQ(untouched->Take(), "");
  EXPECT_EQ(publisher->Call("SPUBLISH a 3|SPUBLISH b 3|PUBLISH a 3"), ":1|:1|:0|:2|:1|");
}

// The first one has been answered when the second one is published, on the subscriber's worker.
TEST(PubSubDelivery, AnAnsweredPublicationIsNotOvertakenByALaterOneOfAnotherWorker) {
  SessionHarness node(2);
  Client* subscriber = node.Connect(1);
  subscriber->Call("SUBSCRIBE c");
  Client* far = node.Connect(0);
  Client* near = node.Connect(1);
  Feed(far, "PUBLISH c 1");
  Feed(near, "PUBLISH c 2");
  node.runtime().RunReady();
  EXPECT_EQ(subscriber->Take(), "*3|$7|message|$1|c|$1|1|*3|$7|message|$1|c|$1|2|");
}

TEST(PubSubDelivery, WhoIsPushedTooMuchInOnePassGetsNoMoreAndIsClosed) {
  SessionHarness node;
  node.Set(Parameter::client_output_buffer_limit, "pubsub 10000 0 0");
  Client* subscriber = node.Connect();
  for (int i = 0; i < 100; ++i)
    subscriber->Call(absl::StrCat("PSUBSCRIBE c", std::string(static_cast<size_t>(i), '*')));
  Client* publisher = node.Connect();
  Feed(publisher, absl::StrCat("PUBLISH c ", std::string(1000, 'x'), "|PUBLISH c again"));
  node.runtime().RunReady();
  EXPECT_TRUE(subscriber->closed());
  EXPECT_EQ(node.server().worker(0).stats().output_buffer_limit_disconnections.get(), 1);
  publisher->Take();
  EXPECT_EQ(publisher->Call("PUBLISH c 3"), ":0|");
}

// The slot is lost and back before the worker has heard of the loss.
TEST(PubSubDelivery, WhoSubscribesAnewBeforeTheOldSubscriptionIsDroppedStaysSubscribed) {
  SessionHarness node(2);
  Client* client = node.Connect(1);
  client->Call("SSUBSCRIBE a b");
  node.server().OnSlotsFlushed(SlotsOf({"a"}));
  Feed(client, "SSUBSCRIBE a");
  node.runtime().RunReady();
  EXPECT_EQ(client->Take(), "*3|$12|sunsubscribe|$1|a|:1|*3|$10|ssubscribe|$1|a|:2|");
  EXPECT_EQ(node.Connect(0)->Call("SPUBLISH a 1"), ":1|");
  EXPECT_EQ(client->Take(), "*3|$8|smessage|$1|a|$1|1|");
}

TEST(PubSubDelivery, WhatIsPublishedBehindALossDoesNotReachWhoSubscribedBeforeIt) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("SSUBSCRIBE a");
  Client* publisher = node.Connect();
  node.server().OnSlotsFlushed(SlotsOf({"a"}));
  Feed(publisher, "SPUBLISH a 1");
  node.runtime().RunReady();
  EXPECT_EQ(publisher->Take(), ":0|");
  EXPECT_EQ(client->Take(), "*3|$12|sunsubscribe|$1|a|:0|");
}

TEST(PubSubDelivery, WhoLosesItsLastChannelLeavesSubscribedMode) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("SSUBSCRIBE a");
  client->session()->DropShardChannels(SlotsOf({"a"}));
  EXPECT_EQ(client->Run(), "*3|$12|sunsubscribe|$1|a|:0|");
  EXPECT_EQ(client->Call("GET k"), "$-1|");
  client->session()->DropShardChannels(SlotsOf({"a"}));
  EXPECT_EQ(client->Run(), "");
}

}  // namespace
}  // namespace damselfly
