#include "server/session/pubsub_commands.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

constexpr absl::string_view kRefused =
    "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context|";

TEST(PubSubCommands, TheTableIsWhole) {
  const absl::Span<const CommandSpec> families[] = {PubSubCommands()};
  CommandRegistry registry(families);
  std::set<std::string> allowed_while_subscribed;
  for (const Command& command : registry.commands()) {
    EXPECT_FALSE(command.spec->summary.empty()) << command.full_name;
    EXPECT_EQ(command.spec->handler == nullptr, !command.subcommands.empty()) << command.full_name;
    if (command.Has(kAlwaysAllowed)) allowed_while_subscribed.insert(command.full_name);
  }
  EXPECT_EQ(allowed_while_subscribed,
            (std::set<std::string>{"psubscribe", "punsubscribe", "ssubscribe", "subscribe",
                                   "sunsubscribe", "unsubscribe"}));
}

TEST(PubSubCommands, ConfirmationsCountChannelsAndPatternsTogetherAndShardChannelsAlone) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("SUBSCRIBE a b a"),
            "*3|$9|subscribe|$1|a|:1|*3|$9|subscribe|$1|b|:2|*3|$9|subscribe|$1|a|:2|");
  EXPECT_EQ(client->Call("PSUBSCRIBE a*"), "*3|$10|psubscribe|$2|a*|:3|");
  EXPECT_EQ(client->Call("SSUBSCRIBE a"), "*3|$10|ssubscribe|$1|a|:1|");
  EXPECT_EQ(client->Call("UNSUBSCRIBE x"), "*3|$11|unsubscribe|$1|x|:3|");
  EXPECT_EQ(client->Call("UNSUBSCRIBE"), "*3|$11|unsubscribe|$1|a|:2|*3|$11|unsubscribe|$1|b|:1|");
  EXPECT_EQ(client->Call("SUNSUBSCRIBE"), "*3|$12|sunsubscribe|$1|a|:0|");
  EXPECT_EQ(client->Call("SUNSUBSCRIBE"), "*3|$12|sunsubscribe|$-1|:0|");
  EXPECT_EQ(client->Call("PUNSUBSCRIBE a*"), "*3|$12|punsubscribe|$2|a*|:0|");
}

TEST(PubSubCommands, Resp3ConfirmsWithPushes) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("HELLO 3");
  EXPECT_EQ(client->Call("SUBSCRIBE a"), ">3|$9|subscribe|$1|a|:1|");
  EXPECT_EQ(client->Call("UNSUBSCRIBE"), ">3|$11|unsubscribe|$1|a|:0|");
  EXPECT_EQ(client->Call("UNSUBSCRIBE"), ">3|$11|unsubscribe|_|:0|");
}

TEST(PubSubCommands, InResp2ASubscriberMayDoLittleElse) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("SSUBSCRIBE s");
  EXPECT_EQ(client->Call("GET k"), absl::StrCat("-ERR Can't execute 'get", kRefused));
  EXPECT_EQ(client->Call("CLIENT LIST"), absl::StrCat("-ERR Can't execute 'client|list", kRefused));
  EXPECT_EQ(client->Call("PING"), "*2|$4|pong|$0||");
  EXPECT_EQ(client->Call("PING x"), "*2|$4|pong|$1|x|");
  EXPECT_EQ(node.Stats("get").rejected_calls.get(), 1);
  client->Call("SUNSUBSCRIBE s");
  EXPECT_EQ(client->Call("GET k"), "$-1|");
  client->Call("HELLO 3|SUBSCRIBE c");
  EXPECT_EQ(client->Call("GET k|PING"), "_|+PONG|");
}

TEST(PubSubCommands, ResetLeavesEverythingSilently) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("SUBSCRIBE a|PSUBSCRIBE a*|SSUBSCRIBE a");
  EXPECT_EQ(client->Call("RESET|GET k"), "+RESET|$-1|");
  EXPECT_EQ(node.Connect()->Call("PUBLISH a m|SPUBLISH a m|PUBSUB NUMPAT"), ":0|:0|:0|");
  EXPECT_EQ(client->Take(), "");
}

