#include "server/commands/key_commands.h"

#include <cstdint>

#include "server/commands/command_context.h"
#include "server/commands/value_names.h"

namespace damselfly {
namespace {

void Delete(CommandContext& ctx, bool background) {
  int64_t deleted = 0;
  for (size_t i = 1; i < ctx.args.size(); ++i) {
    const Key key = ctx.KeyAt(i);
    if (!ctx.db.Delete(key, background)) continue;
    ctx.Notify(KeyEventClass::kGeneric, "del", key);
    ++deleted;
  }
  ctx.reply.Integer(deleted);
}

void HandleDel(CommandContext& ctx) { Delete(ctx, /*background=*/false); }
void HandleUnlink(CommandContext& ctx) { Delete(ctx, /*background=*/true); }

// A key named twice counts twice.
void HandleExists(CommandContext& ctx) {
  int64_t found = 0;
  for (size_t i = 1; i < ctx.args.size(); ++i) found += ctx.db.PeekCounted(ctx.KeyAt(i)) != nullptr;
  ctx.reply.Integer(found);
}

// The same, but an access.
void HandleTouch(CommandContext& ctx) {
  int64_t found = 0;
  for (size_t i = 1; i < ctx.args.size(); ++i) found += ctx.db.FindCounted(ctx.KeyAt(i)) != nullptr;
  ctx.reply.Integer(found);
}

void HandleType(CommandContext& ctx) {
  const Entry* entry = ctx.db.PeekCounted(ctx.KeyAt(1));
  ctx.reply.SimpleString(entry == nullptr ? "none" : TypeName(entry->type()));
}

constexpr KeySpec kRemovedKeys[] = {KeyRange(kKeyRemove | kKeyDelete, 1, -1)};
constexpr KeySpec kKeys[] = {KeyRange(kKeyReadOnly, 1, -1)};
constexpr KeySpec kKey[] = {OneKey(kKeyReadOnly)};
constexpr absl::string_view kSumOverShards[] = {"request_policy:multi_shard",
                                                "response_policy:agg_sum"};

constexpr CommandSpec kCommands[] = {
    {.name = "del",
     .arity = -2,
     .flags = kWrite | kBriefSteps,
     .acl_categories = kAclKeyspace,
     .keys = kRemovedKeys,
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of keys; a key that holds a collection costs O(M), "
                   "M being its size",
     .summary = "Deletes keys",
     .syntax = "key...",
     .handler = HandleDel,
     .tips = kSumOverShards},
    {.name = "exists",
     .arity = -2,
     .flags = kReadOnly | kFast | kBriefSteps,
     .acl_categories = kAclKeyspace,
     .keys = kKeys,
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of keys to check.",
     .summary = "How many of the keys exist",
     .syntax = "key...",
     .handler = HandleExists,
     .tips = kSumOverShards},
    {.name = "touch",
     .arity = -2,
     .flags = kReadOnly | kFast | kBriefSteps,
     .acl_categories = kAclKeyspace,
     .keys = kKeys,
     .since = "3.2.1",
     .complexity = "O(N) where N is the number of keys that will be touched.",
     .summary = "Accesses keys; how many of them exist",
     .syntax = "key...",
     .handler = HandleTouch,
     .tips = kSumOverShards},
    {.name = "type",
     .arity = 2,
     .flags = kReadOnly | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kKey,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "The type of a key's value",
     .syntax = "key",
     .handler = HandleType},
    {.name = "unlink",
     .arity = -2,
     .flags = kWrite | kFast | kBriefSteps,
     .acl_categories = kAclKeyspace,
     .keys = kRemovedKeys,
     .since = "4.0.0",
     .complexity =
         "O(1) for each key; the memory of big values is given back later, in O(N) of their size",
     .summary = "Deletes keys, and frees big values in the background",
     .syntax = "key...",
     .handler = HandleUnlink,
     .tips = kSumOverShards},
};

}  // namespace

absl::Span<const CommandSpec> KeyCommands() { return kCommands; }

}  // namespace damselfly
