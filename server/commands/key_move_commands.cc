#include "server/commands/key_move_commands.h"

#include "server/commands/command_context.h"
#include "server/commands/database_argument.h"

namespace damselfly {
namespace {

void SameObjectError(CommandContext& ctx) {
  ctx.reply.Error("ERR source and destination objects are the same");
}

// ---- RENAME, RENAMENX ----

enum class IfTaken { kReplace, kRefuse };

// Returns false after an error, or, where the new name is taken and must stay so, with *renamed
// false.
bool Rename(CommandContext& ctx, IfTaken if_taken, bool* renamed) {
  const Key from = ctx.KeyAt(1);
  const Key to = ctx.KeyAt(2);
  *renamed = false;
  if (ctx.db.Find(from) == nullptr) {
    ctx.reply.Error("ERR no such key");
    return false;
  }
  if (from.bytes == to.bytes) return true;
  if (if_taken == IfTaken::kRefuse && ctx.db.Find(to) != nullptr) return true;
  ctx.db.MoveFrom(ctx.db, from, to);
  ctx.Notify(KeyEventClass::kGeneric, "rename_from", from);
  ctx.Notify(KeyEventClass::kGeneric, "rename_to", to);
  *renamed = true;
  return true;
}

void HandleRename(CommandContext& ctx) {
  bool renamed;
  if (Rename(ctx, IfTaken::kReplace, &renamed)) ctx.reply.Ok();
}

void HandleRenameNx(CommandContext& ctx) {
  bool renamed;
  if (Rename(ctx, IfTaken::kRefuse, &renamed)) ctx.reply.Integer(renamed ? 1 : 0);
}

// ---- MOVE ----

void HandleMove(CommandContext& ctx) {
  if (ctx.store.restricted_to_owned_slots())
    return ctx.reply.Error("ERR MOVE is not allowed in cluster mode");
  int number;
  if (!ParseDatabaseNumber(ctx, 2, &number) || !CheckDatabaseExists(ctx, number)) return;
  if (number == ctx.db.index()) return SameObjectError(ctx);
  const Key key = ctx.KeyAt(1);
  Database target = ctx.DatabaseAt(number);
  if (ctx.db.Find(key) == nullptr || target.Find(key) != nullptr) return ctx.reply.Integer(0);
  target.MoveFrom(ctx.db, key, key);
  ctx.Notify(KeyEventClass::kGeneric, "move_from", key);
  ctx.NotifyIn(number, KeyEventClass::kGeneric, "move_to", key.bytes);
  ctx.reply.Integer(1);
}

// ---- COPY ----

struct CopyOptions {
  int database;
  bool replace = false;
};

// Reads the options from args[3] on; on failure writes the error and returns false.
bool ParseCopyOptions(CommandContext& ctx, CopyOptions* options) {
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    if (ctx.ArgIs(i, "REPLACE")) {
      options->replace = true;
    } else if (ctx.ArgIs(i, "DB") && i + 1 < ctx.args.size()) {
      ++i;
      if (!ParseDatabaseNumber(ctx, i, &options->database)) return false;
      if (!CheckDatabaseExists(ctx, options->database)) return false;
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

void HandleCopy(CommandContext& ctx) {
  CopyOptions options{.database = ctx.db.index()};
  if (!ParseCopyOptions(ctx, &options)) return;
  if (options.database != 0 && ctx.store.restricted_to_owned_slots())
    return ctx.reply.Error("ERR Copying to another database is not allowed in cluster mode");
  const Key from = ctx.KeyAt(1);
  const Key to = ctx.KeyAt(2);
  Database target = ctx.DatabaseAt(options.database);
  if (options.database == ctx.db.index() && from.bytes == to.bytes) return SameObjectError(ctx);
  if (ctx.db.FindCounted(from) == nullptr) return ctx.reply.Integer(0);
  if (!options.replace && target.Find(to) != nullptr) return ctx.reply.Integer(0);
  target.CopyFrom(ctx.db, from, to);
  ctx.NotifyIn(options.database, KeyEventClass::kGeneric, "copy_to", to.bytes);
  ctx.reply.Integer(1);
}

constexpr KeySpec kCopyKeys[] = {
    OneKey(kKeyReadOnly | kKeyAccess),
    OneKey(kKeyOverwrite | kKeyUpdate, /*index=*/2),
};
constexpr KeySpec kMovedKey[] = {OneKey(kKeyReadWrite | kKeyAccess | kKeyUpdate)};
constexpr KeySpec kRenameKeys[] = {
    OneKey(kKeyReadWrite | kKeyAccess | kKeyDelete),
    OneKey(kKeyOverwrite | kKeyUpdate, /*index=*/2),
};
constexpr KeySpec kRenameNxKeys[] = {
    OneKey(kKeyReadWrite | kKeyAccess | kKeyDelete),
    OneKey(kKeyOverwrite | kKeyInsert, /*index=*/2),
};

constexpr CommandSpec kCommands[] = {
    {.name = "copy",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclKeyspace,
     .keys = kCopyKeys,
     .since = "6.2.0",
     .complexity = "O(1) for strings; O(N) for a collection of N elements",
     .summary = "Copies a key's value to another key",
     .syntax = "source destination [DB destination-db] [REPLACE]",
     .handler = HandleCopy},
    {.name = "move",
     .arity = 3,
     .flags = kWrite | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kMovedKey,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Moves a key to another database",
     .syntax = "key db",
     .handler = HandleMove},
    {.name = "rename",
     .arity = 3,
     .flags = kWrite,
     .acl_categories = kAclKeyspace,
     .keys = kRenameKeys,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Gives a key another name, replacing what has it",
     .syntax = "key newkey",
     .handler = HandleRename},
    {.name = "renamenx",
     .arity = 3,
     .flags = kWrite | kFast,
     .acl_categories = kAclKeyspace,
     .keys = kRenameNxKeys,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Gives a key another name unless it is taken",
     .syntax = "key newkey",
     .handler = HandleRenameNx},
};

}  // namespace

absl::Span<const CommandSpec> KeyMoveCommands() { return kCommands; }

}  // namespace damselfly
