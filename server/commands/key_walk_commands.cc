#include "server/commands/key_walk_commands.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "server/base/glob.h"
#include "server/commands/command_context.h"
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

struct ScanOptions {
  size_t count = 10;
  absl::string_view pattern = "*";
  bool has_type = false;
  absl::string_view type;
};

// Reads a cursor as strtoul does, which is what Redis reads it with: a sign is legal, and "-1" is
// the largest number; the text ends with its first zero byte, and no digits are 0.
bool ParseCursor(absl::string_view text, uint64_t* cursor) {
  text = text.substr(0, text.find('\0'));
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) {
    text.remove_prefix(1);
    // A sign alone is not read at all, so it is left over.
    if (text.empty()) return false;
  }
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    if (__builtin_mul_overflow(value, uint64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, static_cast<uint64_t>(c - '0'), &value)) return false;
  }
  *cursor = negative ? -value : value;
  return true;
}

// Reads the options from args[2] on; on failure writes the error and returns false.
bool ParseScanOptions(CommandContext& ctx, ScanOptions* options) {
  for (size_t i = 2; i < ctx.args.size(); i += 2) {
    if (i + 1 >= ctx.args.size()) {
      ctx.SyntaxError();
      return false;
    }
    if (ctx.ArgIs(i, "COUNT")) {
      int64_t count;
      if (!ctx.ParseInteger(i + 1, &count)) return false;
      if (count < 1) {
        ctx.SyntaxError();
        return false;
      }
      options->count = static_cast<size_t>(count);
    } else if (ctx.ArgIs(i, "MATCH")) {
      options->pattern = ctx.args[i + 1];
    } else if (ctx.ArgIs(i, "TYPE")) {
      options->has_type = true;
      options->type = ctx.args[i + 1].substr(0, ctx.args[i + 1].find('\0'));
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

void HandleScan(CommandContext& ctx) {
  uint64_t cursor;
  if (!ParseCursor(ctx.args[1], &cursor)) return ctx.reply.Error("ERR invalid cursor");
  ScanOptions options;
  if (!ParseScanOptions(ctx, &options)) return;

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
