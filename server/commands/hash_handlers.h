#ifndef DAMSELFLY_SERVER_COMMANDS_HASH_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_HASH_HANDLERS_H_

#include "server/commands/command_context.h"

// The hash family's handlers, for its table in hash_commands.cc. Each replies, and fails, as the
// page of the same name says (https://redis.io/docs/latest/commands/) and as Redis 7.0 does where
// the page is silent.

namespace damselfly {

// hash_read_commands.cc
void HGetCommand(CommandContext& ctx);
void HMGetCommand(CommandContext& ctx);
void HGetAllCommand(CommandContext& ctx);
void HKeysCommand(CommandContext& ctx);
void HValsCommand(CommandContext& ctx);
void HLenCommand(CommandContext& ctx);
void HStrLenCommand(CommandContext& ctx);
void HExistsCommand(CommandContext& ctx);
void HScanCommand(CommandContext& ctx);

// hash_random_command.cc
void HRandFieldCommand(CommandContext& ctx);

// hash_write_commands.cc
void HSetCommand(CommandContext& ctx);  // and HMSET
void HSetNxCommand(CommandContext& ctx);
void HDelCommand(CommandContext& ctx);
void HIncrByCommand(CommandContext& ctx);
void HIncrByFloatCommand(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_HASH_HANDLERS_H_
