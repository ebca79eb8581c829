#include "server/admin/slowlog_commands.h"

#include <string>

#include "server/base/numbers.h"
#include "server/commands/command_context.h"
#include "server/commands/help_reply.h"
#include "server/session/argument_errors.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

constexpr int64_t kDefaultCount = 10;

void HandleSlowlogGet(CommandContext& ctx) {
  if (ctx.args.size() > 3) return SubcommandSyntaxError(ctx);
  int64_t count = kDefaultCount;
  if (ctx.args.size() == 3 && (!ParseInt64(ctx.args[2], &count) || count < -1)) {
    ctx.reply.Error("ERR count should be greater than or equal to -1");
    return;
  }
  WriteSlowLog(ctx.session->server().slow_log().Newest(count), ctx.reply);
}

void HandleSlowlogLen(CommandContext& ctx) {
  ctx.reply.Integer(ctx.session->server().slow_log().size());
}

void HandleSlowlogReset(CommandContext& ctx) {
  ctx.session->server().slow_log().Reset();
  ctx.reply.Ok();
}

void HandleSlowlogHelp(CommandContext& ctx) {
  static constexpr absl::string_view kLines[] = {
      "GET [<count>]",
      "    The newest entries (10 unless told; -1: all): id, time, microseconds, arguments, "
      "client's address and name.",
      "LEN",
      "    How many entries there are.",
      "RESET",
      "    Forgets all entries.",
  };
  WriteHelp(ctx, "SLOWLOG", kLines);
}

constexpr uint32_t kOperator = kAdmin | kLoading | kStale;
constexpr absl::string_view kGetTips[] = {"request_policy:all_nodes", "nondeterministic_output"};
constexpr absl::string_view kLenTips[] = {"request_policy:all_nodes", "response_policy:agg_sum",
                                          "nondeterministic_output"};
constexpr absl::string_view kResetTips[] = {"request_policy:all_nodes",
                                            "response_policy:all_succeeded"};

constexpr CommandSpec kSubcommands[] = {
    {.name = "get",
     .arity = -2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.2.12",
     .complexity = "O(N) where N is the number of entries returned",
     .summary = "The newest entries of the slow log",
     .syntax = "[count]",
     .handler = HandleSlowlogGet,
     .tips = kGetTips},
    {.name = "len",
     .arity = 2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.2.12",
     .complexity = "O(1)",
     .summary = "How many entries the slow log has",
     .handler = HandleSlowlogLen,
     .tips = kLenTips},
    {.name = "reset",
     .arity = 2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.2.12",
     .complexity = "O(N) where N is the number of entries in the slowlog",
     .summary = "Empties the slow log",
     .handler = HandleSlowlogReset,
     .tips = kResetTips},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .group = CommandGroup::kServer,
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Explains the subcommands",
     .handler = HandleSlowlogHelp},
};

constexpr CommandSpec kCommands[] = {
    {.name = "slowlog",
     .arity = -2,
     .group = CommandGroup::kServer,
     .since = "2.2.12",
     .complexity = "Depends on subcommand.",
     .summary = "The log of slow commands",
     .subcommands = kSubcommands},
};

}  // namespace

absl::Span<const CommandSpec> SlowlogCommands() { return kCommands; }

void WriteSlowLog(absl::Span<const SlowLog::Entry> entries, ReplyWriter& reply) {
  reply.Array(entries.size());
  for (const SlowLog::Entry& entry : entries) {
    reply.Array(6);
    reply.Integer(entry.id);
    reply.Integer(entry.unix_seconds);
    reply.Integer(entry.duration_us);
    reply.Array(entry.args.size());
    for (const std::string& arg : entry.args) reply.Bulk(arg);
    reply.Bulk(entry.client_address);
    reply.Bulk(entry.client_name);
  }
}

}  // namespace damselfly
