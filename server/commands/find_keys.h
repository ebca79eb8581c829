#ifndef DAMSELFLY_SERVER_COMMANDS_FIND_KEYS_H_
#define DAMSELFLY_SERVER_COMMANDS_FIND_KEYS_H_

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// Position of a key among the arguments, with what the command does to it (KeyFlag).
struct KeyPosition {
  int index;
  uint32_t flags;
};
using KeyPositions = absl::InlinedVector<KeyPosition, 8>;

// Key specs as one range, the way COMMAND told them before there were key specs: the first key's
// position, the last one's (negative: from the end) and the distance between two. `first` 0: none.
struct KeySummary {
  int first = 0;
  int last = 0;
  int step = 0;
  // The range is all there is to know.
  bool complete = true;
  // Some keys are not in the range: flag "movablekeys".
  bool movable = false;
};
KeySummary SummarizeKeys(absl::Span<const KeySpec> specs);

// Appends the keys that `spec` finds in `args`. False when it finds a range that cannot be right:
// one that ends before it begins or past the arguments, or whose number of keys is no number.
bool AppendKeys(const KeySpec& spec, absl::Span<const absl::string_view> args, KeyPositions* keys);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_FIND_KEYS_H_
