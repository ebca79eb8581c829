#ifndef DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_REPLY_H_
#define DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_REPLY_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/values/stream_range.h"
#include "server/values/stream_value.h"

// What replies of several stream commands have in common.

namespace damselfly {

void ReplyStreamId(const CommandContext& ctx, const StreamId& id);

// The entry that `range` stands at: its ID and its fields and values.
void ReplyEntry(const CommandContext& ctx, StreamRange* range);

// An array of the entries of `range`, `count` at most (0: all).
void ReplyEntries(const CommandContext& ctx, StreamRange range, uint64_t count);

// The one entry with this ID; false, and nothing, if there is none.
bool ReplyEntryWithId(const CommandContext& ctx, const StreamValue& stream, const StreamId& id);

// NOGROUP, in the words of most commands; `suffix` stands behind them.
void NoKeyOrGroup(const CommandContext& ctx, absl::string_view key, absl::string_view group,
                  absl::string_view suffix = {});
// NOGROUP, where the key is there.
void NoGroup(const CommandContext& ctx, absl::string_view key, absl::string_view group);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_REPLY_H_
