#include "server/commands/sorted_set_store.h"

#include <algorithm>
#include <cstdint>

namespace damselfly {

void StoreSortedSet(CommandContext& ctx, const Key& key, absl::Span<const ScoredMember> members,
                    absl::string_view event) {
  if (members.empty()) {
    if (ctx.db.Delete(key)) ctx.Notify(KeyEventClass::kGeneric, "del", key);
    return ctx.reply.Integer(0);
  }
  ctx.db.SetCollection(key, SortedSetValue::FromSorted(members, ctx.store.value_context()),
                       Database::Expiry::None());
  ctx.Notify(KeyEventClass::kSortedSet, event, key);
  ctx.reply.Integer(static_cast<int64_t>(members.size()));
}

void SortMembers(absl::Span<ScoredMember> members) {
  std::sort(members.begin(), members.end(),
            [](const ScoredMember& a, const ScoredMember& b) { return Precedes(a, b); });
}

}  // namespace damselfly
