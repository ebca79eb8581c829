#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_DOCUMENTATION_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_DOCUMENTATION_H_

#include <cstdint>

#include "server/commands/command_registry.h"
#include "server/resp/reply_writer.h"

namespace damselfly {

// What COMMAND tells about one command, in the shape of Redis 7.0. Redis's "notes" of key specs and
// its "history" are prose and left out.

// The ten elements of COMMAND INFO (https://redis.io/docs/latest/commands/command/).
void WriteCommandInfo(const Command& command, ReplyWriter& reply);

// The name and the map of COMMAND DOCS (https://redis.io/docs/latest/commands/command-docs/): two
// elements of an outer map. Requires that the command's syntax is well formed.
void WriteCommandDocs(const Command& command, ReplyWriter& reply);

// A set of the words of `flags` (KeyFlag), as in COMMAND GETKEYSANDFLAGS.
void WriteKeyFlags(uint32_t flags, ReplyWriter& reply);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_DOCUMENTATION_H_
