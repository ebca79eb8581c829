#include "server/commands/sort_commands.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "server/base/numbers.h"
#include "server/commands/command_context.h"
#include "server/commands/result_limit.h"
#include "server/commands/sort_arguments.h"
#include "server/commands/sort_elements.h"
#include "server/commands/sort_pattern.h"
#include "server/store/entry.h"
#include "server/values/list_value.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {
namespace {

void ReplyWithProblem(CommandContext& ctx, SortArguments::Problem problem) {
  switch (problem) {
    case SortArguments::Problem::kNone:
      break;
    case SortArguments::Problem::kSyntax:
      return ctx.SyntaxError();
    case SortArguments::Problem::kNotAnInteger:
      return ctx.reply.Error("ERR value is not an integer or out of range");
    case SortArguments::Problem::kByDenied:
      return ctx.reply.Error("ERR BY option of SORT denied in Cluster mode.");
    case SortArguments::Problem::kGetDenied:
      return ctx.reply.Error("ERR GET option of SORT denied in Cluster mode.");
  }
}

// The part of `size` elements that LIMIT leaves.
struct Limits {
  size_t first;
  size_t count;

  Limits(const SortArguments& arguments, size_t size)
      : first(std::min(static_cast<size_t>(std::max<int64_t>(arguments.offset, 0)), size)),
        count(arguments.count < 0 ? size - first
                                  : std::min(static_cast<size_t>(arguments.count), size - first)) {}
};

// What SORT gives back: elements [first, first + count) in their order.
struct Result {
  SortElements elements;
  size_t first = 0;
  size_t count = 0;
};

// ---- Where the elements come from ----

void AddFromList(const ListValue& list, size_t first, size_t count, bool backwards, Result* out) {
  char scratch[kIntegerBytesMax];
  ListIterator at = list.At(backwards ? list.size() - 1 - first : first);
  for (; count > 0; --count) {
    out->elements.Add(at.Get().Text(scratch));
    backwards ? at.Previous() : at.Next();
  }
}

void AddFromSet(const SetValue& set, Result* out) {
  char scratch[kIntegerBytesMax];
  set.ForEach([&](const SetValue::Member& member) { out->elements.Add(member.Text(scratch)); });
}

void AddFromSortedSet(const SortedSetValue& set, const RankRange& ranks, bool backwards,
                      Result* out) {
  const auto add = [&](absl::string_view member, double) {
    out->elements.Add(member);
    return true;
  };
  backwards ? set.VisitReverse(ranks, add) : set.Visit(ranks, add);
}

// Lists and sorted sets have an order of their own: without sorting only what LIMIT leaves is
// looked at.
void AddInOwnOrder(const Entry& entry, const SortArguments& arguments, Result* out) {
  const bool backwards = arguments.descending;
  if (entry.type() == ValueType::kList) {
    const ListValue& list = entry.as<ListValue>();
    const Limits limits(arguments, list.size());
    if (limits.count > 0) AddFromList(list, limits.first, limits.count, backwards, out);
  } else {
    const SortedSetValue& set = entry.as<SortedSetValue>();
    const Limits limits(arguments, set.size());
    const size_t begin = backwards ? set.size() - limits.first - limits.count : limits.first;
    AddFromSortedSet(set, {begin, begin + limits.count}, backwards, out);
  }
  out->count = out->elements.size();
}

void AddAll(const Entry& entry, Result* out) {
  if (entry.type() == ValueType::kList) {
    const ListValue& list = entry.as<ListValue>();
    AddFromList(list, 0, list.size(), /*backwards=*/false, out);
  } else if (entry.type() == ValueType::kSet) {
    AddFromSet(entry.as<SetValue>(), out);
  } else {
    const SortedSetValue& set = entry.as<SortedSetValue>();
    AddFromSortedSet(set, {0, set.size()}, /*backwards=*/false, out);
  }
}

// ---- Sorting ----

void WeighElements(CommandContext& ctx, absl::string_view by, SortElements* elements) {
  SortPattern pattern(by);
  std::string weight;
  for (size_t i = 0; i < elements->size(); ++i) {
    if (pattern.LookUp(ctx, elements->text(i), &weight)) elements->SetWeight(i, weight);
  }
}

// False if the elements cannot be compared.
bool SortAll(CommandContext& ctx, const SortArguments& arguments, Result* out) {
  // A set that is stored comes in an order that does not depend on how it was kept.
  const bool for_order_alone = arguments.keeps_order;
  SortElements::Order order;
  order.descending = arguments.descending;
  order.alphabetic = arguments.alphabetic || for_order_alone;
  order.by_weight = arguments.has_by && !for_order_alone;
  order.binary = arguments.store_index != 0;
  if (order.by_weight) WeighElements(ctx, arguments.by, &out->elements);
  return out->elements.Sort(order);
}

bool MakeResult(CommandContext& ctx, const Entry& entry, const SortArguments& arguments,
                Result* out) {
  const bool is_set = entry.type() == ValueType::kSet;
  if (arguments.keeps_order && !is_set) {
    AddInOwnOrder(entry, arguments, out);
    return true;
  }
  AddAll(entry, out);
  const Limits limits(arguments, out->elements.size());
  out->first = limits.first;
  out->count = limits.count;
  if (arguments.keeps_order && arguments.store_index == 0) return true;
  return SortAll(ctx, arguments, out);
}

// ---- What is done with the result ----

// Calls `take` with each element, or with what each GET pattern finds for it (null: nothing), until
// it returns false; returns whether it was called for all.
template <class F>
bool ForEachOutput(CommandContext& ctx, const SortArguments& arguments, const Result& result,
                   F take) {
  std::vector<SortPattern> patterns(arguments.gets.begin(), arguments.gets.end());
  std::string found;
  for (size_t i = result.first; i < result.first + result.count; ++i) {
    const absl::string_view element = result.elements.ordered(i);
    if (patterns.empty() && !take(&element)) return false;
    for (SortPattern& pattern : patterns) {
      const bool is_there = pattern.LookUp(ctx, element, &found);
      const absl::string_view value(found);
      if (!take(is_there ? &value : nullptr)) return false;
    }
  }
  return true;
}

size_t OutputCount(const SortArguments& arguments, const Result& result) {
  return result.count * std::max<size_t>(arguments.gets.size(), 1);
}

void ReplyWithResult(CommandContext& ctx, const SortArguments& arguments, const Result& result) {
  const ResultLimit limit(ctx);
  const bool is_multiplied = !arguments.gets.empty();
  ctx.reply.Array(OutputCount(arguments, result));
  const bool fits = ForEachOutput(ctx, arguments, result, [&](const absl::string_view* value) {
    value != nullptr ? ctx.reply.Bulk(*value) : ctx.reply.Null();
    return !is_multiplied || limit.AllowsReply();
  });
  if (!fits) limit.Refuse();
}

void StoreResult(CommandContext& ctx, const SortArguments& arguments, const Result& result) {
  const Key destination = ctx.KeyAt(arguments.store_index);
  const ResultLimit limit(ctx);
  const bool is_multiplied = !arguments.gets.empty();
  ListValue list;
  const bool fits = ForEachOutput(ctx, arguments, result, [&](const absl::string_view* value) {
    list.Push(ListEnd::kTail, value != nullptr ? *value : absl::string_view(),
              ctx.store.value_context());
    return !is_multiplied || limit.Allows(list.memory_bytes());
  });
  if (!fits) return limit.Refuse();
  const size_t count = list.size();
  if (count > 0) {
    ctx.db.SetCollection(destination, std::move(list), Database::Expiry::None());
    ctx.Notify(KeyEventClass::kList, "sortstore", destination);
  } else if (ctx.db.Delete(destination)) {
    ctx.Notify(KeyEventClass::kGeneric, "del", destination);
  }
  ctx.reply.Integer(static_cast<int64_t>(count));
}

bool CanBeSorted(ValueType type) {
  return type == ValueType::kList || type == ValueType::kSet || type == ValueType::kSortedSet;
}

void Sort(CommandContext& ctx, bool may_store) {
  SortArguments arguments;
  const SortRules rules{may_store, ctx.store.restricted_to_owned_slots()};
  const SortArguments::Problem problem = ParseSortArguments(ctx.args, rules, &arguments);
  if (problem != SortArguments::Problem::kNone) return ReplyWithProblem(ctx, problem);

  const bool stores = arguments.store_index != 0;
  const Key key = ctx.KeyAt(1);
  const Entry* const entry = ctx.db.FindCounted(key);
  if (entry != nullptr && !CanBeSorted(entry->type())) return ctx.WrongType();
  Result result;
  if (entry != nullptr && !MakeResult(ctx, *entry, arguments, &result)) {
    return ctx.reply.Error("ERR One or more scores can't be converted into double");
  }
  stores ? StoreResult(ctx, arguments, result) : ReplyWithResult(ctx, arguments, result);
}

void HandleSort(CommandContext& ctx) { Sort(ctx, /*may_store=*/true); }

void HandleSortRo(CommandContext& ctx) { Sort(ctx, /*may_store=*/false); }

// Where keys stand that nothing tells.
constexpr KeySpec UnknownKeys(uint32_t flags) {
  KeySpec spec;
  spec.flags = flags;
  spec.begin = KeySpec::Begin::kUnknown;
  spec.find = KeySpec::Find::kUnknown;
  return spec;
}

constexpr KeySpec kSortKeys[] = {OneKey(kKeyReadOnly | kKeyAccess),
                                 UnknownKeys(kKeyReadOnly | kKeyAccess),
                                 UnknownKeys(kKeyOverwrite | kKeyUpdate)};
constexpr uint32_t kSortCategories = kAclSet | kAclSortedSet | kAclList | kAclDangerous;
constexpr absl::string_view kComplexity =
    "O(N*log(N)) with N the number of elements; O(M) with M the number of elements returned when "
    "they are not sorted";

constexpr CommandSpec kSortCommands[] = {
    {.name = "sort",
     .arity = -2,
     .flags = kWrite | kDenyOom,
     .acl_categories = kSortCategories,
     .keys = kSortKeys,
     .group = CommandGroup::kGeneric,
     .since = "1.0.0",
     .complexity = kComplexity,
     .summary = "Sorts the elements of a list, a set or a sorted set, and may store the result.",
     .syntax = "key [BY pattern#1] [LIMIT offset_count<offset count>] [GET pattern#1...+] "
               "[order<ASC | DESC>] [ALPHA:sorting] [STORE destination#2]",
     .handler = HandleSort,
     .find_keys = FindSortKeys,
     .reads_any_key = SortReadsAnyKey},
    {.name = "sort_ro",
     .arity = -2,
     .flags = kReadOnly,
     .acl_categories = kSortCategories,
     .keys = absl::MakeConstSpan(kSortKeys, 2),
     .group = CommandGroup::kGeneric,
     .since = "7.0.0",
     .complexity = kComplexity,
     .summary = "Sorts the elements of a list, a set or a sorted set.",
     .syntax = "key [BY pattern#1] [LIMIT offset_count<offset count>] [GET pattern#1...+] "
               "[order<ASC | DESC>] [ALPHA:sorting]",
     .handler = HandleSortRo,
     .reads_any_key = SortReadsAnyKey},
};

}  // namespace

absl::Span<const CommandSpec> SortCommands() { return kSortCommands; }

}  // namespace damselfly
