#ifndef DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_READ_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_READ_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/commands/command_context.h"

namespace damselfly {

// The arguments of XREAD and XREADGROUP, but for what the IDs say.
struct StreamReadArguments {
  bool has_group = false;  // it is XREADGROUP
  absl::string_view group;
  absl::string_view consumer;
  uint64_t count = 0;  // 0: no limit
  bool no_ack = false;
  absl::optional<int64_t> timeout_ms;  // BLOCK
  // Keys stand from there on, and then as many IDs.
  size_t first_key_index = 0;
  size_t stream_count = 0;

  size_t KeyIndex(size_t stream) const { return first_key_index + stream; }
  size_t IdIndex(size_t stream) const { return first_key_index + stream_count + stream; }
};

// Replies with the error and returns false if they are not right.
bool ReadStreamReadArguments(const CommandContext& ctx, StreamReadArguments* arguments);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_READ_ARGUMENTS_H_
