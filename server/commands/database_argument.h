#ifndef DAMSELFLY_SERVER_COMMANDS_DATABASE_ARGUMENT_H_
#define DAMSELFLY_SERVER_COMMANDS_DATABASE_ARGUMENT_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"

namespace damselfly {

// Reads args[index] as an int of 32 bits, the way Redis reads database numbers; whether there is
// such a database is not looked at. On failure writes an error, `error` if it is not empty, and
// returns false.
bool ParseDatabaseNumber(const CommandContext& ctx, size_t index, int* number,
                         absl::string_view error = {});

// True if there is a database of this number; else writes the error.
bool CheckDatabaseExists(const CommandContext& ctx, int number);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_DATABASE_ARGUMENT_H_
