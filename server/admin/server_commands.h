#ifndef DAMSELFLY_SERVER_ADMIN_SERVER_COMMANDS_H_
#define DAMSELFLY_SERVER_ADMIN_SERVER_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// INFO, TIME, SHUTDOWN, ROLE, LASTSAVE. All need a session.
absl::Span<const CommandSpec> ServerCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_SERVER_COMMANDS_H_
