#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/commands/collection_value.h"
#include "server/commands/command_context.h"
#include "server/commands/streams/stream_arguments.h"
#include "server/commands/streams/stream_handlers.h"
#include "server/commands/streams/stream_reply.h"
#include "server/store/stream_edit.h"

namespace damselfly {
namespace {

// The longer form of XPENDING.
struct PendingQuery {
  int64_t idle_min_ms = 0;
  StreamId first;
  StreamId last;
  int64_t count = 0;
  absl::optional<absl::string_view> consumer;
};

bool ReadPendingQuery(const CommandContext& ctx, PendingQuery* query) {
  size_t at = 3;
  if (ctx.ArgIs(at, "IDLE")) {
    if (!ctx.ParseInteger(at + 1, &query->idle_min_ms)) return false;
    if (ctx.args.size() < 8) {
      ctx.SyntaxError();
      return false;
    }
    at += 2;
  }
  if (!ctx.ParseInteger(at + 2, &query->count) || !ReadIntervalStart(ctx, at, &query->first) ||
      !ReadIntervalEnd(ctx, at + 1, &query->last)) {
    return false;
  }
  if (at + 3 < ctx.args.size()) query->consumer = ctx.args[at + 3];
  return true;
}

void ReplySummary(const CommandContext& ctx, const StreamGroup& group) {
  ctx.reply.Array(4);
  ctx.reply.Integer(static_cast<int64_t>(group.pending().size()));
  if (group.pending().empty()) {
    ctx.reply.Null();
    ctx.reply.Null();
    ctx.reply.NullArray();
    return;
  }
  ReplyStreamId(ctx, group.pending().begin()->first);
  ReplyStreamId(ctx, group.pending().rbegin()->first);
  const ReplyWriter::Deferred consumers = ctx.reply.Defer();
  size_t count = 0;
  for (const auto& [name, consumer] : group.consumers()) {
    if (consumer->pending().empty()) continue;
    ctx.reply.Array(2);
    ctx.reply.Bulk(name);
    ctx.reply.BulkInteger(static_cast<int64_t>(consumer->pending().size()));
    ++count;
  }
  ctx.reply.CloseArray(consumers, count);
}

// Writes the entry if it has been idle long enough; returns whether it has.
bool ReplyPending(const CommandContext& ctx, const StreamId& id, const StreamPendingEntry& entry,
                  int64_t idle_min_ms) {
  const int64_t idle_ms = ctx.now_ms() - entry.delivered_ms;
  if (idle_min_ms != 0 && idle_ms < idle_min_ms) return false;
  ctx.reply.Array(4);
  ReplyStreamId(ctx, id);
  ctx.reply.Bulk(entry.consumer->name());
  ctx.reply.Integer(std::max<int64_t>(idle_ms, 0));
  ctx.reply.Integer(static_cast<int64_t>(entry.deliveries));
  return true;
}

void ReplyPendingOfGroup(const CommandContext& ctx, const StreamGroup& group,
                         const PendingQuery& query) {
  const ReplyWriter::Deferred array = ctx.reply.Defer();
  int64_t count = 0;
  for (auto at = group.pending().lower_bound(query.first);
       count < query.count && at != group.pending().end() && at->first <= query.last; ++at) {
    count += ReplyPending(ctx, at->first, at->second, query.idle_min_ms) ? 1 : 0;
  }
  ctx.reply.CloseArray(array, static_cast<size_t>(count));
}

void ReplyPendingOfConsumer(const CommandContext& ctx, const StreamGroup& group,
                            const StreamConsumer& consumer, const PendingQuery& query) {
  const ReplyWriter::Deferred array = ctx.reply.Defer();
  int64_t count = 0;
  for (auto at = consumer.pending().lower_bound(query.first);
       count < query.count && at != consumer.pending().end() && *at <= query.last; ++at) {
    count += ReplyPending(ctx, *at, *group.FindPending(*at), query.idle_min_ms) ? 1 : 0;
  }
  ctx.reply.CloseArray(array, static_cast<size_t>(count));
}

}  // namespace

void XAckCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  const StreamValue* stream;
  if (!FindToRead(ctx, key, &stream)) return;
  if (stream == nullptr || stream->FindGroup(ctx.args[2]) == nullptr) return ctx.reply.Integer(0);
  std::vector<StreamId> ids;
  if (!ReadStreamIds(ctx, 3, &ids)) return;
  StreamEdit edit(&ctx.db, key);
  const StreamGroup& group = *edit->FindGroup(ctx.args[2]);
  int64_t acknowledged = 0;
  for (const StreamId& id : ids) acknowledged += edit.DropPending(group, id) ? 1 : 0;
  ctx.reply.Integer(acknowledged);
}

void XPendingCommand(CommandContext& ctx) {
  const size_t argument_count = ctx.args.size();
  const bool is_summary = argument_count == 3;
  if (!is_summary && (argument_count < 6 || argument_count > 9)) return ctx.SyntaxError();
  PendingQuery query;
  if (!is_summary && !ReadPendingQuery(ctx, &query)) return;

  const StreamValue* stream;
  if (!FindToRead(ctx, ctx.KeyAt(1), &stream)) return;
  const StreamGroup* const group = stream != nullptr ? stream->FindGroup(ctx.args[2]) : nullptr;
  if (group == nullptr) return NoKeyOrGroup(ctx, ctx.args[1], ctx.args[2]);

  if (is_summary) return ReplySummary(ctx, *group);
  if (!query.consumer) return ReplyPendingOfGroup(ctx, *group, query);
  const StreamConsumer* const consumer = group->FindConsumer(*query.consumer);
  if (consumer == nullptr) return ctx.reply.Array(0);
  ReplyPendingOfConsumer(ctx, *group, *consumer, query);
}

}  // namespace damselfly
