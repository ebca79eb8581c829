#ifndef DAMSELFLY_SERVER_COMMANDS_KEY_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_KEY_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// Commands on keys whatever their value: DEL, UNLINK, EXISTS, TOUCH, TYPE
// (https://redis.io/docs/latest/commands/?group=generic).
absl::Span<const CommandSpec> KeyCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_KEY_COMMANDS_H_
