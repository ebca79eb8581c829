#ifndef DAMSELFLY_SERVER_COMMANDS_BITMAP_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_BITMAP_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// The bitmap family: the commands that see a string as an array of bits.
absl::Span<const CommandSpec> BitmapCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_BITMAP_COMMANDS_H_
