#ifndef DAMSELFLY_SERVER_COMMANDS_BITMAP_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_BITMAP_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>

#include "server/commands/command_context.h"

namespace damselfly {

// Reads args[index] as the position of a bit within the longest string there may be. With
// `field_bits` > 0 (BITFIELD) "#n" means the n-th field of so many bits. Replies with the error and
// returns false for anything else.
bool ParseBitOffset(const CommandContext& ctx, size_t index, int field_bits, int64_t* offset);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_BITMAP_ARGUMENTS_H_
