#ifndef DAMSELFLY_SERVER_COMMANDS_HYPERLOGLOG_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_HYPERLOGLOG_HANDLERS_H_

#include <string>

#include "server/commands/command_context.h"

// The HyperLogLog family's handlers, for its table in hyperloglog_commands.cc, and what they share.
// Each replies, and fails, as the page of the same name says
// (https://redis.io/docs/latest/commands/) and as Redis 7.0 does where the page is silent.

namespace damselfly {

// hyperloglog_commands.cc
void PfAddCommand(CommandContext& ctx);
void PfCountCommand(CommandContext& ctx);
void PfMergeCommand(CommandContext& ctx);

// hyperloglog_debug_commands.cc
void PfDebugCommand(CommandContext& ctx);
void PfSelfTestCommand(CommandContext& ctx);

// True if `entry` is a state, or null; else the error has been replied.
bool IsHllOrMissing(CommandContext& ctx, const Entry* entry);

// The error for a state whose registers make no sense.
void ReplyCorruptHll(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_HYPERLOGLOG_HANDLERS_H_
