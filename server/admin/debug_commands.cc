#include "server/admin/debug_commands.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/admin/debug_handlers.h"
#include "server/commands/command_context.h"
#include "server/commands/help_reply.h"
#include "server/session/argument_errors.h"
#include "server/session/server_state.h"
#include "server/session/session.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

constexpr double kSleepSecondsMax = 1e9;

// As in Redis, what is no number is 0, and what follows a number is overlooked.
void HandleSleep(CommandContext& ctx) {
  const double seconds = std::strtod(std::string(ctx.args[2]).c_str(), nullptr);
  if (seconds > 0) {
    const auto duration_ns = static_cast<int64_t>(std::min(seconds, kSleepSecondsMax) * 1e9);
    ctx.session->worker().loop().Stall(duration_ns);
  }
  ctx.reply.Ok();
}

// Likewise.
void HandleSetActiveExpire(CommandContext& ctx) {
  ctx.store.set_active_expiry(std::strtoll(std::string(ctx.args[2]).c_str(), nullptr, 10) != 0);
  ctx.reply.Ok();
}

// Line breaks become spaces, also at the ends, where Error() would cut them off.
void HandleError(CommandContext& ctx) {
  ctx.reply.Error(absl::StrReplaceAll(ctx.args[2], {{"\r", " "}, {"\n", " "}}));
}

void HandleLog(CommandContext& ctx) {
  ctx.session->server().runtime().Log(Runtime::Severity::kWarning,
                                      absl::StrCat("DEBUG LOG: ", ctx.args[2]));
  ctx.reply.Ok();
}

void HandleHelp(CommandContext& ctx) {
  constexpr absl::string_view kLines[] = {
      "DIGEST",
      "    Forty digits that depend on all keys, values and deadlines, and on nothing else.",
      "ERROR <string>",
      "    Answers with this error.",
      "LOG <message>",
      "    Writes the message to the server's log.",
      "OBJECT <key>",
      "    How the value of the key is kept.",
      "POPULATE <count> [<prefix>] [<size>]",
      "    Makes strings under the keys <prefix>:0 (\"key:0\" if not given) and so on, <size> "
      "bytes",
      "    each, where there is no such key. Slots that are another node's are passed over.",
      "PROTOCOL <type>",
      "    Answers with a value of this type: string, integer, double, bignum, null, array, set,",
      "    map, attrib, push, verbatim, true, false.",
      "SET-ACTIVE-EXPIRE <0|1>",
      "    0: keys past their deadline are deleted only when someone looks at them.",
      "SLEEP <seconds>",
      "    Stops this client's worker for so long. Fractions are allowed.",
      "STRINGMATCH-LEN <length> <pattern>",
      "    Whether the pattern matches so many letters 'a'.",
  };
  WriteHelp(ctx, "DEBUG", kLines);
}

struct Word {
  absl::string_view name;  // upper case
  size_t args_min;         // with DEBUG and the word
  size_t args_max;
  CommandHandler handler;
};

constexpr Word kWords[] = {
    {"DIGEST", 2, 2, HandleDebugDigest},
    {"ERROR", 3, 3, HandleError},
    {"HELP", 2, 2, HandleHelp},
    {"LOG", 3, 3, HandleLog},
    {"OBJECT", 3, 3, HandleDebugObject},
    {"POPULATE", 3, 5, HandleDebugPopulate},
    {"PROTOCOL", 3, 3, HandleDebugProtocol},
    {"SET-ACTIVE-EXPIRE", 3, 3, HandleSetActiveExpire},
    {"SLEEP", 3, 3, HandleSleep},
    {"STRINGMATCH-LEN", 4, 4, HandleDebugStringMatchLen},
};

void HandleDebug(CommandContext& ctx) {
  const Config& config = ctx.session->server().config();
  if (!DebugAllowed(config.text(Parameter::enable_debug_command), ctx.session->IsLocal())) {
    return ctx.reply.Error(
        "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", "
        "you can run it from a local connection, otherwise you need to set this option in the "
        "configuration file, and then restart the server.");
  }
  for (const Word& word : kWords) {
    const bool count_fits = ctx.args.size() >= word.args_min && ctx.args.size() <= word.args_max;
    if (count_fits && ctx.ArgIs(1, word.name)) return word.handler(ctx);
  }
  SubcommandSyntaxError(ctx);
}

constexpr CommandSpec kCommands[] = {
    {.name = "debug",
     .arity = -2,
     // Locks what it needs by itself. It may be any key: inside EXEC all slots are locked.
     .flags = kAdmin | kNoScript | kLoading | kStale | kProtected | kWalksSlots,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "Tests of the server and of clients",
     .handler = HandleDebug,
     .is_system_command = true},
};

}  // namespace

bool DebugAllowed(absl::string_view enabled, bool client_is_local) {
  return enabled == "yes" || (enabled == "local" && client_is_local);
}

absl::Span<const CommandSpec> DebugCommands() { return kCommands; }

}  // namespace damselfly
