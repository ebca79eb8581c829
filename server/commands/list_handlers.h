#ifndef DAMSELFLY_SERVER_COMMANDS_LIST_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_LIST_HANDLERS_H_

#include <cstddef>

#include "server/commands/command_context.h"

// The list family's handlers, for its table in list_commands.cc. Each replies, and fails, as the
// page of the same name says (https://redis.io/docs/latest/commands/) and as Redis 7.0 does where
// the page is silent.

namespace damselfly {

// list_push_commands.cc
void LPushCommand(CommandContext& ctx);
void RPushCommand(CommandContext& ctx);
void LPushXCommand(CommandContext& ctx);
void RPushXCommand(CommandContext& ctx);
void LInsertCommand(CommandContext& ctx);
void LSetCommand(CommandContext& ctx);

// list_read_commands.cc
void LLenCommand(CommandContext& ctx);
void LIndexCommand(CommandContext& ctx);
void LRangeCommand(CommandContext& ctx);
void LPosCommand(CommandContext& ctx);

// list_remove_commands.cc
void LRemCommand(CommandContext& ctx);
void LTrimCommand(CommandContext& ctx);

// list_pop_commands.cc
void LPopCommand(CommandContext& ctx);
void RPopCommand(CommandContext& ctx);
void LMPopCommand(CommandContext& ctx);
void BLPopCommand(CommandContext& ctx);
void BRPopCommand(CommandContext& ctx);
void BLMPopCommand(CommandContext& ctx);
bool ServeBLPop(CommandContext& ctx, size_t key_index);
bool ServeBRPop(CommandContext& ctx, size_t key_index);
bool ServeBLMPop(CommandContext& ctx, size_t key_index);

// list_move_commands.cc
void LMoveCommand(CommandContext& ctx);
void RPopLPushCommand(CommandContext& ctx);
void BLMoveCommand(CommandContext& ctx);
void BRPopLPushCommand(CommandContext& ctx);
bool ServeBLMove(CommandContext& ctx, size_t key_index);
bool ServeBRPopLPush(CommandContext& ctx, size_t key_index);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_LIST_HANDLERS_H_
