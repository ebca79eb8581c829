// Commands whose keys are found by what stands before them: in a pipeline their first key is
// derived ahead of their turn.

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/commands/set_commands.h"
#include "server/session/fixed_router.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

constexpr char kWrongType[] = "-WRONGTYPE Operation against a key holding the wrong kind of value|";
TEST(MovableKeys, EachCommandOfAPipelineFindsItsOwn) {
  SessionHarness node(1, "", SetCommands());
  SessionHarness::Client* client = node.Connect();
  client->Call("SADD a x y|SADD b y|SET text 1");
  EXPECT_EQ(client->Call("SINTERCARD 1 a|SINTERCARD 1 b|SINTERCARD 2 a b|SINTERCARD 1 text|"
                         "SINTERCARD 1 none|SINTERCARD 1 a LIMIT 1"),
            absl::StrCat(":2|:1|:1|", kWrongType, ":0|:1|"));
}

TEST(MovableKeys, WhatCommandsBeforeHaveChangedIsSeen) {
  SessionHarness node(1, "", SetCommands());
  SessionHarness::Client* client = node.Connect();
  EXPECT_EQ(client->Call("SADD a x y|SINTERCARD 1 a|SREM a x|SINTERCARD 1 a|DEL a|SINTERCARD 1 a|"
                         "SADD a z|RENAME a b|SINTERCARD 1 b|SINTERCARD 1 a"),
            ":2|:2|:1|:1|:1|:0|:1|+OK|:1|:0|");
}

TEST(MovableKeys, ArgumentsInWhichNoneAreFoundAreTheCommandsToRefuse) {
  SessionHarness node(1, "", SetCommands());
  SessionHarness::Client* client = node.Connect();
  EXPECT_EQ(client->Call("SINTERCARD|SINTERCARD 1|PING"),
            "-ERR wrong number of arguments for 'sintercard' command|"
            "-ERR wrong number of arguments for 'sintercard' command|+PONG|");
  EXPECT_EQ(client->Call("SINTERCARD x a|SINTERCARD 0 a|SINTERCARD 2 a|PING"),
            "-ERR numkeys should be greater than 0|-ERR numkeys should be greater than 0|"
            "-ERR Number of keys can't be greater than number of args|+PONG|");
}

TEST(MovableKeys, InAClusterTheirSlotsAreJudgedAndCounted) {
  FixedRouter router;
  SessionHarness node(1, "yes", SetCommands());
  node.server().set_slot_router(&router);
  node.store().RestrictToOwnedSlots();
  node.store().Own(KeySlot("a"));
  SessionHarness::Client* client = node.Connect();
  EXPECT_EQ(client->Call("SADD a x|SINTERCARD 1 a|SINTERCARD 1 c|SINTERCARD 2 a c|"
                         "SINTERCARD 2 {a}1 a"),
            absl::StrCat(":1|:1|-MOVED ", KeySlot("c"),
                         " other:1|-CROSSSLOT Keys in request don't hash to the same slot|:0|"));
  EXPECT_EQ(node.store().FiguresOf(KeySlot("a")).read_count, 3u);
  EXPECT_EQ(node.store().FiguresOf(KeySlot("a")).write_count, 1u);
  EXPECT_EQ(node.store().FiguresOf(KeySlot("c")).read_count, 0u);
}

}  // namespace
}  // namespace damselfly
