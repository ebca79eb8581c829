#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/commands/string_handlers.h"
#include "server/commands/string_value.h"

namespace damselfly {
namespace {

// What a word of SET or GETEX asks of the key's deadline. Words of different kinds exclude each
// other; the same one may be repeated, and the last counts.
enum class Ttl : uint8_t {
  kUnspecified,
  kSeconds,           // EX
  kMilliseconds,      // PX
  kUnixSeconds,       // EXAT
  kUnixMilliseconds,  // PXAT
  kKeep,              // KEEPTTL, SET only
  kPersist,           // PERSIST, GETEX only
};

bool TakesTime(Ttl ttl) { return ttl >= Ttl::kSeconds && ttl <= Ttl::kUnixMilliseconds; }

struct SetOptions {
  bool if_missing = false;  // NX
  bool if_exists = false;   // XX
  bool get = false;         // GET
  Ttl ttl = Ttl::kUnspecified;
  size_t time_index = 0;  // the argument with the time, where `ttl` takes one
};

Ttl TtlNamedBy(const CommandContext& ctx, size_t index) {
  if (ctx.ArgIs(index, "EX")) return Ttl::kSeconds;
  if (ctx.ArgIs(index, "PX")) return Ttl::kMilliseconds;
  if (ctx.ArgIs(index, "EXAT")) return Ttl::kUnixSeconds;
  if (ctx.ArgIs(index, "PXAT")) return Ttl::kUnixMilliseconds;
  if (ctx.ArgIs(index, "KEEPTTL")) return Ttl::kKeep;
  if (ctx.ArgIs(index, "PERSIST")) return Ttl::kPersist;
  return Ttl::kUnspecified;
}

// Reads the word at *index, moving *index to the last argument that belongs to it. Returns false
// if it is no option or contradicts those read before.
bool ParseTtlOption(const CommandContext& ctx, size_t* index, Ttl excluded, SetOptions* options) {
  const Ttl ttl = TtlNamedBy(ctx, *index);
  if (ttl == Ttl::kUnspecified || ttl == excluded) return false;
  if (options->ttl != Ttl::kUnspecified && options->ttl != ttl) return false;
  options->ttl = ttl;
  if (TakesTime(ttl)) {
    if (*index + 1 == ctx.args.size()) return false;
    options->time_index = ++*index;
  }
  return true;
}

// SET's options, args[3] and on. Replies with the syntax error and returns false if they are not
// right.
bool ParseSetOptions(const CommandContext& ctx, SetOptions* options) {
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    if (ctx.ArgIs(i, "NX") && !options->if_exists) {
      options->if_missing = true;
    } else if (ctx.ArgIs(i, "XX") && !options->if_missing) {
      options->if_exists = true;
    } else if (ctx.ArgIs(i, "GET")) {
      options->get = true;
    } else if (!ParseTtlOption(ctx, &i, Ttl::kPersist, options)) {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

// GETEX's, args[2] and on.
bool ParseGetExOptions(const CommandContext& ctx, SetOptions* options) {
  for (size_t i = 2; i < ctx.args.size(); ++i) {
    if (!ParseTtlOption(ctx, &i, Ttl::kKeep, options)) {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

// The deadline that args[index], read as `ttl` says, names. Replies with the error and returns
// false if it is no integer, not positive, or beyond what 64 bits of milliseconds hold.
bool ReadDeadline(const CommandContext& ctx, Ttl ttl, size_t index, int64_t* at_ms) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  int64_t time;
  if (!ctx.ParseInteger(index, &time)) return false;
  const bool in_seconds = ttl == Ttl::kSeconds || ttl == Ttl::kUnixSeconds;
  const bool from_now = ttl == Ttl::kSeconds || ttl == Ttl::kMilliseconds;
  bool valid = time > 0 && !(in_seconds && time > kMax / 1000);
  if (valid && in_seconds) time *= 1000;
  if (valid && from_now) valid = !__builtin_add_overflow(time, ctx.now_ms(), &time);
  if (!valid) {
    ctx.reply.Error(absl::StrCat("ERR invalid expire time in '", ctx.spec->name, "' command"));
    return false;
  }
  *at_ms = time;
  return true;
}

// Stores the value; if the deadline has passed already it is gone at once. A write all the same,
// also of a key that was not there: WATCH sees it.
void StoreUntil(CommandContext& ctx, const Key& key, size_t value_index, int64_t at_ms) {
  const bool has_passed = at_ms <= ctx.now_ms();
  StoreArgument(ctx, key, value_index,
                has_passed ? Database::Expiry::None() : Database::Expiry::At(at_ms));
  if (has_passed) ctx.db.Delete(key);
  ctx.Notify(KeyEventClass::kString, "set", key);
  ctx.Notify(KeyEventClass::kGeneric, "expire", key);
  if (has_passed) ctx.Notify(KeyEventClass::kExpired, "expired", key);
}

void SetWithOptions(CommandContext& ctx) {
  SetOptions options;
  if (!ParseSetOptions(ctx, &options)) return;
  int64_t at_ms = Entry::kNoExpiry;
  if (TakesTime(options.ttl) && !ReadDeadline(ctx, options.ttl, options.time_index, &at_ms)) {
    return;
  }

  const Key key = ctx.KeyAt(1);
  bool exists = false;
  if (options.get) {
    Entry* entry;
    if (!FindStringToRead(ctx, key, &entry)) return;
    ReplyWithValueOrNull(ctx.reply, entry);
    exists = entry != nullptr;
  } else if (options.if_missing || options.if_exists) {
    exists = ctx.db.Find(key) != nullptr;
  }
  if ((options.if_missing && exists) || (options.if_exists && !exists)) {
    if (!options.get) ctx.reply.Null();
    return;
  }

  if (TakesTime(options.ttl)) {
    StoreUntil(ctx, key, 2, at_ms);
  } else {
    StoreArgument(ctx, key, 2,
                  options.ttl == Ttl::kKeep ? Database::Expiry::Keep() : Database::Expiry::None());
    ctx.Notify(KeyEventClass::kString, "set", key);
  }
  if (!options.get) ctx.reply.Ok();
}

void SetWithTtl(CommandContext& ctx, Ttl ttl) {
  int64_t at_ms;
  if (!ReadDeadline(ctx, ttl, 2, &at_ms)) return;
  StoreUntil(ctx, ctx.KeyAt(1), 3, at_ms);
  ctx.reply.Ok();
}

}  // namespace

void SetCommand(CommandContext& ctx) {
  if (ctx.args.size() > 3) {
    SetWithOptions(ctx);
    return;
  }
  const Key& key = ctx.FirstKey();
  StoreArgument(ctx, key, 2, Database::Expiry::None());
  ctx.Notify(KeyEventClass::kString, "set", key);
  ctx.reply.Ok();
}

void SetNxCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  const bool missing = ctx.db.Find(key) == nullptr;
  if (missing) {
    StoreArgument(ctx, key, 2, Database::Expiry::None());
    ctx.Notify(KeyEventClass::kString, "set", key);
  }
  ctx.reply.Integer(missing ? 1 : 0);
}

void SetExCommand(CommandContext& ctx) { SetWithTtl(ctx, Ttl::kSeconds); }

void PSetExCommand(CommandContext& ctx) { SetWithTtl(ctx, Ttl::kMilliseconds); }

void GetExCommand(CommandContext& ctx) {
  SetOptions options;
  if (!ParseGetExOptions(ctx, &options)) return;
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!FindStringToRead(ctx, key, &entry)) return;
  // A missing key is found before a time that makes no sense.
  if (entry == nullptr) {
    ctx.reply.Null();
    return;
  }
  int64_t at_ms = Entry::kNoExpiry;
  if (TakesTime(options.ttl) && !ReadDeadline(ctx, options.ttl, options.time_index, &at_ms)) {
    return;
  }
  ReplyWithValue(ctx.reply, *entry);
  if (options.ttl == Ttl::kPersist) {
    if (ctx.db.Persist(key)) ctx.Notify(KeyEventClass::kGeneric, "persist", key);
  } else if (TakesTime(options.ttl) && at_ms <= ctx.now_ms()) {
    ctx.db.Delete(key);
    ctx.Notify(KeyEventClass::kGeneric, "del", key);
  } else if (TakesTime(options.ttl)) {
    ctx.db.SetExpiry(key, at_ms);
    ctx.Notify(KeyEventClass::kGeneric, "expire", key);
  }
}

}  // namespace damselfly
