#include <cstddef>
#include <cstdint>

#include "server/commands/list_elements.h"
#include "server/commands/list_handlers.h"

namespace damselfly {

void LRemCommand(CommandContext& ctx) {
  int64_t count;
  if (!ctx.ParseInteger(2, &count)) return;
  const Key& key = ctx.FirstKey();
  size_t removed;
  bool emptied;
  {
    ListEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    const ListEnd from = count < 0 ? ListEnd::kTail : ListEnd::kHead;
    const uint64_t magnitude =
        count < 0 ? 0 - static_cast<uint64_t>(count) : static_cast<uint64_t>(count);
    removed = edit.EraseEqual(ctx.args[3], count == 0 ? SIZE_MAX : magnitude, from);
    emptied = edit->size() == 0;
  }
  if (removed > 0) {
    ctx.Notify(KeyEventClass::kList, "lrem", key);
    if (emptied) ctx.Notify(KeyEventClass::kGeneric, "del", key);
  }
  ctx.reply.Integer(static_cast<int64_t>(removed));
}

void LTrimCommand(CommandContext& ctx) {
  int64_t start, stop;
  if (!ctx.ParseInteger(2, &start) || !ctx.ParseInteger(3, &stop)) return;
  const Key& key = ctx.FirstKey();
  bool emptied;
  {
    ListEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (!edit.existed()) return ctx.reply.Ok();
    const size_t size = edit->size();
    const ListRange kept = ResolveListRange(start, stop, size);
    emptied = kept.count == 0;
    // Redis tells watchers even where all elements stay.
    if (kept.count == size) edit.Touch();
    const size_t behind = kept.first + kept.count;
    if (behind < size) edit.EraseRange(behind, size - behind);
    if (kept.first > 0) edit.EraseRange(0, kept.first);
  }
  ctx.Notify(KeyEventClass::kList, "ltrim", key);
  if (emptied) ctx.Notify(KeyEventClass::kGeneric, "del", key);
  ctx.reply.Ok();
}

}  // namespace damselfly
