#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/string_handlers.h"
#include "server/commands/string_value.h"

namespace damselfly {
namespace {

// MSET's arguments after the name come in pairs; replies with the arity error if they do not.
bool ArgumentsArePaired(const CommandContext& ctx) {
  if (ctx.args.size() % 2 == 1) return true;
  ctx.reply.Error(ctx.spec->name == "mset" ? "ERR wrong number of arguments for 'mset' command"
                                           : "ERR wrong number of arguments for 'msetnx' command");
  return false;
}

void SetPairs(CommandContext& ctx) {
  for (size_t i = 1; i + 1 < ctx.args.size(); i += 2) {
    const Key key = ctx.KeyAt(i);
    StoreArgument(ctx, key, i + 1, Database::Expiry::None());
    ctx.Notify(KeyEventClass::kString, "set", key);
  }
}

}  // namespace

void GetDelCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!FindStringToRead(ctx, key, &entry)) return;
  ReplyWithValueOrNull(ctx.reply, entry);
  if (entry == nullptr) return;
  ctx.db.Delete(key);
  ctx.Notify(KeyEventClass::kGeneric, "del", key);
}

void GetSetCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!FindStringToRead(ctx, key, &entry)) return;
  ReplyWithValueOrNull(ctx.reply, entry);
  StoreArgument(ctx, key, 2, Database::Expiry::None());
  ctx.Notify(KeyEventClass::kString, "set", key);
}

void MSetCommand(CommandContext& ctx) {
  if (!ArgumentsArePaired(ctx)) return;
  SetPairs(ctx);
  ctx.reply.Ok();
}

void MSetNxCommand(CommandContext& ctx) {
  if (!ArgumentsArePaired(ctx)) return;
  for (size_t i = 1; i < ctx.args.size(); i += 2) {
    if (ctx.db.Find(ctx.KeyAt(i)) != nullptr) {
      ctx.reply.Integer(0);
      return;
    }
  }
  SetPairs(ctx);
  ctx.reply.Integer(1);
}

void AppendCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!FindStringToWrite(ctx, key, &entry)) return;
  const absl::string_view tail = ctx.args[2];
  if (entry == nullptr) {
    StoreArgument(ctx, key, 2, Database::Expiry::None());
    ctx.Notify(KeyEventClass::kString, "append", key);
    ctx.reply.Integer(static_cast<int64_t>(tail.size()));
    return;
  }
  const size_t old_size = entry->string_size();
  if (!GrowthFits(ctx, old_size, tail.size())) return;
  ctx.db.WriteRange(key, old_size + tail.size(), old_size, tail);
  ctx.Notify(KeyEventClass::kString, "append", key);
  ctx.reply.Integer(static_cast<int64_t>(old_size + tail.size()));
}

void SetRangeCommand(CommandContext& ctx) {
  int64_t offset;
  if (!ctx.ParseInteger(2, &offset)) return;
  if (offset < 0) {
    ctx.reply.Error("ERR offset is out of range");
    return;
  }
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!FindStringToWrite(ctx, key, &entry)) return;
  const absl::string_view patch = ctx.args[3];
  const size_t old_size = entry == nullptr ? 0 : entry->string_size();
  // Nothing to write changes nothing, wherever the offset points; no key is made.
  if (patch.empty()) {
    ctx.reply.Integer(static_cast<int64_t>(old_size));
    return;
  }
  if (!GrowthFits(ctx, static_cast<uint64_t>(offset), patch.size())) return;
  const size_t patch_end = static_cast<size_t>(offset) + patch.size();
  const size_t new_size = patch_end > old_size ? patch_end : old_size;
  ctx.db.WriteRange(key, new_size, static_cast<size_t>(offset), patch);
  ctx.Notify(KeyEventClass::kString, "setrange", key);
  ctx.reply.Integer(static_cast<int64_t>(new_size));
}

}  // namespace damselfly
