#include "server/commands/help_reply.h"

#include "absl/strings/str_cat.h"

namespace damselfly {

void WriteHelp(const CommandContext& ctx, absl::string_view container,
               absl::Span<const absl::string_view> lines) {
  ctx.reply.Array(lines.size() + 3);
  ctx.reply.SimpleString(absl::StrCat(container, " takes one of these subcommands:"));
  for (absl::string_view line : lines) ctx.reply.SimpleString(line);
  ctx.reply.SimpleString("HELP");
  ctx.reply.SimpleString("    Show this list.");
}

}  // namespace damselfly
