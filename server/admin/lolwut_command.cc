#include "server/admin/lolwut_command.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "server/base/version.h"
#include "server/commands/command_context.h"

namespace damselfly {
namespace {

constexpr absl::string_view kDamselfly =
    "\n"
    "      .--~~--.               .--~~--.\n"
    "     (        ~-.  \\   /  .-~        )\n"
    "      ~-._       ~-.(o)-~       _.-~\n"
    "   .-~~-._~~--.._  _|H|_  _..--~~_.-~~-.\n"
    "  (       ~~--..__~ |H| ~__..--~~       )\n"
    "   ~-.______..--~~  |H|  ~~--..______.-~\n"
    "                    |H|\n"
    "                    |H|\n"
    "                    |H|\n"
    "                    |H|\n"
    "                     V\n"
    "\n";

// Redis draws other pictures for other versions; here there is one. What follows the version is for
// those.
void HandleLolwut(CommandContext& ctx) {
  if (ctx.args.size() >= 3 && ctx.ArgIs(1, "VERSION")) {
    int64_t version;
    if (!ctx.ParseInteger(2, &version)) return;
  }
  ctx.reply.Verbatim("txt", absl::StrCat(kDamselfly, "Redis ver. ", kRedisVersion,
                                         " / Damselfly ver. ", kVersion, "\n"));
}

constexpr CommandSpec kCommands[] = {
    {.name = "lolwut",
     .arity = -1,
     .flags = kReadOnly | kFast,
     .group = CommandGroup::kServer,
     .since = "5.0.0",
     .summary = "A drawing, and the server's version",
     .syntax = "[VERSION version:integer]",
     .handler = HandleLolwut},
};

}  // namespace

absl::Span<const CommandSpec> LolwutCommands() { return kCommands; }

}  // namespace damselfly