TEST(PubSubCommands, WhoPublishesToHimselfGetsTheMessageFirst) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("HELLO 3|SUBSCRIBE c|PSUBSCRIBE c");
  EXPECT_EQ(client->Call("PUBLISH c m"),
            ">3|$7|message|$1|c|$1|m|>4|$8|pmessage|$1|c|$1|c|$1|m|:2|");
}

TEST(PubSubCommands, InExecSubscribeWorksAndSsubscribeDoesNot) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("MULTI|SUBSCRIBE c|PUBLISH c m|GET k|SSUBSCRIBE s|UNSUBSCRIBE|PSUBSCRIBE d");
  EXPECT_EQ(client->Call("EXEC"),
            "*6|*3|$9|subscribe|$1|c|:1|*3|$7|message|$1|c|$1|m|:1|$-1|"
            "-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client|"
            "*3|$11|unsubscribe|$1|c|:0|*3|$10|psubscribe|$1|d|:1|");
  EXPECT_EQ(
      client->Call("EXEC"),
      absl::StrCat("-EXECABORT Transaction discarded because of: Can't execute 'exec", kRefused));
}

TEST(PubSubCommands, ClientReplyOffAndSkipDoNotTouchPushes) {
  SessionHarness node;
  Client* client = node.Connect();
  Client* publisher = node.Connect();
  EXPECT_EQ(client->Call("HELLO 3|CLIENT REPLY OFF|SUBSCRIBE c").substr(0, 2), "%7");
  EXPECT_EQ(client->Call("UNSUBSCRIBE x"), ">3|$11|unsubscribe|$1|x|:1|");
  EXPECT_EQ(publisher->Call("PUBLISH c 1"), ":1|");
  EXPECT_EQ(client->Take(), ">3|$7|message|$1|c|$1|1|");
  EXPECT_EQ(client->Call("PUBLISH c 2|PING"), ">3|$7|message|$1|c|$1|2|");
  EXPECT_EQ(client->Call("MULTI|SUBSCRIBE d|EXEC"), ">3|$9|subscribe|$1|d|:2|");
  EXPECT_EQ(client->Call("CLIENT REPLY ON|PING"), "+OK|+PONG|");
  EXPECT_EQ(client->Call("CLIENT REPLY SKIP|PUBLISH c 3|PING"), ">3|$7|message|$1|c|$1|3|+PONG|");
}

TEST(PubSubCommands, PubsubTellsWhatPeopleAreSubscribedTo) {
  SessionHarness node(2, "emulated");
  node.Connect(0)->Call("SUBSCRIBE b a|PSUBSCRIBE x* y*|SSUBSCRIBE s");
  node.Connect(1)->Call("SUBSCRIBE a|PSUBSCRIBE x*|SSUBSCRIBE t s");
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("PUBSUB CHANNELS"), "*2|$1|a|$1|b|");
  EXPECT_EQ(client->Call("PUBSUB CHANNELS b*"), "*1|$1|b|");
  EXPECT_EQ(client->Call("PUBSUB CHANNELS a b"),
            "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB "
            "HELP.|");
  EXPECT_EQ(client->Call("PUBSUB NUMSUB a c"), "*4|$1|a|:2|$1|c|:0|");
  EXPECT_EQ(client->Call("PUBSUB NUMPAT"), ":2|");
  EXPECT_EQ(client->Call("PUBSUB SHARDCHANNELS"), "*2|$1|s|$1|t|");
  EXPECT_EQ(client->Call("PUBSUB SHARDCHANNELS t"), "*1|$1|t|");
  EXPECT_EQ(client->Call("PUBSUB SHARDNUMSUB s"), "*2|$1|s|:2|");
  EXPECT_TRUE(absl::StartsWith(client->Call("PUBSUB HELP"), "*13|+PUBSUB takes"));
}

