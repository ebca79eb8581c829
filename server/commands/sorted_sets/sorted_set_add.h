#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ADD_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ADD_H_

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"

namespace damselfly {

// What ZADD, ZINCRBY and GEOADD have in common behind their arguments.
struct SortedSetAddition {
  bool only_new = false;        // NX
  bool only_present = false;    // XX
  bool only_greater = false;    // GT
  bool only_less = false;       // LT
  bool counts_changes = false;  // CH
  bool increments = false;      // INCR: one item, and its score is the reply

  struct Item {
    double score;
    absl::string_view member;
  };
  absl::InlinedVector<Item, 4> items;
};

// Adds to the set under args[1], and replies.
void AddToSortedSet(CommandContext& ctx, const SortedSetAddition& addition);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ADD_H_
