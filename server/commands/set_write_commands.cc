#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/count_arguments.h"
#include "server/commands/set_handlers.h"
#include "server/store/set_edit.h"

namespace damselfly {
namespace {

// What a set has lost members by, and itself if it has no more.
void NotifyOfLoss(CommandContext& ctx, absl::string_view event, const Key& key, bool emptied) {
  ctx.Notify(KeyEventClass::kSet, event, key);
  if (emptied) ctx.Notify(KeyEventClass::kGeneric, "del", key);
}

// SPOP with a count, of a set that is there.
void PopSome(CommandContext& ctx, const Key& key, size_t count) {
  bool emptied;
  {
    SetEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    const size_t popped = std::min(count, edit->size());
    ctx.reply.Set(popped);
    if (popped == 0) return;
    edit.Pop(popped, ctx.random, [&](absl::string_view member) { ctx.reply.Bulk(member); });
    emptied = edit->size() == 0;
  }
  NotifyOfLoss(ctx, "spop", key, emptied);
}

}  // namespace

void SAddCommand(CommandContext& ctx) {
  const Key& key = ctx.FirstKey();
  int64_t added = 0;
  {
    SetEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    for (absl::string_view member : ctx.args.subspan(2)) added += edit.Add(member) ? 1 : 0;
  }
  if (added > 0) ctx.Notify(KeyEventClass::kSet, "sadd", key);
  ctx.reply.Integer(added);
}

void SRemCommand(CommandContext& ctx) {
  const Key& key = ctx.FirstKey();
  int64_t removed = 0;
  bool emptied;
  {
    SetEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    for (absl::string_view member : ctx.args.subspan(2)) removed += edit.Erase(member) ? 1 : 0;
    emptied = edit->size() == 0;
  }
  if (removed > 0) NotifyOfLoss(ctx, "srem", key, emptied);
  ctx.reply.Integer(removed);
}

void SMoveCommand(CommandContext& ctx) {
  const Key from = ctx.KeyAt(1), to = ctx.KeyAt(2);
  const absl::string_view member = ctx.args[3];
  const Entry* entry = ctx.db.Find(from);
  if (entry == nullptr) return ctx.reply.Integer(0);
  if (entry->type() != ValueType::kSet) return ctx.WrongType();
  entry = ctx.db.Find(to);
  if (entry != nullptr && entry->type() != ValueType::kSet) return ctx.WrongType();
  if (from.bytes == to.bytes)
    return ctx.reply.Integer(entry->as<SetValue>().Contains(member) ? 1 : 0);
  bool emptied;
  {
    SetEdit edit(&ctx.db, from);
    if (!edit.Erase(member)) return ctx.reply.Integer(0);
    emptied = edit->size() == 0;
  }
  NotifyOfLoss(ctx, "srem", from, emptied);
  bool is_new;
  {
    SetEdit edit(&ctx.db, to);
    is_new = edit.Add(member);
  }
  if (is_new) ctx.Notify(KeyEventClass::kSet, "sadd", to);
  ctx.reply.Integer(1);
}

void SPopCommand(CommandContext& ctx) {
  if (ctx.args.size() > 3) return ctx.SyntaxError();
  const Key& key = ctx.FirstKey();
  if (ctx.args.size() == 3) {
    int64_t count;
    if (ParseCount(ctx, 2, &count)) PopSome(ctx, key, static_cast<size_t>(count));
    return;
  }
  bool emptied;
  {
    SetEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (edit->size() == 0) return ctx.reply.Null();
    edit.Pop(1, ctx.random, [&](absl::string_view member) { ctx.reply.Bulk(member); });
    emptied = edit->size() == 0;
  }
  NotifyOfLoss(ctx, "spop", key, emptied);
}

}  // namespace damselfly