TEST(PubSubCommands, ShardChannelsAreShownInClusterModesOnlyButWorkEverywhere) {
  SessionHarness node;
  Client* client = node.Connect();
  EXPECT_EQ(client->Call("PUBSUB SHARDCHANNELS"),
            "-ERR PUBSUB SHARDCHANNELS is not supported in non cluster mode|");
  EXPECT_EQ(client->Call("pubsub shardnumsub a"),
            "-ERR PUBSUB SHARDNUMSUB is not supported in non cluster mode|");
  client->Call("HELLO 3|SSUBSCRIBE s other");
  EXPECT_EQ(client->Call("SPUBLISH s m"), ">3|$8|smessage|$1|s|$1|m|:1|");
  EXPECT_EQ(client->Call("PUBLISH s m"), ":0|");
}

TEST(PubSubCommands, ClientListShowsSubscriptions) {
  SessionHarness node;
  Client* subscriber = node.Connect();
  subscriber->Call("SUBSCRIBE a b|PSUBSCRIBE a*|SSUBSCRIBE a b c");
  Client* client = node.Connect();
  const std::string line = client->Call("CLIENT LIST TYPE pubsub");
  EXPECT_TRUE(absl::StrContains(line, "id=1 ")) << line;
  EXPECT_FALSE(absl::StrContains(line, "id=2 ")) << line;
  EXPECT_TRUE(absl::StrContains(line, " flags=P db=0 sub=2 psub=1 ssub=3 ")) << line;
  EXPECT_FALSE(absl::StrContains(client->Call("CLIENT LIST TYPE normal"), "id=1 "));
  EXPECT_EQ(client->Call("CLIENT KILL TYPE pubsub"), ":1|");
  EXPECT_TRUE(subscriber->wire().destroyed);
  EXPECT_EQ(client->Call("PUBSUB CHANNELS|PUBSUB NUMPAT|CLIENT KILL TYPE pubsub"), "*0|:0|:0|");
}

TEST(PubSubCommands, SubscriptionsCountInTheClientsMemory) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("SUBSCRIBE a");
  const int64_t before = client->session()->info().total_memory_bytes;
  client->Call(absl::StrCat("SUBSCRIBE ", std::string(1000, 'x')));
  EXPECT_GE(client->session()->info().total_memory_bytes - before, 1000);
}

TEST(PubSubCommands, IdleSubscribersAreNotClosed) {
  SessionHarness node;
  node.Set(Parameter::timeout, "5");
  Client* subscriber = node.Connect();
  Client* idle = node.Connect();
  subscriber->Call("SUBSCRIBE c");
  node.server().worker(0).Start();
  node.AdvanceMs(20000);
  EXPECT_TRUE(idle->closed());
  EXPECT_FALSE(subscriber->closed());
}

TEST(PubSubCommands, SlowSubscribersAreClosedAtTheirOwnLimit) {
  SessionHarness node;
  node.Set(Parameter::client_output_buffer_limit, "normal 1 0 0 pubsub 2000 0 0");
  Client* subscriber = node.Connect();
  subscriber->Call("SUBSCRIBE c");
  subscriber->wire().room_bytes = 0;
  Client* publisher = node.Connect();
  const std::string publish = absl::StrCat("PUBLISH c ", std::string(500, 'x'));
  EXPECT_EQ(publisher->Call(absl::StrCat(publish, "|", publish)), ":1|:1|");
  EXPECT_FALSE(subscriber->closed());
  EXPECT_EQ(publisher->Call(absl::StrCat(publish, "|", publish)), ":1|:1|");
  EXPECT_TRUE(subscriber->closed());
  EXPECT_EQ(publisher->Call(publish), ":0|");
  EXPECT_EQ(node.server().worker(0).stats().output_buffer_limit_disconnections.get(), 1);
}

TEST(PubSubCommands, PauseForWritesHoldsPublicationsToo) {
  SessionHarness node;
  Client* client = node.Connect();
  client->Call("CLIENT PAUSE 1000 WRITE");
  EXPECT_EQ(node.Connect()->Call("SUBSCRIBE c"), "*3|$9|subscribe|$1|c|:1|");
  EXPECT_EQ(client->Call("PUBLISH c m"), "");
  node.AdvanceMs(1001);
  EXPECT_EQ(client->Run(), ":1|");
}

}  // namespace
}  // namespace damselfly
