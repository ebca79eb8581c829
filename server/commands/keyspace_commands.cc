#include "server/commands/keyspace_commands.h"

#include <cstdint>

#include "server/commands/command_context.h"
#include "server/commands/database_argument.h"

namespace damselfly {
namespace {

// Counts what is past its deadline but not yet deleted, as Redis does.
void HandleDbSize(CommandContext& ctx) {
  ctx.reply.Integer(static_cast<int64_t>(ctx.store.KeyCount(ctx.db.index())));
}

// `database` -1: all. Without SYNC the memory is given back in the background: the caller has
// nothing from waiting.
void Flush(CommandContext& ctx, int database) {
  const bool sync = ctx.args.size() == 2 && ctx.ArgIs(1, "SYNC");
  const bool async = ctx.args.size() == 2 && ctx.ArgIs(1, "ASYNC");
  if (ctx.args.size() > 1 && !sync && !async) return ctx.SyntaxError();
  ctx.store.Flush(database, /*wait=*/sync, ctx.counters);
  ctx.reply.Ok();
}

void HandleFlushDb(CommandContext& ctx) { Flush(ctx, ctx.db.index()); }
void HandleFlushAll(CommandContext& ctx) { Flush(ctx, -1); }

void HandleSwapDb(CommandContext& ctx) {
  int first;
  int second;
  if (ctx.store.restricted_to_owned_slots())
    return ctx.reply.Error("ERR SWAPDB is not allowed in cluster mode");
  if (!ParseDatabaseNumber(ctx, 1, &first, "ERR invalid first DB index")) return;
  if (!ParseDatabaseNumber(ctx, 2, &second, "ERR invalid second DB index")) return;
  if (!CheckDatabaseExists(ctx, first) || !CheckDatabaseExists(ctx, second)) return;
  if (first != second) ctx.store.SwapDatabases(first, second, ctx.counters);
  ctx.reply.Ok();
}

constexpr absl::string_view kDbSizeTips[] = {"request_policy:all_shards",
                                             "response_policy:agg_sum"};
constexpr absl::string_view kFlushTips[] = {"request_policy:all_shards",
                                            "response_policy:all_succeeded"};

constexpr CommandSpec kCommands[] = {
    {.name = "dbsize",
     .arity = 1,
     .flags = kReadOnly | kFast | kAlsoWhileLoading,
     .acl_categories = kAclKeyspace,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "How many keys the database has",
     .handler = HandleDbSize,
     .tips = kDbSizeTips},
    {.name = "flushall",
     .arity = -1,
     .flags = kWrite | kLocksAllSlots,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(N) where N is the total number of keys in all databases",
     .summary = "Deletes all keys of all databases",
     .syntax = "[async<ASYNC@4.0.0 | SYNC@6.2.0>]",
     .handler = HandleFlushAll,
     .tips = kFlushTips},
    {.name = "flushdb",
     .arity = -1,
     .flags = kWrite | kLocksAllSlots,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of keys in the selected database",
     .summary = "Deletes all keys of the database",
     .syntax = "[async<ASYNC@4.0.0 | SYNC@6.2.0>]",
     .handler = HandleFlushDb,
     .tips = kFlushTips},
    {.name = "swapdb",
     .arity = 3,
     .flags = kWrite | kFast | kLocksAllSlots,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .group = CommandGroup::kServer,
     .since = "4.0.0",
     .complexity =
         "O(N) where N is the number of clients that watch or wait for keys of both databases",
     .summary = "Exchanges two databases",
     .syntax = "index1:integer index2:integer",
     .handler = HandleSwapDb},
};

}  // namespace

absl::Span<const CommandSpec> KeyspaceCommands() { return kCommands; }

}  // namespace damselfly
