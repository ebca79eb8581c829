#include "server/commands/sorted_sets/sorted_set_store.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace damselfly {

void StoreSortedSet(CommandContext& ctx, const Key& key, SortedSetValue set,
                    absl::string_view event) {
  const size_t size = set.size();
  if (size > 0) {
    ctx.db.SetCollection(key, std::move(set), Database::Expiry::None());
    ctx.Notify(KeyEventClass::kSortedSet, event, key);
  } else if (ctx.db.Delete(key)) {
    ctx.Notify(KeyEventClass::kGeneric, "del", key);
  }
  ctx.reply.Integer(static_cast<int64_t>(size));
}

void StoreSortedSet(CommandContext& ctx, const Key& key, absl::Span<const ScoredMember> members,
                    absl::string_view event) {
  StoreSortedSet(ctx, key, SortedSetValue::FromSorted(members, ctx.store.value_context()), event);
}

void SortMembers(absl::Span<ScoredMember> members) {
  std::sort(members.begin(), members.end(),
            [](const ScoredMember& a, const ScoredMember& b) { return Precedes(a, b); });
}

}  // namespace damselfly
