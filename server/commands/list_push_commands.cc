#include <cstddef>
#include <cstdint>

#include "server/commands/list_elements.h"
#include "server/commands/list_handlers.h"

namespace damselfly {
namespace {

enum class IfMissing { kCreate, kRefuse };

void Push(CommandContext& ctx, ListEnd end, IfMissing if_missing) {
  const Key& key = ctx.FirstKey();
  {
    ListEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (!edit.existed() && if_missing == IfMissing::kRefuse) return ctx.reply.Integer(0);
    for (const absl::string_view element : ctx.args.subspan(2)) edit.Push(end, element);
    ctx.reply.Integer(static_cast<int64_t>(edit->size()));
  }
  NotifyPushed(ctx, key, end);
}

// The index of the first element with this text.
bool FindElement(const ListValue& list, absl::string_view text, size_t* index) {
  const ListItem item(text);
  *index = 0;
  for (ListIterator at = list.First(); !at.done(); at.Next(), ++*index) {
    if (at.Equals(item)) return true;
  }
  return false;
}

}  // namespace

void LPushCommand(CommandContext& ctx) { Push(ctx, ListEnd::kHead, IfMissing::kCreate); }

void RPushCommand(CommandContext& ctx) { Push(ctx, ListEnd::kTail, IfMissing::kCreate); }

void LPushXCommand(CommandContext& ctx) { Push(ctx, ListEnd::kHead, IfMissing::kRefuse); }

void RPushXCommand(CommandContext& ctx) { Push(ctx, ListEnd::kTail, IfMissing::kRefuse); }

void LInsertCommand(CommandContext& ctx) {
  const bool before = ctx.ArgIs(2, "BEFORE");
  if (!before && !ctx.ArgIs(2, "AFTER")) return ctx.SyntaxError();
  const Key& key = ctx.FirstKey();
  {
    ListEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (!edit.existed()) return ctx.reply.Integer(0);
    size_t pivot;
    if (!FindElement(edit.list(), ctx.args[3], &pivot)) return ctx.reply.Integer(-1);
    edit.Insert(pivot, before ? ListSide::kBefore : ListSide::kAfter, ctx.args[4]);
    ctx.reply.Integer(static_cast<int64_t>(edit->size()));
  }
  ctx.Notify(KeyEventClass::kList, "linsert", key);
}

void LSetCommand(CommandContext& ctx) {
  const Key& key = ctx.FirstKey();
  {
    ListEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (!edit.existed()) return ctx.reply.Error("ERR no such key");
    int64_t index;
    if (!ctx.ParseInteger(2, &index)) return;
    size_t resolved;
    if (!ResolveIndex(index, edit->size(), &resolved)) {
      return ctx.reply.Error("ERR index out of range");
    }
    edit.Set(resolved, ctx.args[3]);
    ctx.reply.Ok();
  }
  ctx.Notify(KeyEventClass::kList, "lset", key);
}

}  // namespace damselfly
