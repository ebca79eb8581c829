#include "server/commands/blocker.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "server/commands/command.h"
#include "server/commands/command_context.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

// What the timeout is read as.
void Seconds(CommandContext& ctx) {
  int64_t timeout_ms = 0;
  if (ParseTimeoutSeconds(ctx, 1, &timeout_ms)) ctx.reply.Integer(timeout_ms);
}

void Milliseconds(CommandContext& ctx) {
  int64_t timeout_ms = 0;
  if (ParseTimeoutMilliseconds(ctx, 1, &timeout_ms)) ctx.reply.Integer(timeout_ms);
}

// AWAITSTRING key: waits until the key is there.
bool ServeString(CommandContext& ctx, size_t key_index) {
  const Entry* entry = ctx.db.Find(ctx.KeyAt(key_index));
  if (entry == nullptr) return false;
  char scratch[Entry::kIntegerTextBytesMax];
  ctx.reply.Bulk(entry->StringValue(scratch));
  return true;
}

void AwaitString(CommandContext& ctx) {
  if (ServeString(ctx, 1)) return;
  if (ctx.blocker == nullptr) return ctx.reply.NullArray();
  BlockRequest request;
  request.args = {std::string(ctx.args[0]), std::string(ctx.args[1])};
  request.key_indices = {1};
  ctx.blocker->Block(std::move(request));
}

constexpr KeySpec kKey[] = {OneKey(kKeyReadOnly)};

constexpr CommandSpec kCommands[] = {
    {.name = "awaitstring",
     .arity = 2,
     .flags = kReadOnly | kBlocking,
     .keys = kKey,
     .group = CommandGroup::kString,
     .handler = AwaitString,
     .serve = ServeString},
    {.name = "milliseconds", .arity = 2, .handler = Milliseconds},
    {.name = "seconds", .arity = 2, .handler = Seconds},
};

class KeptRequest : public Blocker {
 public:
  void Block(BlockRequest request) override { requests.push_back(std::move(request)); }
  std::vector<BlockRequest> requests;
};

std::string Error(absl::string_view text) { return absl::StrCat("-ERR timeout is ", text, "\r\n"); }

// As redis-server 7.0.15 takes and refuses them.
TEST(BlockerTest, SecondsMayHaveFractionsAndAreRoundedUp) {
  CommandBench bench({kCommands});
  const std::pair<absl::string_view, absl::string_view> good[] = {
      {"0", "0"},       {"1", "1000"},      {"0.001", "1"},
      {"0.0001", "1"},  {"1.0005", "1001"}, {"0x10", "16000"},
      {"-0.0001", "0"}, {"1e-400", "1"},    {"9223372036854775", "9223372036854775000"},
  };
  for (const auto& [text, expected] : good)
    EXPECT_EQ(bench.Run({"SECONDS", text}), absl::StrCat(":", expected, "\r\n")) << text;
}

TEST(BlockerTest, WhatIsNoNumberOfSecondsIsRefused) {
  CommandBench bench({kCommands});
  for (const absl::string_view text : {"", "abc", " 1", "1 ", "1e3x", "nan"})
    EXPECT_EQ(bench.Run({"SECONDS", text}), Error("not a float or out of range")) << text;
}

TEST(BlockerTest, SecondsBelowZeroOrBeyondTheRangeAreNegative) {
  CommandBench bench({kCommands});
  for (const absl::string_view text :
       {"-1", "-0.01", "-inf", "inf", "1e19", "9223372036854776", "1e400", "-1e400"})
    EXPECT_EQ(bench.Run({"SECONDS", text}), Error("negative")) << text;
}

TEST(BlockerTest, MillisecondsAreWhole) {
  CommandBench bench({kCommands});
  EXPECT_EQ(bench.Run({"MILLISECONDS", "0"}), ":0\r\n");
  EXPECT_EQ(bench.Run({"MILLISECONDS", "9223372036854775807"}), ":9223372036854775807\r\n");
  EXPECT_EQ(bench.Run({"MILLISECONDS", "-1"}), Error("negative"));
  for (const absl::string_view text : {"", "1.5", "abc", "9223372036854775808"})
    EXPECT_EQ(bench.Run({"MILLISECONDS", text}), Error("not an integer or out of range")) << text;
}

TEST(BlockerTest, ACommandThatWaitsIsServedLater) {
  CommandBench bench({kCommands});
  KeptRequest kept;
  bench.blocker = &kept;
  EXPECT_EQ(bench.Run({"AWAITSTRING", "key"}), "");
  ASSERT_EQ(kept.requests.size(), 1u);
  EXPECT_EQ(bench.Serve(kept.requests[0], 1), "");
  bench.SetString("key", "value");
  EXPECT_EQ(bench.Serve(kept.requests[0], 1), "$5\r\nvalue\r\n");
}

TEST(BlockerTest, WhereNothingMayWaitTheReplyIsThatOfATimeout) {
  CommandBench bench({kCommands});
  EXPECT_EQ(bench.Run({"AWAITSTRING", "key"}), "*-1\r\n");
}

}  // namespace
}  // namespace damselfly
