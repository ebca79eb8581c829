#include <cmath>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/base/numbers.h"
#include "server/commands/hash_handlers.h"
#include "server/store/hash_edit.h"

namespace damselfly {

void HSetCommand(CommandContext& ctx) {
  const bool is_hmset = ctx.spec->name == "hmset";
  if (ctx.args.size() % 2 == 1) {
    return ctx.reply.Error(is_hmset ? "ERR wrong number of arguments for 'hmset' command"
                                    : "ERR wrong number of arguments for 'hset' command");
  }
  const Key& key = ctx.FirstKey();
  int64_t created = 0;
  {
    HashEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    for (size_t i = 2; i < ctx.args.size(); i += 2)
      created += edit.Set(ctx.args[i], ctx.args[i + 1]) ? 1 : 0;
  }
  if (is_hmset) {
    ctx.reply.Ok();
  } else {
    ctx.reply.Integer(created);
  }
  ctx.Notify(KeyEventClass::kHash, "hset", key);
}

void HSetNxCommand(CommandContext& ctx) {
  const Key& key = ctx.FirstKey();
  {
    HashEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (edit->Contains(ctx.args[2])) return ctx.reply.Integer(0);
    edit.Set(ctx.args[2], ctx.args[3]);
  }
  ctx.reply.Integer(1);
  ctx.Notify(KeyEventClass::kHash, "hset", key);
}

void HDelCommand(CommandContext& ctx) {
  const Key& key = ctx.FirstKey();
  int64_t deleted = 0;
  bool emptied;
  {
    HashEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    for (absl::string_view field : ctx.args.subspan(2)) deleted += edit.Erase(field) ? 1 : 0;
    emptied = edit->size() == 0;
  }
  if (deleted > 0) {
    ctx.Notify(KeyEventClass::kHash, "hdel", key);
    if (emptied) ctx.Notify(KeyEventClass::kGeneric, "del", key);
  }
  ctx.reply.Integer(deleted);
}

void HIncrByCommand(CommandContext& ctx) {
  int64_t increment;
  if (!ctx.ParseInteger(3, &increment)) return;
  const Key& key = ctx.FirstKey();
  const absl::string_view field = ctx.args[2];
  int64_t number = 0;
  {
    HashEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    char scratch[kIntegerBytesMax];
    absl::string_view value;
    if (edit->Get(field, scratch, &value) && !ParseInt64(value, &number))
      return ctx.reply.Error("ERR hash value is not an integer");
    if (__builtin_add_overflow(number, increment, &number))
      return ctx.reply.Error("ERR increment or decrement would overflow");
    edit.Set(field, absl::string_view(scratch, FormatInt64(number, scratch)));
  }
  ctx.reply.Integer(number);
  ctx.Notify(KeyEventClass::kHash, "hincrby", key);
}

// Redis counts here in the x86's 80-bit long double, and its replies show it.
void HIncrByFloatCommand(CommandContext& ctx) {
  long double increment = 0;
  if (!ParseLongDouble(ctx.args[3], &increment))
    return ctx.reply.Error("ERR value is not a valid float");
  if (!std::isfinite(increment)) return ctx.reply.Error("ERR value is NaN or Infinity");
  const Key& key = ctx.FirstKey();
  const absl::string_view field = ctx.args[2];
  char buffer[kLongDoubleBytesMax];
  absl::string_view text;
  {
    HashEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    long double number = 0;
    char scratch[kIntegerBytesMax];
    absl::string_view value;
    if (edit->Get(field, scratch, &value) && !ParseLongDouble(value, &number))
      return ctx.reply.Error("ERR hash value is not a float");
    number += increment;
    if (!std::isfinite(number))
      return ctx.reply.Error("ERR increment would produce NaN or Infinity");
    text = absl::string_view(buffer, FormatLongDoubleHuman(number, buffer));
    edit.Set(field, text);
  }
  ctx.reply.Bulk(text);
  ctx.Notify(KeyEventClass::kHash, "hincrbyfloat", key);
}

}  // namespace damselfly
