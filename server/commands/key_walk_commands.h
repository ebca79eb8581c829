#ifndef DAMSELFLY_SERVER_COMMANDS_KEY_WALK_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_KEY_WALK_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// Commands that go through a database: KEYS, SCAN, RANDOMKEY. They lock slot by slot; inside EXEC
// everything is locked already. Entries past their deadline are not shown.
absl::Span<const CommandSpec> KeyWalkCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_KEY_WALK_COMMANDS_H_
