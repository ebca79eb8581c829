#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/blob.h"
#include "server/commands/bit_ops.h"
#include "server/commands/bitmap_handlers.h"
#include "server/commands/string_value.h"

namespace damselfly {
namespace {

constexpr size_t kFirstSource = 3;

bool ParseOperation(const CommandContext& ctx, BitOperation* operation) {
  if (ctx.ArgIs(1, "AND")) {
    *operation = BitOperation::kAnd;
  } else if (ctx.ArgIs(1, "OR")) {
    *operation = BitOperation::kOr;
  } else if (ctx.ArgIs(1, "XOR")) {
    *operation = BitOperation::kXor;
  } else if (ctx.ArgIs(1, "NOT")) {
    *operation = BitOperation::kNot;
    if (ctx.args.size() != kFirstSource + 1) {
      ctx.reply.Error("ERR BITOP NOT must be called with a single source key.");
      return false;
    }
  } else {
    ctx.SyntaxError();
    return false;
  }
  return true;
}

// Whether all sources are strings or missing; if not, WRONGTYPE has been replied. Deletes those
// that have expired: look-ups after this one change nothing.
bool CheckSources(CommandContext& ctx) {
  for (size_t i = kFirstSource; i < ctx.args.size(); ++i) {
    Entry* entry;
    if (!FindStringToRead(ctx, ctx.KeyAt(i), &entry)) return false;
  }
  return true;
}

}  // namespace

void BitOpCommand(CommandContext& ctx) {
  BitOperation operation;
  if (!ParseOperation(ctx, &operation) || !CheckSources(ctx)) return;

  std::deque<StringBytes> texts;  // hold the digits of integers, so they must not move
  std::vector<absl::string_view> sources;
  size_t size = 0;
  for (size_t i = kFirstSource; i < ctx.args.size(); ++i) {
    sources.push_back(texts.emplace_back(ctx.db.Find(ctx.KeyAt(i))).view());
    size = std::max(size, sources.back().size());
  }
  const Key destination = ctx.KeyAt(2);
  if (size == 0) {
    if (ctx.db.Delete(destination)) ctx.Notify(KeyEventClass::kGeneric, "del", destination);
  } else {
    BlobRef result = Blob::Create(size);
    CombineBits(operation, sources, result->mutable_data(), size);
    result->set_size(size);
    ctx.db.SetBlob(destination, std::move(result), Database::Expiry::None());
    ctx.Notify(KeyEventClass::kString, "set", destination);
  }
  ctx.reply.Integer(static_cast<int64_t>(size));
}

}  // namespace damselfly
