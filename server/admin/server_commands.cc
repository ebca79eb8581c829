#include "server/admin/server_commands.h"

#include "server/admin/info_sections.h"
#include "server/commands/command_context.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

void HandleInfo(CommandContext& ctx) {
  ctx.reply.Verbatim("txt",
                     WriteInfo(ctx.session->server(), SelectInfoSections(ctx.args.subspan(1))));
}

void HandleTime(CommandContext& ctx) {
  const int64_t wall_us = ctx.session->server().runtime().clock().WallUs();
  ctx.reply.Array(2);
  ctx.reply.BulkInteger(wall_us / 1000000);
  ctx.reply.BulkInteger(wall_us % 1000000);
}

void HandleShutdown(CommandContext& ctx) {
  bool save = false;
  bool no_save = false;
  bool force = false;
  bool now = false;
  bool abort = false;
  for (size_t i = 1; i < ctx.args.size(); ++i) {
    if (ctx.ArgIs(i, "SAVE")) {
      save = true;
    } else if (ctx.ArgIs(i, "NOSAVE")) {
      no_save = true;
    } else if (ctx.ArgIs(i, "FORCE")) {
      force = true;
    } else if (ctx.ArgIs(i, "NOW")) {
      now = true;
    } else if (ctx.ArgIs(i, "ABORT")) {
      abort = true;
    } else {
      return ctx.SyntaxError();
    }
  }
  if ((save && no_save) || (abort && (save || no_save || force || now))) return ctx.SyntaxError();
  if (abort) {
    // An exit cannot be waited for: nobody has to catch up first.
    ctx.reply.Error("ERR No shutdown in progress.");
    return;
  }
  Runtime& runtime = ctx.session->server().runtime();
  if (save && !force) {
    runtime.Log(Runtime::Severity::kWarning,
                "SHUTDOWN SAVE refused: this server writes no snapshots");
    ctx.reply.Error("ERR Errors trying to SHUTDOWN. Check logs.");
    return;
  }
  // The end of the connection is the answer.
  ctx.session->CloseAfterReply();
  runtime.RequestExit(0);
}

// Nothing is saved: it is the time of the start, as with a Redis that has not saved yet.
void HandleLastSave(CommandContext& ctx) {
  ctx.reply.Integer(ctx.session->server().start_wall_ms() / 1000);
}

constexpr absl::string_view kInfoTips[] = {"nondeterministic_output", "request_policy:all_shards",
                                           "response_policy:special"};
constexpr absl::string_view kNondeterministic[] = {"nondeterministic_output"};

constexpr CommandSpec kCommands[] = {
    {.name = "info",
     .arity = -1,
     .flags = kLoading | kStale,
     .acl_categories = kAclDangerous,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "What the server knows of itself",
     .syntax = "[section]...",
     .handler = HandleInfo,
     .tips = kInfoTips},
    {.name = "time",
     .arity = 1,
     .flags = kLoading | kStale | kFast,
     .group = CommandGroup::kServer,
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "The server's time",
     .handler = HandleTime,
     .tips = kNondeterministic},
    {.name = "shutdown",
     .arity = -1,
     .flags = kAdmin | kNoScript | kLoading | kStale | kNoMulti | kAllowBusy,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Ends the server",
     .syntax = "[NOSAVE | SAVE] [NOW]@7.0.0 [FORCE]@7.0.0 [ABORT]@7.0.0",
     .handler = HandleShutdown},
    {.name = "lastsave",
     .arity = 1,
     .flags = kLoading | kStale | kFast,
     .acl_categories = kAclAdmin | kAclDangerous,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "When the data was last saved",
     .handler = HandleLastSave,
     .tips = kNondeterministic},
};

}  // namespace

absl::Span<const CommandSpec> ServerCommands() { return kCommands; }

}  // namespace damselfly
