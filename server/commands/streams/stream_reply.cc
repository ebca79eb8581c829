#include "server/commands/streams/stream_reply.h"

#include "absl/strings/str_cat.h"
#include "server/base/numbers.h"
#include "server/commands/streams/stream_arguments.h"

namespace damselfly {
namespace {

void ReplyElement(const CommandContext& ctx, const PackElement& element) {
  if (element.is_integer) {
    ctx.reply.BulkInteger(element.integer);
  } else {
    ctx.reply.Bulk(element.bytes);
  }
}

}  // namespace

void ReplyStreamId(const CommandContext& ctx, const StreamId& id) {
  char text[StreamId::kTextBytesMax];
  ctx.reply.Bulk(id.Text(text));
}

void ReplyEntry(const CommandContext& ctx, StreamRange* range) {
  ctx.reply.Array(2);
  ReplyStreamId(ctx, range->id());
  ctx.reply.Array(2 * range->field_count());
  PackElement field, value;
  while (range->NextField(&field, &value)) {
    ReplyElement(ctx, field);
    ReplyElement(ctx, value);
  }
}

void ReplyEntries(const CommandContext& ctx, StreamRange range, uint64_t count) {
  const ReplyWriter::Deferred array = ctx.reply.Defer();
  uint64_t replied = 0;
  while ((count == 0 || replied < count) && range.Next()) {
    ReplyEntry(ctx, &range);
    ++replied;
  }
  ctx.reply.CloseArray(array, replied);
}

bool ReplyEntryWithId(const CommandContext& ctx, const StreamValue& stream, const StreamId& id) {
  StreamRange range(stream, id, id);
  if (!range.Next()) return false;
  ReplyEntry(ctx, &range);
  return true;
}

void NoKeyOrGroup(const CommandContext& ctx, absl::string_view key, absl::string_view group,
                  absl::string_view suffix) {
  ctx.reply.Error(absl::StrCat("NOGROUP No such key '", UpToNul(key), "' or consumer group '",
                               UpToNul(group), "'", suffix));
}

void NoGroup(const CommandContext& ctx, absl::string_view key, absl::string_view group) {
  ctx.reply.Error(absl::StrCat("NOGROUP No such consumer group '", UpToNul(group),
                               "' for key name '", UpToNul(key), "'"));
}

}  // namespace damselfly
