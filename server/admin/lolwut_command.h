#ifndef DAMSELFLY_SERVER_ADMIN_LOLWUT_COMMAND_H_
#define DAMSELFLY_SERVER_ADMIN_LOLWUT_COMMAND_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// LOLWUT [VERSION n]: a drawing, and the versions. Needs no session.
absl::Span<const CommandSpec> LolwutCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_LOLWUT_COMMAND_H_
