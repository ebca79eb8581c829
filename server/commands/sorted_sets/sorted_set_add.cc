#include "server/commands/sorted_sets/sorted_set_add.h"

#include <cmath>

#include "server/store/sorted_set_edit.h"

namespace damselfly {
namespace {

// What one item comes to. `result` is the member's score afterwards.
struct ItemResult {
  SortedSetValue::Outcome outcome = SortedSetValue::Outcome::kUnchanged;
  bool is_refused = false;  // by an option
  bool is_nan = false;
  double score = 0;
};

ItemResult AddItem(SortedSetEdit& edit, const SortedSetAddition& addition,
                   const SortedSetAddition::Item& item) {
  ItemResult result;
  result.outcome = edit.Update(item.member, [&](const double* present, double* score) {
    result.score = item.score;
    if (present == nullptr) {
      result.is_refused = addition.only_present;
    } else {
      if (addition.increments) result.score += *present;
      result.is_nan = std::isnan(result.score);
      result.is_refused = addition.only_new || result.is_nan ||
                          (addition.only_less && result.score >= *present) ||
                          (addition.only_greater && result.score <= *present);
    }
    *score = result.score;
    return !result.is_refused;
  });
  return result;
}

struct AddCounts {
  int64_t added = 0;
  int64_t changed = 0;
};

// Does all items; false, having replied, if an increment gives no number.
bool AddItems(CommandContext& ctx, const SortedSetAddition& addition, SortedSetEdit& edit,
              AddCounts* counts, ItemResult* last) {
  for (const SortedSetAddition::Item& item : addition.items) {
    *last = AddItem(edit, addition, item);
    if (last->is_nan && !addition.only_new) {
      ctx.reply.Error("ERR resulting score is not a number (NaN)");
      return false;
    }
    if (last->outcome == SortedSetValue::Outcome::kAdded) ++counts->added;
    if (last->outcome == SortedSetValue::Outcome::kChanged) ++counts->changed;
  }
  return true;
}

}  // namespace

void AddToSortedSet(CommandContext& ctx, const SortedSetAddition& addition) {
  AddCounts counts;
  {
    SortedSetEdit edit(&ctx.db, ctx.FirstKey());
    if (edit.wrong_type()) return ctx.WrongType();
    ItemResult last;
    if (!AddItems(ctx, addition, edit, &counts, &last)) return;
    if (!addition.increments) {
      ctx.reply.Integer(counts.added + (addition.counts_changes ? counts.changed : 0));
    } else if (last.is_refused) {
      ctx.reply.Null();
    } else {
      ctx.reply.Double(last.score);
    }
  }
  if (counts.added + counts.changed > 0)
    ctx.Notify(KeyEventClass::kSortedSet, addition.increments ? "zincr" : "zadd", ctx.args[1]);
}

}  // namespace damselfly
