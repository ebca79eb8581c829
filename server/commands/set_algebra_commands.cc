#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/commands/count_arguments.h"
#include "server/commands/set_handlers.h"

namespace damselfly {
namespace {

using Member = SetValue::Member;
// Null: there is no such key.
using Sets = std::vector<const SetValue*>;

// Finds the sets in args[first, first + count). Returns false, having replied, if one of them is
// something else.
bool FindSets(CommandContext& ctx, size_t first, size_t count, Sets* sets) {
  for (size_t i = first; i < first + count; ++i) {
    const Entry* const entry = ctx.db.FindCounted(ctx.KeyAt(i));
    if (entry != nullptr && entry->type() != ValueType::kSet) {
      ctx.WrongType();
      return false;
    }
  }
  // Those past their deadlines are deleted now, so entries stay where they are.
  for (size_t i = first; i < first + count; ++i) {
    const Entry* const entry = ctx.db.Find(ctx.KeyAt(i));
    sets->push_back(entry != nullptr ? &entry->as<SetValue>() : nullptr);
  }
  return true;
}

bool IsSmaller(const SetValue* a, const SetValue* b) { return a->size() < b->size(); }

// Calls visit(member) for what is in all sets, as long as it returns true: goes through the
// smallest, and looks into the others in the order of their sizes.
template <typename Visit>
void VisitIntersection(Sets sets, Visit visit) {
  if (std::count(sets.begin(), sets.end(), nullptr) > 0) return;
  std::stable_sort(sets.begin(), sets.end(), IsSmaller);
  const SetValue* const smallest = sets.front();
  smallest->ForEachWhile([&](const Member& member) {
    for (const SetValue* other : sets) {
      if (other != smallest && !other->Contains(member)) return true;
    }
    return visit(member);
  });
}

SetValue UnionOf(const Sets& sets, const ValueContext& context) {
  SetValue result;
  for (const SetValue* set : sets) {
    if (set == nullptr) continue;
    set->ForEach([&](const Member& member) { result.Add(member, context); });
  }
  return result;
}

// Each member of the first set is looked for in the others, the largest first.
SetValue DifferenceByLookups(Sets sets, const ValueContext& context) {
  const SetValue* const first = sets.front();
  sets.erase(std::remove(sets.begin() + 1, sets.end(), nullptr), sets.end());
  std::stable_sort(sets.begin() + 1, sets.end(),
                   [](const SetValue* a, const SetValue* b) { return IsSmaller(b, a); });
  SetValue result;
  first->ForEach([&](const Member& member) {
    const bool is_elsewhere = std::any_of(sets.begin() + 1, sets.end(), [&](const SetValue* other) {
      return other->Contains(member);
    });
    if (!is_elsewhere) result.Add(member, context);
  });
  return result;
}

// What the other sets have is taken away from a copy of the first.
SetValue DifferenceByErasing(const Sets& sets, const ValueContext& context) {
  SetValue result = UnionOf({sets.front()}, context);
  for (size_t i = 1; i < sets.size() && result.size() > 0; ++i) {
    if (sets[i] == nullptr) continue;
    sets[i]->ForEach([&](const Member& member) {
      char scratch[kIntegerBytesMax];
      result.Erase(member.Text(scratch));
    });
  }
  return result;
}

SetValue DifferenceOf(const Sets& sets, const ValueContext& context) {
  const SetValue* const first = sets.front();
  if (first == nullptr || std::count(sets.begin(), sets.end(), first) > 1) return SetValue();
  size_t lookups = 0, erasures = 0;
  for (const SetValue* set : sets) {
    if (set == nullptr) continue;
    lookups += first->size();
    erasures += set->size();
  }
  // Lookups cost about half of an erasure, and mostly end before the last set.
  return lookups / 2 <= erasures ? DifferenceByLookups(sets, context)
                                 : DifferenceByErasing(sets, context);
}

SetValue IntersectionOf(const Sets& sets, const ValueContext& context) {
  SetValue result;
  VisitIntersection(sets, [&](const Member& member) {
    result.Add(member, context);
    return true;
  });
  return result;
}

void ReplyWithSet(CommandContext& ctx, const SetValue& set) {
  ctx.reply.Set(set.size());
  set.ForEach([&](const Member& member) { ReplyWithMember(ctx.reply, member); });
}

using Combine = SetValue (*)(const Sets& sets, const ValueContext& context);

void ReplyWithResult(CommandContext& ctx, Combine combine) {
  Sets sets;
  if (!FindSets(ctx, 1, ctx.args.size() - 1, &sets)) return;
  ReplyWithSet(ctx, combine(sets, ctx.store.value_context()));
}

void StoreResult(CommandContext& ctx, Combine combine, absl::string_view event) {
  Sets sets;
  if (!FindSets(ctx, 2, ctx.args.size() - 2, &sets)) return;
  SetValue result = combine(sets, ctx.store.value_context());
  const Key key = ctx.KeyAt(1);
  const size_t size = result.size();
  if (size > 0) {
    ctx.db.SetCollection(key, std::move(result), Database::Expiry::None());
    ctx.Notify(KeyEventClass::kSet, event, key);
  } else if (ctx.db.Delete(key)) {
    ctx.Notify(KeyEventClass::kGeneric, "del", key);
  }
  ctx.reply.Integer(static_cast<int64_t>(size));
}

}  // namespace

void SInterCommand(CommandContext& ctx) {
  Sets sets;
  if (!FindSets(ctx, 1, ctx.args.size() - 1, &sets)) return;
  const ReplyWriter::Deferred reply = ctx.reply.Defer();
  size_t count = 0;
  VisitIntersection(sets, [&](const Member& member) {
    ReplyWithMember(ctx.reply, member);
    ++count;
    return true;
  });
  ctx.reply.CloseSet(reply, count);
}

void SInterStoreCommand(CommandContext& ctx) { StoreResult(ctx, IntersectionOf, "sinterstore"); }

void SInterCardCommand(CommandContext& ctx) {
  int64_t key_count, limit = 0;
  if (!ParseAtLeast(ctx, 1, 1, "ERR numkeys should be greater than 0", &key_count)) return;
  if (key_count > static_cast<int64_t>(ctx.args.size()) - 2)
    return ctx.reply.Error("ERR Number of keys can't be greater than number of args");
  for (size_t i = 2 + static_cast<size_t>(key_count); i < ctx.args.size(); i += 2) {
    if (!ctx.ArgIs(i, "LIMIT") || i + 1 == ctx.args.size()) return ctx.SyntaxError();
    if (!ParseAtLeast(ctx, i + 1, 0, "ERR LIMIT can't be negative", &limit)) return;
  }
  Sets sets;
  if (!FindSets(ctx, 2, static_cast<size_t>(key_count), &sets)) return;
  if (limit == 0) limit = std::numeric_limits<int64_t>::max();
  int64_t count = 0;
  VisitIntersection(sets, [&](const Member&) { return ++count < limit; });
  ctx.reply.Integer(count);
}

void SUnionCommand(CommandContext& ctx) { ReplyWithResult(ctx, UnionOf); }

void SUnionStoreCommand(CommandContext& ctx) { StoreResult(ctx, UnionOf, "sunionstore"); }

void SDiffCommand(CommandContext& ctx) { ReplyWithResult(ctx, DifferenceOf); }

void SDiffStoreCommand(CommandContext& ctx) { StoreResult(ctx, DifferenceOf, "sdiffstore"); }

}  // namespace damselfly
