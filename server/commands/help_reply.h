#ifndef DAMSELFLY_SERVER_COMMANDS_HELP_REPLY_H_
#define DAMSELFLY_SERVER_COMMANDS_HELP_REPLY_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/command_context.h"

namespace damselfly {

// Answers a HELP subcommand: an array of simple strings, `lines` between a first line about
// `container` (upper case) and the lines about HELP itself. Lines of explanation are indented by
// four spaces.
void WriteHelp(const CommandContext& ctx, absl::string_view container,
               absl::Span<const absl::string_view> lines);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_HELP_REPLY_H_
