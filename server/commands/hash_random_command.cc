#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "server/commands/collection_value.h"
#include "server/commands/count_arguments.h"
#include "server/commands/hash_handlers.h"
#include "server/commands/result_limit.h"
#include "server/values/hash_value.h"

namespace damselfly {
namespace {

constexpr int64_t kCountMax = std::numeric_limits<int64_t>::max();

// Writes `count` fields, with their values if these are wanted: pairs of their own in RESP3, all in
// one row in RESP2.
class FieldReply {
 public:
  FieldReply(ReplyWriter* reply, bool with_values, uint64_t count)
      : reply_(*reply), with_values_(with_values) {
    reply_.Array(with_values && reply_.protocol() == 2 ? 2 * count : count);
  }

  void operator()(absl::string_view field, absl::string_view value) const {
    if (with_values_ && reply_.protocol() > 2) reply_.Array(2);
    reply_.Bulk(field);
    if (with_values_) reply_.Bulk(value);
  }

 private:
  ReplyWriter& reply_;
  const bool with_values_;
};

void ReplyWithRepetitions(CommandContext& ctx, const HashValue& hash, uint64_t picks,
                          bool with_values) {
  const ResultLimit limit(ctx);
  if (!limit.AllowsElements(picks)) return limit.Refuse();
  const FieldReply write(&ctx.reply, with_values, picks);
  hash.VisitRandom(picks, ctx.random, [&](absl::string_view field, absl::string_view value) {
    write(field, value);
    return limit.AllowsReply();
  });
  if (!limit.AllowsReply()) limit.Refuse();
}

void ReplyWithSome(CommandContext& ctx, int64_t count, bool with_values) {
  const HashValue* hash;
  if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
  if (hash == nullptr || count == 0) return ctx.reply.Array(0);
  if (count < 0) {
    return ReplyWithRepetitions(ctx, *hash, static_cast<uint64_t>(-count), with_values);
  }
  const size_t distinct = std::min(static_cast<size_t>(count), hash->size());
  const FieldReply write(&ctx.reply, with_values, distinct);
  if (distinct == hash->size()) {
    hash->ForEach(write);
  } else {
    hash->VisitSample(distinct, ctx.random, write);
  }
}

}  // namespace

void HRandFieldCommand(CommandContext& ctx) {
  if (ctx.args.size() == 2) {
    const HashValue* hash;
    if (!FindToRead(ctx, ctx.FirstKey(), &hash)) return;
    if (hash == nullptr) return ctx.reply.Null();
    hash->VisitRandom(1, ctx.random, [&](absl::string_view field, absl::string_view) {
      ctx.reply.Bulk(field);
      return true;
    });
    return;
  }
  int64_t count;
  if (!ParseRandomCount(ctx, 2, &count)) return;
  const bool with_values = ctx.args.size() > 3;
  if (with_values) {
    if (ctx.args.size() > 4 || !ctx.ArgIs(3, "WITHVALUES")) return ctx.SyntaxError();
    if (count < -kCountMax / 2 || count > kCountMax / 2)
      return ctx.reply.Error("ERR value is out of range");
  }
  ReplyWithSome(ctx, count, with_values);
}

}  // namespace damselfly
