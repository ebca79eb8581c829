#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_HANDLERS_H_

#include <cstddef>

#include "server/commands/command_context.h"

// The sorted sets' handlers, for their table in sorted_set_commands.cc. Each replies, and fails, as
// the page of the same name says (https://redis.io/docs/latest/commands/) and as Redis 7.0 does
// where the page is silent.

namespace damselfly {

// sorted_set_write_commands.cc
void ZAddCommand(CommandContext& ctx);
void ZIncrByCommand(CommandContext& ctx);
void ZRemCommand(CommandContext& ctx);
void ZRemRangeByLexCommand(CommandContext& ctx);
void ZRemRangeByRankCommand(CommandContext& ctx);
void ZRemRangeByScoreCommand(CommandContext& ctx);

// sorted_set_read_commands.cc
void ZCardCommand(CommandContext& ctx);
void ZCountCommand(CommandContext& ctx);
void ZLexCountCommand(CommandContext& ctx);
void ZMScoreCommand(CommandContext& ctx);
void ZRandMemberCommand(CommandContext& ctx);
void ZRankCommand(CommandContext& ctx);
void ZRevRankCommand(CommandContext& ctx);
void ZScanCommand(CommandContext& ctx);
void ZScoreCommand(CommandContext& ctx);

// sorted_set_range_commands.cc
void ZRangeCommand(CommandContext& ctx);
void ZRangeByLexCommand(CommandContext& ctx);
void ZRangeByScoreCommand(CommandContext& ctx);
void ZRangeStoreCommand(CommandContext& ctx);
void ZRevRangeCommand(CommandContext& ctx);
void ZRevRangeByLexCommand(CommandContext& ctx);
void ZRevRangeByScoreCommand(CommandContext& ctx);

// sorted_set_pop_commands.cc
void BzmPopCommand(CommandContext& ctx);
void BzPopMaxCommand(CommandContext& ctx);
void BzPopMinCommand(CommandContext& ctx);
void ZmPopCommand(CommandContext& ctx);
void ZPopMaxCommand(CommandContext& ctx);
void ZPopMinCommand(CommandContext& ctx);
bool ServeBzmPop(CommandContext& ctx, size_t key_index);
bool ServeBzPopMax(CommandContext& ctx, size_t key_index);
bool ServeBzPopMin(CommandContext& ctx, size_t key_index);

// sorted_set_combine_commands.cc
void ZDiffCommand(CommandContext& ctx);
void ZDiffStoreCommand(CommandContext& ctx);
void ZInterCommand(CommandContext& ctx);
void ZInterCardCommand(CommandContext& ctx);
void ZInterStoreCommand(CommandContext& ctx);
void ZUnionCommand(CommandContext& ctx);
void ZUnionStoreCommand(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_HANDLERS_H_
