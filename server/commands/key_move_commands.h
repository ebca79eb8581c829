#ifndef DAMSELFLY_SERVER_COMMANDS_KEY_MOVE_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_KEY_MOVE_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// RENAME, RENAMENX, MOVE and COPY. Both keys' slots are locked by the key specs; a slot's lock
// covers it in every database.
absl::Span<const CommandSpec> KeyMoveCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_KEY_MOVE_COMMANDS_H_
