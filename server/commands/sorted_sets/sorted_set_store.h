#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_STORE_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_STORE_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/command_context.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {

// Puts the set under `key` in place of what is there, tells of it as `event`, and replies with the
// number of members. An empty set removes the key.
void StoreSortedSet(CommandContext& ctx, const Key& key, SortedSetValue set,
                    absl::string_view event);
// The same for members that are all different and in the set's order.
void StoreSortedSet(CommandContext& ctx, const Key& key, absl::Span<const ScoredMember> members,
                    absl::string_view event);

// Sorts members that are all different into the set's order.
void SortMembers(absl::Span<ScoredMember> members);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_STORE_H_
