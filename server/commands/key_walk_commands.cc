#include "server/commands/key_walk_commands.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "server/base/glob.h"
#include "server/commands/command_context.h"
#include "server/commands/scan_arguments.h"
#include "server/commands/value_names.h"

namespace damselfly {
namespace {

// ---- KEYS ----

void HandleKeys(CommandContext& ctx) {
  const Glob pattern(ctx.args[1]);
  const ReplyWriter::Deferred array = ctx.reply.Defer();
  size_t count = 0;
  uint64_t cursor = 0;
  do {
    cursor = ctx.store.Scan(ctx.db.index(), cursor, std::numeric_limits<size_t>::max(),
                            ctx.all_locked, [&](Entry& entry) {
                              if (entry.IsExpired(ctx.now_ms()) || !pattern.Matches(entry.key()))
                                return;
                              ctx.reply.Bulk(entry.key());
                              ++count;
                            });
  } while (cursor != 0);
  ctx.reply.CloseArray(array, count);
}

// ---- RANDOMKEY ----

void HandleRandomKey(CommandContext& ctx) {
  const bool found = ctx.store.RandomEntry(ctx.db.index(), ctx.now_ms(), ctx.random, ctx.all_locked,
                                           [&](Entry& entry) { ctx.reply.Bulk(entry.key()); });
  if (!found) ctx.reply.Null();
}

// ---- SCAN ----

void HandleScan(CommandContext& ctx) {
  uint64_t cursor;
  ScanOptions options;
  if (!ParseScanCursor(ctx, 1, &cursor) || !ParseScanOptions(ctx, 2, true, &options)) return;

  // The next cursor stands before the keys and is known after them.
  const Glob pattern(options.pattern);
  std::vector<std::string> keys;
  cursor = ctx.store.Scan(ctx.db.index(), cursor, options.count, ctx.all_locked, [&](Entry& entry) {
    if (entry.IsExpired(ctx.now_ms()) || !pattern.Matches(entry.key())) return;
    // A type that nobody knows is the type of no key.
    if (options.has_type && !absl::EqualsIgnoreCase(options.type, TypeName(entry.type()))) return;
    keys.emplace_back(entry.key());
  });
  ctx.reply.Array(2);
  ctx.reply.BulkInteger(static_cast<int64_t>(cursor));
  ctx.reply.Array(keys.size());
  for (const std::string& key : keys) ctx.reply.Bulk(key);
}

constexpr absl::string_view kKeysTips[] = {"request_policy:all_shards",
                                           "nondeterministic_output_order"};
constexpr absl::string_view kRandomKeyTips[] = {"request_policy:all_shards",
                                                "nondeterministic_output"};
constexpr absl::string_view kScanTips[] = {"nondeterministic_output", "request_policy:special"};

constexpr CommandSpec kCommands[] = {
    {.name = "keys",
     .arity = 2,
     .flags = kReadOnly | kWalksSlots,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of keys in the database",
     .summary = "All keys that match a pattern",
     .syntax = "pattern",
     .handler = HandleKeys,
     .tips = kKeysTips},
    {.name = "randomkey",
     .arity = 1,
     .flags = kReadOnly | kWalksSlots,
     .acl_categories = kAclKeyspace,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "A key chosen at random",
     .handler = HandleRandomKey,
     .tips = kRandomKeyTips},
    {.name = "scan",
     .arity = -2,
     .flags = kReadOnly | kWalksSlots,
     .acl_categories = kAclKeyspace,
     .since = "2.8.0",
     .complexity = "O(1) for each call; O(N) from cursor 0 until it is 0 again, where N is the "
                   "number of keys",
     .summary = "The keys of the database, some with each call",
     .syntax = "cursor [MATCH pattern] [COUNT count] [TYPE type@6.0.0]",
     .handler = HandleScan,
     .tips = kScanTips},
};

}  // namespace

absl::Span<const CommandSpec> KeyWalkCommands() { return kCommands; }

}  // namespace damselfly
