#ifndef DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_HANDLERS_H_

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/command_context.h"

// The handlers behind StreamCommands(), each in the file named.

namespace damselfly {

// stream_write_commands.cc
void XAddCommand(CommandContext& ctx);
void XDelCommand(CommandContext& ctx);
void XSetIdCommand(CommandContext& ctx);
void XTrimCommand(CommandContext& ctx);

// stream_range_commands.cc
void XLenCommand(CommandContext& ctx);
void XRangeCommand(CommandContext& ctx);
void XRevRangeCommand(CommandContext& ctx);

// stream_read_commands.cc
void XReadCommand(CommandContext& ctx);
bool ServeXRead(CommandContext& ctx, size_t key_index);

// stream_read_arguments.cc
void FindXReadKeys(absl::Span<const absl::string_view> args,
                   absl::FunctionRef<void(int index, uint32_t flags)> add);

// stream_group_commands.cc
void XGroupCreateCommand(CommandContext& ctx);
void XGroupCreateConsumerCommand(CommandContext& ctx);
void XGroupDelConsumerCommand(CommandContext& ctx);
void XGroupDestroyCommand(CommandContext& ctx);
void XGroupHelpCommand(CommandContext& ctx);
void XGroupSetIdCommand(CommandContext& ctx);

// stream_pending_commands.cc
void XAckCommand(CommandContext& ctx);
void XPendingCommand(CommandContext& ctx);

// stream_claim_commands.cc
void XAutoClaimCommand(CommandContext& ctx);
void XClaimCommand(CommandContext& ctx);

// stream_info_commands.cc
void XInfoConsumersCommand(CommandContext& ctx);
void XInfoGroupsCommand(CommandContext& ctx);
void XInfoHelpCommand(CommandContext& ctx);
void XInfoStreamCommand(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_HANDLERS_H_
