#ifndef DAMSELFLY_SERVER_COMMANDS_BITMAP_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_BITMAP_HANDLERS_H_

#include "server/commands/command_context.h"

// The bitmap family's handlers, for its table in bitmap_commands.cc. Each replies, and fails, as
// the page of the same name says (https://redis.io/docs/latest/commands/) and as Redis 7.0 does
// where the page is silent.

namespace damselfly {

// bit_commands.cc
void GetBitCommand(CommandContext& ctx);
void SetBitCommand(CommandContext& ctx);
void BitCountCommand(CommandContext& ctx);
void BitPosCommand(CommandContext& ctx);

// bitop_command.cc
void BitOpCommand(CommandContext& ctx);

// bitfield_commands.cc
void BitFieldCommand(CommandContext& ctx);
void BitFieldRoCommand(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_BITMAP_HANDLERS_H_
