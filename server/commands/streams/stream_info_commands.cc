#include <algorithm>
#include <cstdint>

#include "server/commands/collection_value.h"
#include "server/commands/command_context.h"
#include "server/commands/help_reply.h"
#include "server/commands/streams/stream_arguments.h"
#include "server/commands/streams/stream_handlers.h"
#include "server/commands/streams/stream_reply.h"
#include "server/values/stream_range.h"

namespace damselfly {
namespace {

constexpr absl::string_view kContainer = "XINFO";

// The stream in args[2]; null, with the error, without one.
const StreamValue* FindStream(CommandContext& ctx) {
  const StreamValue* stream;
  if (!FindToRead(ctx, ctx.KeyAt(2), &stream)) return nullptr;
  if (stream == nullptr) ctx.reply.Error("ERR no such key");
  return stream;
}

// One line of a map each.

void ReplyNumber(const CommandContext& ctx, absl::string_view name, uint64_t number) {
  ctx.reply.Bulk(name);
  ctx.reply.Integer(static_cast<int64_t>(number));
}

void ReplyId(const CommandContext& ctx, absl::string_view name, const StreamId& id) {
  ctx.reply.Bulk(name);
  ReplyStreamId(ctx, id);
}

void ReplyText(const CommandContext& ctx, absl::string_view name, absl::string_view text) {
  ctx.reply.Bulk(name);
  ctx.reply.Bulk(text);
}

void ReplyGroupCounters(const CommandContext& ctx, const StreamValue& stream,
                        const StreamGroup& group) {
  ctx.reply.Bulk("entries-read");
  if (group.entries_read() != StreamGroup::kUnknownEntriesRead) {
    ctx.reply.Integer(group.entries_read());
  } else {
    ctx.reply.Null();
  }
  ctx.reply.Bulk("lag");
  int64_t lag;
  if (stream.FindLag(group, &lag)) {
    ctx.reply.Integer(lag);
  } else {
    ctx.reply.Null();
  }
}

// ---- XINFO STREAM ----

constexpr uint64_t kCountOfFull = 10;

// FULL, and its COUNT (0: no limit).
bool ReadFullOptions(const CommandContext& ctx, bool* is_full, uint64_t* count) {
  const size_t option_count = ctx.args.size() - 3;
  *is_full = option_count > 0;
  *count = kCountOfFull;
  if (!*is_full) return true;
  const bool has_count = option_count == 3 && ctx.ArgIs(4, "COUNT");
  if ((option_count != 1 && !has_count) || !ctx.ArgIs(3, "FULL")) {
    SubcommandSyntaxError(ctx, kContainer);
    return false;
  }
  int64_t number = -1;
  if (has_count && !ctx.ParseInteger(5, &number)) return false;
  if (number >= 0) *count = static_cast<uint64_t>(number);
  return true;
}

void ReplyCounters(const CommandContext& ctx, const StreamValue& stream) {
  ReplyNumber(ctx, "length", stream.size());
  ReplyNumber(ctx, "radix-tree-keys", stream.blocks() != nullptr ? stream.blocks()->size() : 0);
  ReplyNumber(ctx, "radix-tree-nodes", stream.CountRadixNodes());
  ReplyId(ctx, "last-generated-id", stream.last_id());
  ReplyId(ctx, "max-deleted-entry-id", stream.max_deleted_id());
  ReplyNumber(ctx, "entries-added", stream.entries_added());
  ReplyId(ctx, "recorded-first-entry-id", stream.first_id());
}

void ReplyEndEntry(const CommandContext& ctx, absl::string_view name, const StreamValue& stream,
                   StreamRange::Direction direction) {
  ctx.reply.Bulk(name);
  StreamRange range(stream, StreamId::Min(), StreamId::Max(), direction);
  if (range.Next()) {
    ReplyEntry(ctx, &range);
  } else {
    ctx.reply.Null();
  }
}

void ReplyPendingOfGroup(const CommandContext& ctx, const StreamGroup& group, uint64_t count) {
  ctx.reply.Bulk("pending");
  const size_t shown =
      count == 0 ? group.pending().size() : std::min<size_t>(count, group.pending().size());
  ctx.reply.Array(shown);
  auto at = group.pending().begin();
  for (size_t i = 0; i < shown; ++i, ++at) {
    ctx.reply.Array(4);
    ReplyStreamId(ctx, at->first);
    ctx.reply.Bulk(at->second.consumer->name());
    ctx.reply.Integer(at->second.delivered_ms);
    ctx.reply.Integer(static_cast<int64_t>(at->second.deliveries));
  }
}

void ReplyFullConsumer(const CommandContext& ctx, const StreamGroup& group,
                       const StreamConsumer& consumer, uint64_t count) {
  ctx.reply.Map(4);
  ReplyText(ctx, "name", consumer.name());
  ReplyNumber(ctx, "seen-time", static_cast<uint64_t>(consumer.seen_ms()));
  ReplyNumber(ctx, "pel-count", consumer.pending().size());
  ctx.reply.Bulk("pending");
  const size_t shown =
      count == 0 ? consumer.pending().size() : std::min<size_t>(count, consumer.pending().size());
  ctx.reply.Array(shown);
  auto at = consumer.pending().begin();
  for (size_t i = 0; i < shown; ++i, ++at) {
    const StreamPendingEntry& entry = *group.FindPending(*at);
    ctx.reply.Array(3);
    ReplyStreamId(ctx, *at);
    ctx.reply.Integer(entry.delivered_ms);
    ctx.reply.Integer(static_cast<int64_t>(entry.deliveries));
  }
}

void ReplyFullGroup(const CommandContext& ctx, const StreamValue& stream, const StreamGroup& group,
                    uint64_t count) {
  ctx.reply.Map(7);
  ReplyText(ctx, "name", group.name());
  ReplyId(ctx, "last-delivered-id", group.last_id());
  ReplyGroupCounters(ctx, stream, group);
  ReplyNumber(ctx, "pel-count", group.pending().size());
  ReplyPendingOfGroup(ctx, group, count);
  ctx.reply.Bulk("consumers");
  ctx.reply.Array(group.consumers().size());
  for (const auto& consumer : group.consumers()) {
    ReplyFullConsumer(ctx, group, *consumer.second, count);
  }
}

size_t GroupCount(const StreamValue& stream) {
  return stream.groups() != nullptr ? stream.groups()->size() : 0;
}

}  // namespace

void XInfoStreamCommand(CommandContext& ctx) {
  const StreamValue* const stream = FindStream(ctx);
  bool is_full;
  uint64_t count;
  if (stream == nullptr || !ReadFullOptions(ctx, &is_full, &count)) return;
  ctx.reply.Map(is_full ? 9 : 10);
  ReplyCounters(ctx, *stream);
  if (!is_full) {
    ReplyNumber(ctx, "groups", GroupCount(*stream));
    ReplyEndEntry(ctx, "first-entry", *stream, StreamRange::Direction::kForward);
    ReplyEndEntry(ctx, "last-entry", *stream, StreamRange::Direction::kBackward);
    return;
  }
  ctx.reply.Bulk("entries");
  ReplyEntries(ctx, StreamRange(*stream, StreamId::Min(), StreamId::Max()), count);
  ctx.reply.Bulk("groups");
  ctx.reply.Array(GroupCount(*stream));
  if (stream->groups() == nullptr) return;
  for (const auto& group : *stream->groups()) ReplyFullGroup(ctx, *stream, *group.second, count);
}

void XInfoGroupsCommand(CommandContext& ctx) {
  const StreamValue* const stream = FindStream(ctx);
  if (stream == nullptr) return;
  ctx.reply.Array(GroupCount(*stream));
  if (stream->groups() == nullptr) return;
  for (const auto& [name, group] : *stream->groups()) {
    ctx.reply.Map(6);
    ReplyText(ctx, "name", name);
    ReplyNumber(ctx, "consumers", group->consumers().size());
    ReplyNumber(ctx, "pending", group->pending().size());
    ReplyId(ctx, "last-delivered-id", group->last_id());
    ReplyGroupCounters(ctx, *stream, *group);
  }
}

void XInfoConsumersCommand(CommandContext& ctx) {
  const StreamValue* const stream = FindStream(ctx);
  if (stream == nullptr) return;
  const StreamGroup* const group = stream->FindGroup(ctx.args[3]);
  if (group == nullptr) return NoGroup(ctx, ctx.args[2], ctx.args[3]);
  ctx.reply.Array(group->consumers().size());
  for (const auto& [name, consumer] : group->consumers()) {
    ctx.reply.Map(3);
    ReplyText(ctx, "name", name);
    ReplyNumber(ctx, "pending", consumer->pending().size());
    ReplyNumber(ctx, "idle",
                static_cast<uint64_t>(std::max<int64_t>(ctx.now_ms() - consumer->seen_ms(), 0)));
  }
}

void XInfoHelpCommand(CommandContext& ctx) {
  constexpr absl::string_view kLines[] = {
      "CONSUMERS <key> <groupname>",
      "    The consumers of a group.",
      "GROUPS <key>",
      "    The consumer groups of a stream.",
      "STREAM <key> [FULL [COUNT <count>]",
      "    The stream itself, and with FULL all that belongs to it.",
  };
  WriteHelp(ctx, kContainer, kLines);
}

}  // namespace damselfly
