#include "server/commands/expire_commands.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/commands/command_context.h"

namespace damselfly {
namespace {

constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
constexpr int64_t kInt64Min = std::numeric_limits<int64_t>::min();

enum class Unit { kSeconds, kMilliseconds };
enum class Origin { kNow, kUnixEpoch };

struct Conditions {
  bool nx = false;  // only keys without a deadline
  bool xx = false;  // only keys with one
  bool gt = false;  // only to a later one; no deadline counts as the latest
  bool lt = false;  // only to an earlier one

  bool Allow(const Entry& entry, int64_t at_ms) const {
    const bool expires = entry.has_expiry();
    if (nx && expires) return false;
    if (xx && !expires) return false;
    if (gt && (!expires || at_ms <= entry.expiry_ms())) return false;
    if (lt && expires && at_ms >= entry.expiry_ms()) return false;
    return true;
  }
};

// ---- EXPIRE and its kin ----

// Reads the options from args[3] on; on failure writes the error and returns false.
bool ParseConditions(CommandContext& ctx, Conditions* conditions) {
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    if (ctx.ArgIs(i, "NX")) {
      conditions->nx = true;
    } else if (ctx.ArgIs(i, "XX")) {
      conditions->xx = true;
    } else if (ctx.ArgIs(i, "GT")) {
      conditions->gt = true;
    } else if (ctx.ArgIs(i, "LT")) {
      conditions->lt = true;
    } else {
      // Redis's message ends with the option's first zero byte.
      const absl::string_view option = ctx.args[i].substr(0, ctx.args[i].find('\0'));
      ctx.reply.Error(absl::StrCat("ERR Unsupported option ", option));
      return false;
    }
  }
  if (conditions->nx && (conditions->xx || conditions->gt || conditions->lt)) {
    ctx.reply.Error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return false;
  }
  if (conditions->gt && conditions->lt) {
    ctx.reply.Error("ERR GT and LT options at the same time are not compatible");
    return false;
  }
  return true;
}

// Reads the time in args[2] as Unix time in ms. Times before the origin are legal; what int64
// cannot hold is not.
bool ParseDeadline(CommandContext& ctx, Unit unit, Origin origin, int64_t* at_ms) {
  int64_t time;
  if (!ctx.ParseInteger(2, &time)) return false;
  const int64_t scale = unit == Unit::kSeconds ? 1000 : 1;
  const int64_t origin_ms = origin == Origin::kNow ? ctx.now_ms() : 0;
  if (time > kInt64Max / scale || time < kInt64Min / scale ||
      time * scale > kInt64Max - origin_ms) {
    ctx.reply.Error(absl::StrCat("ERR invalid expire time in '", ctx.spec->name, "' command"));
    return false;
  }
  *at_ms = time * scale + origin_ms;
  return true;
}

void Expire(CommandContext& ctx, Unit unit, Origin origin) {
  Conditions conditions;
  int64_t at_ms;
  if (!ParseConditions(ctx, &conditions) || !ParseDeadline(ctx, unit, origin, &at_ms)) return;
  const Key key = ctx.KeyAt(1);
  const Entry* entry = ctx.db.Find(key);
  if (entry == nullptr || !conditions.Allow(*entry, at_ms)) return ctx.reply.Integer(0);
  if (at_ms <= ctx.now_ms()) {
    ctx.db.Delete(key);
    ctx.Notify(KeyEventClass::kGeneric, "del", key);
  } else {
    ctx.db.SetExpiry(key, at_ms);
    ctx.Notify(KeyEventClass::kGeneric, "expire", key);
  }
  ctx.reply.Integer(1);
}

void HandleExpire(CommandContext& ctx) { Expire(ctx, Unit::kSeconds, Origin::kNow); }
void HandlePexpire(CommandContext& ctx) { Expire(ctx, Unit::kMilliseconds, Origin::kNow); }
void HandleExpireAt(CommandContext& ctx) { Expire(ctx, Unit::kSeconds, Origin::kUnixEpoch); }
void HandlePexpireAt(CommandContext& ctx) { Expire(ctx, Unit::kMilliseconds, Origin::kUnixEpoch); }

void HandlePersist(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  const bool persisted = ctx.db.Find(key) != nullptr && ctx.db.Persist(key);
  if (persisted) ctx.Notify(KeyEventClass::kGeneric, "persist", key);
  ctx.reply.Integer(persisted ? 1 : 0);
}

// ---- TTL and its kin ----

// Answers -2 without a key, -1 without a deadline. Seconds are rounded to the nearest.
void TimeToLive(CommandContext& ctx, Unit unit, Origin origin) {
  const Entry* entry = ctx.db.PeekCounted(ctx.KeyAt(1));
  if (entry == nullptr) return ctx.reply.Integer(-2);
  if (!entry->has_expiry()) return ctx.reply.Integer(-1);
  // A live entry's deadline is later than now. Unsigned, because rounding up may leave int64.
  uint64_t time_ms = static_cast<uint64_t>(entry->expiry_ms());
  if (origin == Origin::kNow) time_ms -= static_cast<uint64_t>(ctx.now_ms());
  ctx.reply.Integer(
      static_cast<int64_t>(unit == Unit::kSeconds ? (time_ms + 500) / 1000 : time_ms));
}

void HandleTtl(CommandContext& ctx) { TimeToLive(ctx, Unit::kSeconds, Origin::kNow); }
void HandlePttl(CommandContext& ctx) { TimeToLive(ctx, Unit::kMilliseconds, Origin::kNow); }
void HandleExpireTime(CommandContext& ctx) { TimeToLive(ctx, Unit::kSeconds, Origin::kUnixEpoch); }
void HandlePexpireTime(CommandContext& ctx) {
  TimeToLive(ctx, Unit::kMilliseconds, Origin::kUnixEpoch);
}

constexpr KeySpec kUpdatedKey[] = {OneKey(kKeyReadWrite | kKeyUpdate)};
constexpr KeySpec kReadKey[] = {OneKey(kKeyReadOnly | kKeyAccess)};
constexpr absl::string_view kOutputVaries[] = {"nondeterministic_output"};

constexpr CommandSpec kCommands[] = {
    {.name = "expire",
     .arity = -3,
     .flags = kWrite | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kUpdatedKey,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Lets a key expire after some seconds",
     .syntax = "key seconds [condition<NX | XX | GT | LT>@7.0.0]",
     .handler = HandleExpire},
    {.name = "expireat",
     .arity = -3,
     .flags = kWrite | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kUpdatedKey,
     .since = "1.2.0",
     .complexity = "O(1)",
     .summary = "Lets a key expire at a Unix time in seconds",
     .syntax = "key unix-time-seconds [condition<NX | XX | GT | LT>@7.0.0]",
     .handler = HandleExpireAt},
    {.name = "expiretime",
     .arity = 2,
     .flags = kReadOnly | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kReadKey,
     .since = "7.0.0",
     .complexity = "O(1)",
     .summary = "The Unix time in seconds at which a key expires",
     .syntax = "key",
     .handler = HandleExpireTime},
    {.name = "persist",
     .arity = 2,
     .flags = kWrite | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kUpdatedKey,
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Keeps a key from expiring",
     .syntax = "key",
     .handler = HandlePersist},
    {.name = "pexpire",
     .arity = -3,
     .flags = kWrite | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kUpdatedKey,
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Lets a key expire after some milliseconds",
     .syntax = "key milliseconds [condition<NX | XX | GT | LT>@7.0.0]",
     .handler = HandlePexpire},
    {.name = "pexpireat",
     .arity = -3,
     .flags = kWrite | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kUpdatedKey,
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Lets a key expire at a Unix time in milliseconds",
     .syntax = "key unix-time-milliseconds [condition<NX | XX | GT | LT>@7.0.0]",
     .handler = HandlePexpireAt},
    {.name = "pexpiretime",
     .arity = 2,
     .flags = kReadOnly | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kReadKey,
     .since = "7.0.0",
     .complexity = "O(1)",
     .summary = "The Unix time in milliseconds at which a key expires",
     .syntax = "key",
     .handler = HandlePexpireTime},
    {.name = "pttl",
     .arity = 2,
     .flags = kReadOnly | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kReadKey,
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "How many milliseconds a key has to live",
     .syntax = "key",
     .handler = HandlePttl,
     .tips = kOutputVaries},
    {.name = "ttl",
     .arity = 2,
     .flags = kReadOnly | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kReadKey,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "How many seconds a key has to live",
     .syntax = "key",
     .handler = HandleTtl,
     .tips = kOutputVaries},
};

}  // namespace

absl::Span<const CommandSpec> ExpireCommands() { return kCommands; }

}  // namespace damselfly
