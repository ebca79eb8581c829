#include "server/commands/dump_commands.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/commands/string_value.h"
#include "server/values/any_value.h"
#include "server/values/dump_payload.h"
#include "server/values/rdb_reader.h"
#include "server/values/rdb_types.h"
#include "server/values/rdb_writer.h"

namespace damselfly {
namespace {

void AppendValue(const Entry& entry, std::string* out) {
  if (entry.type() != ValueType::kString) {
    entry.traits().append_rdb(entry.collection_word(), out);
    return;
  }
  RdbWriter writer(out);
  writer.Type(RdbType::kString);
  writer.String(StringBytes(&entry).view());
}

void HandleDump(CommandContext& ctx) {
  const Entry* const entry = ctx.db.FindCounted(ctx.KeyAt(1));
  if (entry == nullptr) {
    ctx.reply.Null();
    return;
  }
  std::string payload;
  AppendValue(*entry, &payload);
  AppendDumpFooter(&payload);
  ctx.reply.Bulk(payload);
}

struct RestoreOptions {
  bool replace = false;
  bool absolute_ttl = false;
  // -1: not given.
  int64_t idle_seconds = -1;
  int64_t frequency = -1;
};

// An integer from args[index] in [0, highest].
bool ParseOption(const CommandContext& ctx, size_t index, int64_t highest, absl::string_view error,
                 int64_t* value) {
  if (!ctx.ParseInteger(index, value)) return false;
  if (*value >= 0 && *value <= highest) return true;
  ctx.reply.Error(error);
  return false;
}

bool ParseOptions(const CommandContext& ctx, RestoreOptions* options) {
  for (size_t i = 4; i < ctx.args.size(); ++i) {
    const bool has_value = i + 1 < ctx.args.size();
    if (ctx.ArgIs(i, "REPLACE")) {
      options->replace = true;
    } else if (ctx.ArgIs(i, "ABSTTL")) {
      options->absolute_ttl = true;
    } else if (ctx.ArgIs(i, "IDLETIME") && has_value && options->frequency == -1) {
      constexpr absl::string_view kError = "ERR Invalid IDLETIME value, must be >= 0";
      if (!ParseOption(ctx, ++i, INT64_MAX, kError, &options->idle_seconds)) return false;
    } else if (ctx.ArgIs(i, "FREQ") && has_value && options->idle_seconds == -1) {
      constexpr absl::string_view kError = "ERR Invalid FREQ value, must be >= 0 and <= 255";
      if (!ParseOption(ctx, ++i, 255, kError, &options->frequency)) return false;
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

// A value that is not in the table: text, or anything else.
struct LoadedValue {
  std::string text;
  AnyValue other;
};

// Bytes behind the value are none of Redis's business, nor ours.
bool LoadValue(CommandContext& ctx, absl::string_view bytes, LoadedValue* value) {
  RdbReader reader(bytes);
  RdbType type;
  if (!reader.Type(&type)) return false;
  if (type == RdbType::kString) return reader.String(&value->text);
  value->other = AnyValue::FromRdb(bytes, ctx.store.value_context(), AnyValue::Behind::kAnything);
  return static_cast<bool>(value->other);
}

void HandleRestore(CommandContext& ctx) {
  RestoreOptions options;
  if (!ParseOptions(ctx, &options)) return;
  const Key key = ctx.KeyAt(1);
  if (!options.replace && ctx.db.Find(key) != nullptr) {
    ctx.reply.Error("BUSYKEY Target key name already exists.");
    return;
  }
  int64_t ttl_ms;
  if (!ParseOption(ctx, 2, INT64_MAX, "ERR Invalid TTL value, must be >= 0", &ttl_ms)) return;
  absl::string_view bytes;
  if (!OpenDumpPayload(ctx.args[3], &bytes)) {
    ctx.reply.Error("ERR DUMP payload version or checksum are wrong");
    return;
  }
  LoadedValue value;
  if (!LoadValue(ctx, bytes, &value)) {
    ctx.reply.Error("ERR Bad data format");
    return;
  }

  Database::Expiry expiry = Database::Expiry::None();
  if (ttl_ms > 0) {
    // The sum wraps round as Redis's does: such a key has expired long ago.
    const auto now = static_cast<uint64_t>(options.absolute_ttl ? 0 : ctx.now_ms());
    expiry = Database::Expiry::At(static_cast<int64_t>(static_cast<uint64_t>(ttl_ms) + now));
    if (expiry.at_ms <= ctx.now_ms()) {
      if (ctx.db.Delete(key)) ctx.Notify(KeyEventClass::kGeneric, "del", key);
      ctx.reply.Ok();
      return;
    }
  }
  Entry* const entry = value.other ? ctx.db.SetCollection(key, std::move(value.other), expiry)
                                   : ctx.db.SetString(key, value.text, expiry);
  constexpr int64_t kSecondsMax = INT64_MAX / 1000;
  if (options.idle_seconds >= 0)
    ctx.db.SetIdleness(entry, std::min(options.idle_seconds, kSecondsMax) * 1000);
  if (options.frequency >= 0) ctx.db.SetFrequency(entry, static_cast<int>(options.frequency));
  ctx.Notify(KeyEventClass::kGeneric, "restore", key);
  ctx.reply.Ok();
}

constexpr KeySpec kReadKey[] = {OneKey(kKeyReadOnly | kKeyAccess)};
constexpr KeySpec kWrittenKey[] = {OneKey(kKeyOverwrite | kKeyUpdate)};
constexpr absl::string_view kOutputVaries[] = {"nondeterministic_output"};
constexpr absl::string_view kRestoreSyntax =
    "key ttl:integer serialized-value [REPLACE@3.0.0] [ABSTTL@5.0.0] [IDLETIME seconds@5.0.0] "
    "[FREQ frequency:integer@5.0.0]";
constexpr absl::string_view kRestoreComplexity =
    "O(1) for a short string, otherwise O(N*M) for N elements of M bytes, and O(N*M*log(N)) for a "
    "sorted set";

constexpr CommandSpec kCommands[] = {
    {.name = "dump",
     .arity = 2,
     .flags = kReadOnly,
     .acl_categories = kAclKeyspace,
     .keys = kReadKey,
     .since = "2.6.0",
     .complexity = "O(1) for a short string, otherwise O(N*M) for N elements of M bytes",
     .summary = "Returns a key's value as bytes for RESTORE.",
     .syntax = "key",
     .handler = HandleDump,
     .tips = kOutputVaries},
    {.name = "restore",
     .arity = -4,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .keys = kWrittenKey,
     .since = "2.6.0",
     .complexity = kRestoreComplexity,
     .summary = "Creates a key from the bytes of a DUMP.",
     .syntax = kRestoreSyntax,
     .handler = HandleRestore},
    {.name = "restore-asking",
     .arity = -4,
     .flags = kWrite | kDenyOom | kAsking,
     .acl_categories = kAclKeyspace | kAclDangerous,
     .keys = kWrittenKey,
     .group = CommandGroup::kServer,
     .since = "3.0.0",
     .complexity = kRestoreComplexity,
     .summary = "RESTORE, as nodes of a cluster send it to each other.",
     .syntax = kRestoreSyntax,
     .handler = HandleRestore,
     .is_system_command = true},
};

}  // namespace

absl::Span<const CommandSpec> DumpCommands() { return kCommands; }

}  // namespace damselfly
