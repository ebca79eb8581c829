#ifndef DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/values/stream_id.h"

namespace damselfly {

// Reads "ms-seq" or "ms" (the number within it is then `missing_seq`). With `seq_given` not null
// "ms-*" is taken too, and tells false there. Numbers are as Redis takes them here: as strtoull
// does, up to the first NUL.
bool ParseStreamId(absl::string_view text, uint64_t missing_seq, StreamId* id,
                   bool* seq_given = nullptr);

// The same with "-" and "+", the first and the last ID there may be.
bool ParseStreamIdOrEnd(absl::string_view text, uint64_t missing_seq, StreamId* id);

// The functions below take args[index], reply with the error and return false if it is not what is
// wanted.

bool ReadStreamId(const CommandContext& ctx, size_t index, StreamId* id, uint64_t missing_seq = 0);

// The start of an interval, which "(" excludes.
bool ReadIntervalStart(const CommandContext& ctx, size_t index, StreamId* id);
bool ReadIntervalEnd(const CommandContext& ctx, size_t index, StreamId* id);

// An integer, with words of its own for what is none.
bool ReadInteger(const CommandContext& ctx, size_t index, absl::string_view error, int64_t* value);

// IDs in args[index] and all behind it.
bool ReadStreamIds(const CommandContext& ctx, size_t index, std::vector<StreamId>* ids);

// An argument as Redis shows it in an error: up to the first NUL.
absl::string_view UpToNul(absl::string_view text);

// "unknown subcommand or wrong number of arguments", of `container` ("XGROUP").
void SubcommandSyntaxError(const CommandContext& ctx, absl::string_view container);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_ARGUMENTS_H_
