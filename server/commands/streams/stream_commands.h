#ifndef DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// XADD, XREAD, XGROUP and the other commands on streams.
absl::Span<const CommandSpec> StreamCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_COMMANDS_H_
