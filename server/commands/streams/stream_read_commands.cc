#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/commands/blocker.h"
#include "server/commands/collection_value.h"
#include "server/commands/command_context.h"
#include "server/commands/streams/stream_arguments.h"
#include "server/commands/streams/stream_handlers.h"
#include "server/commands/streams/stream_read_arguments.h"
#include "server/commands/streams/stream_reply.h"
#include "server/store/stream_edit.h"
#include "server/values/stream_range.h"

namespace damselfly {
namespace {

// Entries that a client gets which has waited and named no COUNT.
constexpr uint64_t kCountAfterWaiting = 1000;

// What one stream is read from. Of XREADGROUP, the largest ID stands for ">": entries that the
// group has not read.
constexpr StreamId kNewEntries = StreamId::Max();

// The ID at args[index], as it is meant now; `stream` may be null.
bool ReadStartId(const CommandContext& ctx, size_t index, const StreamValue* stream, bool has_group,
                 StreamId* id) {
  const absl::string_view text = UpToNul(ctx.args[index]);
  if (text == "$") {
    if (has_group) {
      ctx.reply.Error(
          "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history "
          "of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ "
          "ID would just return an empty result set.");
      return false;
    }
    *id = stream != nullptr ? stream->last_id() : StreamId();
    return true;
  }
  if (text == ">") {
    if (!has_group) {
      ctx.reply.Error(
          "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
          "<consumer> option.");
      return false;
    }
    *id = kNewEntries;
    return true;
  }
  return ReadStreamId(ctx, index, id);
}

// Checks keys, groups and IDs, in their order.
bool ReadStartIds(CommandContext& ctx, const StreamReadArguments& arguments,
                  std::vector<StreamId>* ids) {
  for (size_t i = 0; i < arguments.stream_count; ++i) {
    const StreamValue* stream;
    if (!FindToRead(ctx, ctx.KeyAt(arguments.KeyIndex(i)), &stream)) return false;
    if (arguments.has_group &&
        (stream == nullptr || stream->FindGroup(arguments.group) == nullptr)) {
      NoKeyOrGroup(ctx, ctx.args[arguments.KeyIndex(i)], arguments.group,
                   " in XREADGROUP with GROUP option");
      return false;
    }
    StreamId id;
    if (!ReadStartId(ctx, arguments.IdIndex(i), stream, arguments.has_group, &id)) return false;
    ids->push_back(id);
  }
  return true;
}

void ReplyStreamHeader(const CommandContext& ctx, absl::string_view key) {
  if (ctx.reply.protocol() == 2) ctx.reply.Array(2);
  ctx.reply.Bulk(key);
}

// Entries behind `after`, of a client without a group.
void ReplyEntriesAfter(const CommandContext& ctx, const StreamValue& stream, StreamId after,
                       uint64_t count) {
  after.Increment();
  ReplyEntries(ctx, StreamRange(stream, after, StreamId::Max()), count);
}

// Delivers what the group has not read to one of its consumers.
void DeliverNew(const CommandContext& ctx, const StreamReadArguments& arguments, uint64_t count,
                const StreamGroup& group, const StreamConsumer& consumer, StreamEdit* edit) {
  const StreamValue& stream = edit->stream();
  StreamId last_id = group.last_id();
  int64_t entries_read = group.entries_read();
  StreamId start = last_id;
  start.Increment();
  std::vector<StreamId> delivered;
  const ReplyWriter::Deferred array = ctx.reply.Defer();
  StreamRange range(stream, start, StreamId::Max());
  while ((count == 0 || delivered.size() < count) && range.Next()) {
    const StreamId& id = range.id();
    if (entries_read != StreamGroup::kUnknownEntriesRead && !stream.HasTombstonesFrom(id)) {
      // What XGROUP ... ENTRIESREAD has set may be the greatest number: it wraps round, as in
      // Redis.
      entries_read = static_cast<int64_t>(static_cast<uint64_t>(entries_read) + 1);
    } else if (stream.entries_added() != 0) {
      entries_read = stream.EstimateEntriesRead(id);
    }
    last_id = id;
    delivered.push_back(id);
    ReplyEntry(ctx, &range);
  }
  ctx.reply.CloseArray(array, delivered.size());
  if (delivered.empty()) return;
  edit->SetPosition(group, last_id, entries_read);
  if (arguments.no_ack) return;
  for (const StreamId& id : delivered) {
    edit->SetPending(group, id, consumer, ctx.now_ms(), /*deliveries=*/1);
  }
}

// Shows a consumer what is pending for it, from `after` on.
void ReplyHistory(const CommandContext& ctx, const StreamGroup& group,
                  const StreamConsumer& consumer, StreamId after, uint64_t count,
                  StreamEdit* edit) {
  after.Increment();
  std::vector<StreamId> delivered;
  uint64_t replied = 0;
  const ReplyWriter::Deferred array = ctx.reply.Defer();
  for (auto at = consumer.pending().lower_bound(after);
       at != consumer.pending().end() && (count == 0 || replied < count); ++at, ++replied) {
    if (ReplyEntryWithId(ctx, edit->stream(), *at)) {
      delivered.push_back(*at);
      continue;
    }
    // It has gone from the stream.
    ctx.reply.Array(2);
    ReplyStreamId(ctx, *at);
    ctx.reply.NullArray();
  }
  ctx.reply.CloseArray(array, replied);
  for (const StreamId& id : delivered) {
    const uint64_t deliveries = group.FindPending(id)->deliveries + 1;
    edit->SetPending(group, id, consumer, ctx.now_ms(), deliveries);
  }
}

// One stream of XREADGROUP, whose group is there.
void ReadForGroup(CommandContext& ctx, const StreamReadArguments& arguments, const Key& key,
                  const StreamId& id, uint64_t count) {
  bool is_new_consumer = false;
  {
    StreamEdit edit(&ctx.db, key);
    const StreamGroup& group = *edit->FindGroup(arguments.group);
    const StreamConsumer* consumer = group.FindConsumer(arguments.consumer);
    if (consumer != nullptr) {
      edit.See(group, *consumer, ctx.now_ms());
    } else {
      consumer = edit.CreateConsumer(group, arguments.consumer, ctx.now_ms());
      is_new_consumer = true;
    }
    if (id == kNewEntries) {
      DeliverNew(ctx, arguments, count, group, *consumer, &edit);
    } else {
      ReplyHistory(ctx, group, *consumer, id, count, &edit);
    }
  }
  if (is_new_consumer) ctx.Notify(KeyEventClass::kStream, "xgroup-createconsumer", key);
}

// Whether the stream has something for this client now.
bool HasAnswer(const StreamReadArguments& arguments, const StreamValue& stream,
               const StreamId& id) {
  if (!arguments.has_group) return stream.size() > 0 && stream.LastEntryId() > id;
  if (id != kNewEntries) return true;
  return stream.size() > 0 && stream.LastEntryId() > stream.FindGroup(arguments.group)->last_id();
}

// Answers for stream number `i`; false if it has nothing.
bool ReadOne(CommandContext& ctx, const StreamReadArguments& arguments, size_t i,
             const StreamId& id) {
  const Key key = ctx.KeyAt(arguments.KeyIndex(i));
  const StreamValue* stream;
  if (!FindToRead(ctx, key, &stream) || stream == nullptr) return false;
  if (!HasAnswer(arguments, *stream, id)) return false;
  ReplyStreamHeader(ctx, key.bytes);
  if (arguments.has_group) {
    ReadForGroup(ctx, arguments, key, id, arguments.count);
  } else {
    ReplyEntriesAfter(ctx, *stream, id, arguments.count);
  }
  return true;
}

void Block(CommandContext& ctx, const StreamReadArguments& arguments,
           const std::vector<StreamId>& ids) {
  BlockRequest request;
  for (absl::string_view text : ctx.args) request.args.emplace_back(text);
  for (size_t i = 0; i < arguments.stream_count; ++i) {
    request.key_indices.push_back(arguments.KeyIndex(i));
    if (arguments.has_group) continue;
    char text[StreamId::kTextBytesMax];
    request.args[arguments.IdIndex(i)] = std::string(ids[i].Text(text));
  }
  request.timeout_ms = *arguments.timeout_ms;
  request.served_without_value = arguments.has_group;
  ctx.blocker->Block(std::move(request));
}

}  // namespace

void XReadCommand(CommandContext& ctx) {
  StreamReadArguments arguments;
  std::vector<StreamId> ids;
  if (!ReadStreamReadArguments(ctx, &arguments) || !ReadStartIds(ctx, arguments, &ids)) return;

  const ReplyWriter::Deferred answer = ctx.reply.Defer();
  size_t answered = 0;
  for (size_t i = 0; i < arguments.stream_count; ++i) {
    if (ReadOne(ctx, arguments, i, ids[i])) ++answered;
  }
  if (answered > 0) {
    ctx.reply.protocol() == 2 ? ctx.reply.CloseArray(answer, answered)
                              : ctx.reply.CloseMap(answer, answered);
  } else if (arguments.timeout_ms && ctx.blocker != nullptr) {
    Block(ctx, arguments, ids);
  } else {
    ctx.reply.NullArray();
  }
}

bool ServeXRead(CommandContext& ctx, size_t key_index) {
  StreamReadArguments arguments;
  // They have been read before.
  if (!ReadStreamReadArguments(ctx, &arguments)) return true;
  const Key key = ctx.KeyAt(key_index);
  const Entry* const entry = ctx.db.Find(key);
  if (entry == nullptr || entry->type() != ValueType::kStream) {
    if (!arguments.has_group) return false;
    ctx.reply.Error("UNBLOCKED the stream key no longer exists");
    return true;
  }
  const StreamValue& stream = entry->as<StreamValue>();
  StreamId after;
  if (arguments.has_group) {
    const StreamGroup* const group = stream.FindGroup(arguments.group);
    if (group == nullptr) {
      ctx.reply.Error("NOGROUP the consumer group this client was blocked on no longer exists");
      return true;
    }
    after = group->last_id();
  } else if (!ReadStreamId(ctx, key_index + arguments.stream_count, &after)) {
    return true;
  }
  if (stream.last_id() <= after) return false;

  const uint64_t count = arguments.count != 0 ? arguments.count : kCountAfterWaiting;
  ctx.reply.protocol() == 2 ? ctx.reply.Array(1) : ctx.reply.Map(1);
  ReplyStreamHeader(ctx, key.bytes);
  if (arguments.has_group) {
    ReadForGroup(ctx, arguments, key, kNewEntries, count);
  } else {
    ReplyEntriesAfter(ctx, stream, after, count);
  }
  return true;
}

}  // namespace damselfly
