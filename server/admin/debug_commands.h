#ifndef DAMSELFLY_SERVER_ADMIN_DEBUG_COMMANDS_H_
#define DAMSELFLY_SERVER_ADMIN_DEBUG_COMMANDS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// DEBUG: SLEEP, OBJECT, POPULATE, SET-ACTIVE-EXPIRE, STRINGMATCH-LEN, ERROR, LOG, PROTOCOL and
// HELP. As in Redis, its words are no subcommands that COMMAND would know of. Who may run it is up
// to the parameter enable-debug-command.
absl::Span<const CommandSpec> DebugCommands();

// Whether enable-debug-command's value ("yes", "no", "local") lets a client run DEBUG.
bool DebugAllowed(absl::string_view enabled, bool client_is_local);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_DEBUG_COMMANDS_H_
