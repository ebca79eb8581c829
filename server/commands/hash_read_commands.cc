#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/base/glob.h"
#include "server/base/numbers.h"
#include "server/commands/collection_value.h"
#include "server/commands/hash_handlers.h"
#include "server/commands/scan_arguments.h"
#include "server/values/hash_value.h"

namespace damselfly {
namespace {

void ReplyWithField(ReplyWriter& reply, const HashValue* hash, absl::string_view field) {
  char scratch[kIntegerBytesMax];
  absl::string_view value;
  if (hash != nullptr && hash->Get(field, scratch, &value)) {
    reply.Bulk(value);
  } else {
    reply.Null();
  }
}

}  // namespace

void HGetCommand(CommandContext& ctx) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  ReplyWithField(ctx.reply, hash, ctx.args[2]);
}

void HMGetCommand(CommandContext& ctx) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  ctx.reply.Array(ctx.args.size() - 2);
  for (absl::string_view field : ctx.args.subspan(2)) ReplyWithField(ctx.reply, hash, field);
}

void HGetAllCommand(CommandContext& ctx) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  ctx.reply.Map(hash != nullptr ? hash->size() : 0);
  if (hash == nullptr) return;
  hash->ForEach([&](absl::string_view field, absl::string_view value) {
    ctx.reply.Bulk(field);
    ctx.reply.Bulk(value);
  });
}

void HKeysCommand(CommandContext& ctx) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  ctx.reply.Array(hash != nullptr ? hash->size() : 0);
  if (hash == nullptr) return;
  hash->ForEach([&](absl::string_view field, absl::string_view) { ctx.reply.Bulk(field); });
}

void HValsCommand(CommandContext& ctx) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  ctx.reply.Array(hash != nullptr ? hash->size() : 0);
  if (hash == nullptr) return;
  hash->ForEach([&](absl::string_view, absl::string_view value) { ctx.reply.Bulk(value); });
}

void HLenCommand(CommandContext& ctx) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  ctx.reply.Integer(hash != nullptr ? static_cast<int64_t>(hash->size()) : 0);
}

void HStrLenCommand(CommandContext& ctx) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  char scratch[kIntegerBytesMax];
  absl::string_view value;
  if (hash != nullptr) hash->Get(ctx.args[2], scratch, &value);
  ctx.reply.Integer(static_cast<int64_t>(value.size()));
}

void HExistsCommand(CommandContext& ctx) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  ctx.reply.Integer(hash != nullptr && hash->Contains(ctx.args[2]) ? 1 : 0);
}

void HScanCommand(CommandContext& ctx) {
  uint64_t cursor;
  if (!ParseScanCursor(ctx, 2, &cursor)) return;
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  if (hash == nullptr) return ReplyWithEmptyScan(ctx);
  ScanOptions options;
  if (!ParseScanOptions(ctx, 3, false, &options)) return;

  // The next cursor stands before the fields and is known after them.
  const Glob pattern(options.pattern);
  std::vector<std::pair<std::string, std::string>> found;
  cursor = hash->Scan(cursor, options.count, [&](absl::string_view field, absl::string_view value) {
    if (pattern.Matches(field)) found.emplace_back(field, value);
  });
  ctx.reply.Array(2);
  ctx.reply.BulkInteger(static_cast<int64_t>(cursor));
  ctx.reply.Array(2 * found.size());
  for (const auto& [field, value] : found) {
    ctx.reply.Bulk(field);
    ctx.reply.Bulk(value);
  }
}

}  // namespace damselfly
