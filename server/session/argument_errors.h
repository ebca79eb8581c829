#ifndef DAMSELFLY_SERVER_SESSION_ARGUMENT_ERRORS_H_
#define DAMSELFLY_SERVER_SESSION_ARGUMENT_ERRORS_H_

#include <cstddef>
#include <cstdint>

#include "server/commands/command_context.h"

namespace damselfly {

// What the commands about connections and the server check alike, with Redis's errors.

// "ERR unknown subcommand or wrong number of arguments for 'X'. Try C HELP.": the subcommand is
// known, but its arguments are too many (arity alone cannot tell).
void SubcommandSyntaxError(const CommandContext& ctx);

// A timeout in milliseconds: writes the error and returns false if args[index] is no number or
// negative.
bool ParseTimeoutMs(const CommandContext& ctx, size_t index, int64_t* timeout_ms);

// An int: writes the error and returns false if args[index] is none.
bool ParseInt(const CommandContext& ctx, size_t index, int* value);

// ON or OFF: anything else is a syntax error.
bool ParseOnOff(const CommandContext& ctx, size_t index, bool* on);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_ARGUMENT_ERRORS_H_
