#ifndef DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_TRIM_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_TRIM_ARGUMENTS_H_

#include <cstddef>

#include "absl/types/optional.h"
#include "server/commands/command_context.h"
#include "server/values/stream_value.h"

namespace damselfly {

// What stands between the key and the fields of XADD, or behind the key of XTRIM.
struct StreamTrimArguments {
  absl::optional<StreamTrim> trim;

  // Of XADD.
  bool no_stream_made = false;  // NOMKSTREAM
  absl::optional<StreamId> id;  // none: "*"
  bool seq_given = true;        // else the ID is "ms-*"
  size_t first_field_index = 0;
};

// Reads args from index 2 on, up to the ID of XADD (`is_add`) or to the end. Replies with the error
// and returns false if they are not right.
bool ReadStreamTrimArguments(const CommandContext& ctx, bool is_add,
                             StreamTrimArguments* arguments);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_TRIM_ARGUMENTS_H_
