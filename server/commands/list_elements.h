#ifndef DAMSELFLY_SERVER_COMMANDS_LIST_ELEMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_LIST_ELEMENTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/resp/reply_writer.h"
#include "server/store/key.h"
#include "server/store/list_edit.h"
#include "server/values/list_value.h"

// What the handlers of lists share.

namespace damselfly {

// One element as a bulk string.
inline void ReplyWithElement(ReplyWriter& reply, const PackElement& element) {
  element.is_integer ? reply.BulkInteger(element.integer) : reply.Bulk(element.bytes);
}

// The elements of [first, first + count), which are there, as an array, from the first on.
void ReplyWithRange(ReplyWriter& reply, const ListValue& list, size_t first, size_t count);
// The last `count` elements as an array, from the end backwards.
void ReplyWithTail(ReplyWriter& reply, const ListValue& list, size_t count);

// Whether an index (-1 is the last element) is one of a list's `size` elements, and which.
bool ResolveIndex(int64_t index, size_t size, size_t* resolved);

// The elements from `start` to `stop`, both included and either counted from the end if negative.
struct ListRange {
  size_t first = 0;
  size_t count = 0;
};
ListRange ResolveListRange(int64_t start, int64_t stop, size_t size);

// LEFT or RIGHT in args[index]; else writes the syntax error and returns false.
bool ParseListEnd(const CommandContext& ctx, size_t index, ListEnd* end);
// An integer of at least `low` in args[index]; else writes `error` and returns false.
bool ParseAtLeast(const CommandContext& ctx, size_t index, int64_t low, absl::string_view error,
                  int64_t* value);

// Events: elements have come or gone at one end of the list. After the edit has closed.
void NotifyPushed(CommandContext& ctx, const Key& key, ListEnd end);
void NotifyPopped(CommandContext& ctx, const Key& key, ListEnd end, bool emptied);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_LIST_ELEMENTS_H_
