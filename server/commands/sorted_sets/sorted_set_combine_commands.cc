#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/commands/sorted_sets/sorted_set_algebra.h"
#include "server/commands/sorted_sets/sorted_set_arguments.h"
#include "server/commands/sorted_sets/sorted_set_handlers.h"
#include "server/commands/sorted_sets/sorted_set_store.h"

namespace damselfly {
namespace {

enum class Combination : uint8_t { kUnion, kIntersection, kDifference };
enum class CombineReply : uint8_t { kMembers, kStored, kCount };

struct CombineQuery {
  Combination combination;
  CombineReply reply;

  std::vector<CombinedSet> sets = {};
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  int64_t limit = 0;  // of kCount; 0: none
};

// The name as error messages have it.
absl::string_view NameOf(const CommandContext& ctx) { return ctx.spec->name; }

// Looks up the sets whose keys stand in args[index] and behind, their number in args[index - 1].
bool FindSets(CommandContext& ctx, size_t index, CombineQuery* query) {
  int64_t count;
  if (!ctx.ParseInteger(index - 1, &count)) return false;
  if (count < 1) {
    ctx.reply.Error(
        absl::StrCat("ERR at least 1 input key is needed for '", NameOf(ctx), "' command"));
    return false;
  }
  if (static_cast<uint64_t>(count) > ctx.args.size() - index) {
    ctx.SyntaxError();
    return false;
  }
  const size_t end = index + static_cast<size_t>(count);
  // Drops what has expired first: entries are valid only as long as nothing changes.
  for (size_t i = index; i < end; ++i) ctx.db.Find(ctx.KeyAt(i));
  for (size_t i = index; i < end; ++i) {
    const Entry* const entry = ctx.db.FindCounted(ctx.KeyAt(i));
    if (entry == nullptr) {
      query->sets.emplace_back();
    } else if (entry->type() == ValueType::kSortedSet) {
      query->sets.emplace_back(&entry->as<SortedSetValue>());
    } else if (entry->type() == ValueType::kSet) {
      query->sets.emplace_back(&entry->as<SetValue>());
    } else {
      ctx.WrongType();
      return false;
    }
  }
  return true;
}

bool ParseWeights(CommandContext& ctx, size_t index, CombineQuery* query) {
  for (CombinedSet& set : query->sets) {
    if (!ParseScore(ctx, index++, &set.weight, "ERR weight value is not a float")) return false;
  }
  return true;
}

bool ParseAggregate(const CommandContext& ctx, size_t index, Aggregate* aggregate) {
  if (ctx.ArgIs(index, "SUM")) {
    *aggregate = Aggregate::kSum;
  } else if (ctx.ArgIs(index, "MIN")) {
    *aggregate = Aggregate::kMin;
  } else if (ctx.ArgIs(index, "MAX")) {
    *aggregate = Aggregate::kMax;
  } else {
    ctx.SyntaxError();
    return false;
  }
  return true;
}

// Reads the options from args[i] on.
bool ParseCombineOptions(CommandContext& ctx, size_t i, CombineQuery* query) {
  const bool counts = query->reply == CombineReply::kCount;
  const bool has_scores = !counts && query->combination != Combination::kDifference;
  while (i < ctx.args.size()) {
    const size_t behind = ctx.args.size() - i - 1;
    if (has_scores && behind >= query->sets.size() && ctx.ArgIs(i, "WEIGHTS")) {
      if (!ParseWeights(ctx, i + 1, query)) return false;
      i += 1 + query->sets.size();
    } else if (has_scores && behind >= 1 && ctx.ArgIs(i, "AGGREGATE")) {
      if (!ParseAggregate(ctx, i + 1, &query->aggregate)) return false;
      i += 2;
    } else if (query->reply == CombineReply::kMembers && ctx.ArgIs(i, "WITHSCORES")) {
      query->with_scores = true;
      ++i;
    } else if (counts && behind >= 1 && ctx.ArgIs(i, "LIMIT")) {
      if (!ParseIntegerFrom(ctx, i + 1, 0, &query->limit, "ERR LIMIT can't be negative"))
        return false;
      i += 2;
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

std::vector<ScoredMember> MembersOf(CombineQuery query) {
  switch (query.combination) {
    case Combination::kUnion:
      return UnionOf(std::move(query.sets), query.aggregate);
    case Combination::kIntersection:
      return IntersectionOf(std::move(query.sets), query.aggregate);
    case Combination::kDifference:
      break;
  }
  return DifferenceOf(query.sets);
}

absl::string_view StoreEvent(Combination combination) {
  switch (combination) {
    case Combination::kUnion:
      return "zunionstore";
    case Combination::kIntersection:
      return "zinterstore";
    case Combination::kDifference:
      break;
  }
  return "zdiffstore";
}

void Combine(CommandContext& ctx, Combination combination, CombineReply reply) {
  CombineQuery query{.combination = combination, .reply = reply};
  const size_t first_key = reply == CombineReply::kStored ? 3 : 2;
  if (!FindSets(ctx, first_key, &query)) return;
  if (!ParseCombineOptions(ctx, first_key + query.sets.size(), &query)) return;
  if (reply == CombineReply::kCount) {
    const size_t count = CountIntersection(std::move(query.sets), static_cast<size_t>(query.limit));
    return ctx.reply.Integer(static_cast<int64_t>(count));
  }
  const bool with_scores = query.with_scores;
  const std::vector<ScoredMember> members = MembersOf(std::move(query));
  if (reply == CombineReply::kStored)
    return StoreSortedSet(ctx, ctx.KeyAt(1), members, StoreEvent(combination));
  WriteMembersHeader(ctx.reply, members.size(), with_scores);
  for (const ScoredMember& member : members)
    WriteMember(ctx.reply, member.member, member.score, with_scores);
}

}  // namespace

void ZUnionCommand(CommandContext& ctx) {
  Combine(ctx, Combination::kUnion, CombineReply::kMembers);
}

void ZUnionStoreCommand(CommandContext& ctx) {
  Combine(ctx, Combination::kUnion, CombineReply::kStored);
}

void ZInterCommand(CommandContext& ctx) {
  Combine(ctx, Combination::kIntersection, CombineReply::kMembers);
}

void ZInterStoreCommand(CommandContext& ctx) {
  Combine(ctx, Combination::kIntersection, CombineReply::kStored);
}

void ZInterCardCommand(CommandContext& ctx) {
  Combine(ctx, Combination::kIntersection, CombineReply::kCount);
}

void ZDiffCommand(CommandContext& ctx) {
  Combine(ctx, Combination::kDifference, CombineReply::kMembers);
}

void ZDiffStoreCommand(CommandContext& ctx) {
  Combine(ctx, Combination::kDifference, CombineReply::kStored);
}

}  // namespace damselfly
