#ifndef DAMSELFLY_SERVER_COMMANDS_SET_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_SET_HANDLERS_H_

#include "server/commands/command_context.h"
#include "server/values/set_value.h"

// The set family's handlers, for its table in set_commands.cc. Each replies, and fails, as the page
// of the same name says (https://redis.io/docs/latest/commands/) and as Redis 7.0 does where the
// page is silent.

namespace damselfly {

inline void ReplyWithMember(ReplyWriter& reply, const SetValue::Member& member) {
  member.is_integer ? reply.BulkInteger(member.integer) : reply.Bulk(member.bytes);
}

// set_read_commands.cc
void SCardCommand(CommandContext& ctx);
void SIsMemberCommand(CommandContext& ctx);
void SMIsMemberCommand(CommandContext& ctx);
void SMembersCommand(CommandContext& ctx);
void SRandMemberCommand(CommandContext& ctx);
void SScanCommand(CommandContext& ctx);

// set_write_commands.cc
void SAddCommand(CommandContext& ctx);
void SRemCommand(CommandContext& ctx);
void SMoveCommand(CommandContext& ctx);
void SPopCommand(CommandContext& ctx);

// set_algebra_commands.cc
void SInterCommand(CommandContext& ctx);
void SInterStoreCommand(CommandContext& ctx);
void SInterCardCommand(CommandContext& ctx);
void SUnionCommand(CommandContext& ctx);
void SUnionStoreCommand(CommandContext& ctx);
void SDiffCommand(CommandContext& ctx);
void SDiffStoreCommand(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SET_HANDLERS_H_
