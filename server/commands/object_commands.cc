#include "server/commands/object_commands.h"

#include "server/commands/command_context.h"
#include "server/commands/help_reply.h"
#include "server/commands/value_names.h"

namespace damselfly {
namespace {

// The entry of args[2]; without one writes Null. To look at it is no access.
const Entry* FindObject(CommandContext& ctx) {
  const Entry* entry = ctx.db.PeekCounted(ctx.KeyAt(2), /*quiet=*/true);
  if (entry == nullptr) ctx.reply.Null();
  return entry;
}

void HandleEncoding(CommandContext& ctx) {
  const Entry* entry = FindObject(ctx);
  if (entry != nullptr) ctx.reply.Bulk(EncodingName(*entry));
}

void HandleRefcount(CommandContext& ctx) {
  const Entry* entry = FindObject(ctx);
  if (entry != nullptr) ctx.reply.Integer(ReferenceCount(*entry));
}

void HandleFreq(CommandContext& ctx) {
  const Entry* const entry = FindObject(ctx);
  if (entry == nullptr) return;
  if (ctx.store.evictor().clock().kind() != AccessClock::Kind::kLfu) {
    return ctx.reply.Error(
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note "
        "that when switching between policies at runtime LRU and LFU data will take some time to "
        "adjust.");
  }
  ctx.reply.Integer(AccessClock::FrequencyOf(entry->access()));
}

// Where no LRU policy is chosen, nothing is known of accesses, and nothing is idle.
void HandleIdleTime(CommandContext& ctx) {
  const Entry* const entry = FindObject(ctx);
  if (entry == nullptr) return;
  const AccessClock& clock = ctx.store.evictor().clock();
  if (clock.kind() == AccessClock::Kind::kLfu) {
    return ctx.reply.Error(
        "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
        "switching between policies at runtime LRU and LFU data will take some time to adjust.");
  }
  ctx.reply.Integer(clock.IdleMs(entry->access(), ctx.now_ms()) / 1000);
}

void HandleHelp(CommandContext& ctx) {
  constexpr absl::string_view kLines[] = {
      "ENCODING <key>",
      "    How the value of the key is kept in memory.",
      "FREQ <key>",
      "    How often the key is used, where an LFU policy counts it.",
      "IDLETIME <key>",
      "    For how many seconds the key has not been used at least, where an LRU policy asks for "
      "it.",
      "REFCOUNT <key>",
      "    How many references there are to the value of the key.",
  };
  WriteHelp(ctx, "OBJECT", kLines);
}

constexpr KeySpec kKey[] = {OneKey(kKeyReadOnly, /*index=*/2)};
constexpr absl::string_view kOutputVaries[] = {"nondeterministic_output"};

constexpr CommandSpec kSubcommands[] = {
    {.name = "encoding",
     .arity = 3,
     .flags = kReadOnly,
     .acl_categories = kAclKeyspace,
     .keys = kKey,
     .since = "2.2.3",
     .complexity = "O(1)",
     .summary = "How a value is kept in memory",
     .syntax = "key",
     .handler = HandleEncoding,
     .tips = kOutputVaries},
    {.name = "freq",
     .arity = 3,
     .flags = kReadOnly,
     .acl_categories = kAclKeyspace,
     .keys = kKey,
     .since = "4.0.0",
     .complexity = "O(1)",
     .summary = "How often a key is used, on a logarithmic scale",
     .syntax = "key",
     .handler = HandleFreq,
     .tips = kOutputVaries},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .acl_categories = kAclKeyspace,
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Lists the subcommands",
     .handler = HandleHelp},
    {.name = "idletime",
     .arity = 3,
     .flags = kReadOnly,
     .acl_categories = kAclKeyspace,
     .keys = kKey,
     .since = "2.2.3",
     .complexity = "O(1)",
     .summary = "How long a key has not been used",
     .syntax = "key",
     .handler = HandleIdleTime,
     .tips = kOutputVaries},
    {.name = "refcount",
     .arity = 3,
     .flags = kReadOnly,
     .acl_categories = kAclKeyspace,
     .keys = kKey,
     .since = "2.2.3",
     .complexity = "O(1)",
     .summary = "How many references there are to a value",
     .syntax = "key",
     .handler = HandleRefcount,
     .tips = kOutputVaries},
};

constexpr CommandSpec kCommands[] = {
    {.name = "object",
     .arity = -2,
     .since = "2.2.3",
     .complexity = "Depends on subcommand.",
     .summary = "Looks at how values are kept",
     .subcommands = kSubcommands},
};

}  // namespace

absl::Span<const CommandSpec> ObjectCommands() { return kCommands; }

}  // namespace damselfly
