#ifndef DAMSELFLY_SERVER_COMMANDS_COUNT_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_COUNT_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"

// Numbers of elements among arguments. Each function writes the error and returns false where the
// argument is not what it asks for.

namespace damselfly {

// How many elements a random command gives; negative: with repetitions. All but the least int64.
bool ParseRandomCount(CommandContext& ctx, size_t index, int64_t* count);

// 0 or more; "ERR value is out of range, must be positive".
bool ParseCount(CommandContext& ctx, size_t index, int64_t* count);

// `least` or more; `error` for everything else.
bool ParseAtLeast(CommandContext& ctx, size_t index, int64_t least, absl::string_view error,
                  int64_t* count);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COUNT_ARGUMENTS_H_
