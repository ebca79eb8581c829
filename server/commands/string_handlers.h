#ifndef DAMSELFLY_SERVER_COMMANDS_STRING_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_STRING_HANDLERS_H_

#include "server/commands/command_context.h"

// The string family's handlers, for its table in string_commands.cc. Each replies, and fails, as
// the page of the same name says (https://redis.io/docs/latest/commands/) and as Redis 7.0 does
// where the page is silent.

namespace damselfly {

// string_read_commands.cc
void GetCommand(CommandContext& ctx);
void MGetCommand(CommandContext& ctx);
void StrlenCommand(CommandContext& ctx);
void GetRangeCommand(CommandContext& ctx);  // and SUBSTR

// string_write_commands.cc
void GetDelCommand(CommandContext& ctx);
void GetSetCommand(CommandContext& ctx);
void MSetCommand(CommandContext& ctx);
void MSetNxCommand(CommandContext& ctx);
void AppendCommand(CommandContext& ctx);
void SetRangeCommand(CommandContext& ctx);

// string_set_command.cc
void SetCommand(CommandContext& ctx);
void SetNxCommand(CommandContext& ctx);
void SetExCommand(CommandContext& ctx);
void PSetExCommand(CommandContext& ctx);
void GetExCommand(CommandContext& ctx);

// string_number_commands.cc
void IncrCommand(CommandContext& ctx);
void DecrCommand(CommandContext& ctx);
void IncrByCommand(CommandContext& ctx);
void DecrByCommand(CommandContext& ctx);
void IncrByFloatCommand(CommandContext& ctx);

// lcs_command.cc
void LcsCommand(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STRING_HANDLERS_H_
