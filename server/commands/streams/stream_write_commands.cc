#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/commands/command_context.h"
#include "server/commands/streams/stream_arguments.h"
#include "server/commands/streams/stream_handlers.h"
#include "server/commands/streams/stream_reply.h"
#include "server/commands/streams/stream_trim_arguments.h"
#include "server/store/stream_edit.h"

namespace damselfly {
namespace {

// The ID of a new entry: as it was asked for, or made from the time. False if there is none behind
// the last one.
bool ChooseId(const StreamTrimArguments& arguments, const StreamId& last_id, int64_t now_ms,
              StreamId* id) {
  if (!arguments.id) {
    *id = {static_cast<uint64_t>(now_ms), 0};
    if (id->ms > last_id.ms) return true;
    *id = last_id;
    return id->Increment();
  }
  *id = *arguments.id;
  // The next one of the same millisecond, if there is one: the time stays as it was asked for.
  if (!arguments.seq_given && id->ms == last_id.ms) id->seq = last_id.seq + 1;
  return *id > last_id;
}

// Adds the entry, or writes the error and returns false.
bool AddEntry(CommandContext& ctx, const StreamTrimArguments& arguments, StreamEdit* edit) {
  const StreamId last_id = edit->stream().last_id();
  if (last_id == StreamId::Max()) {
    ctx.reply.Error("ERR The stream has exhausted the last possible ID, unable to add more items");
    return false;
  }
  StreamId id;
  if (!ChooseId(arguments, last_id, ctx.now_ms(), &id)) {
    ctx.reply.Error(
        "ERR The ID specified in XADD is equal or smaller than the target stream top item");
    return false;
  }
  const StreamValue::Fields fields = ctx.args.subspan(arguments.first_field_index);
  if (!StreamBlock::CanHold(fields)) {
    ctx.reply.Error("ERR Elements are too large to be stored");
    return false;
  }
  edit->Append(id, fields);
  ReplyStreamId(ctx, id);
  return true;
}

}  // namespace

void XAddCommand(CommandContext& ctx) {
  StreamTrimArguments arguments;
  if (!ReadStreamTrimArguments(ctx, /*is_add=*/true, &arguments)) return;
  const size_t text_count = ctx.args.size() - arguments.first_field_index;
  if (text_count < 2 || text_count % 2 != 0) {
    ctx.reply.Error("ERR wrong number of arguments for 'xadd' command");
    return;
  }
  if (arguments.id && arguments.seq_given && arguments.id->is_zero()) {
    ctx.reply.Error("ERR The ID specified in XADD must be greater than 0-0");
    return;
  }
  const Key key = ctx.KeyAt(1);
  bool is_trimmed = false;
  {
    StreamEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (!edit.existed() && arguments.no_stream_made) return ctx.reply.Null();
    if (!AddEntry(ctx, arguments, &edit)) return;
    if (arguments.trim) is_trimmed = edit.Trim(*arguments.trim) > 0;
  }
  ctx.Notify(KeyEventClass::kStream, "xadd", key);
  if (is_trimmed) ctx.Notify(KeyEventClass::kStream, "xtrim", key);
}

void XTrimCommand(CommandContext& ctx) {
  StreamTrimArguments arguments;
  if (!ReadStreamTrimArguments(ctx, /*is_add=*/false, &arguments)) return;
  const Key key = ctx.KeyAt(1);
  uint64_t trimmed;
  {
    StreamEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    trimmed = edit.Trim(*arguments.trim);
  }
  if (trimmed > 0) ctx.Notify(KeyEventClass::kStream, "xtrim", key);
  ctx.reply.Integer(static_cast<int64_t>(trimmed));
}

void XDelCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  uint64_t deleted;
  {
    StreamEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    // IDs for nothing are not looked at.
    if (!edit.existed()) return ctx.reply.Integer(0);
    std::vector<StreamId> ids;
    if (!ReadStreamIds(ctx, 2, &ids)) return;
    deleted = edit.Delete(ids);
  }
  if (deleted > 0) ctx.Notify(KeyEventClass::kStream, "xdel", key);
  ctx.reply.Integer(static_cast<int64_t>(deleted));
}

namespace {

struct SetIdArguments {
  StreamId last_id;
  absl::optional<uint64_t> entries_added;
  StreamId max_deleted_id;  // zero: as it is
};

bool ReadSetIdArguments(const CommandContext& ctx, SetIdArguments* arguments) {
  if (!ReadStreamId(ctx, 2, &arguments->last_id)) return false;
  for (size_t i = 3; i < ctx.args.size(); i += 2) {
    const bool has_more = i + 1 < ctx.args.size();
    if (has_more && ctx.ArgIs(i, "ENTRIESADDED")) {
      int64_t entries;
      if (!ctx.ParseInteger(i + 1, &entries)) return false;
      if (entries < 0) {
        ctx.reply.Error("ERR entries_added must be positive");
        return false;
      }
      arguments->entries_added = static_cast<uint64_t>(entries);
    } else if (has_more && ctx.ArgIs(i, "MAXDELETEDID")) {
      if (!ReadStreamId(ctx, i + 1, &arguments->max_deleted_id)) return false;
      if (arguments->last_id < arguments->max_deleted_id) {
        ctx.reply.Error(
            "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
        return false;
      }
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

// What is wrong with setting the stream to that; empty: nothing.
absl::string_view SetIdProblem(const StreamValue& stream, const SetIdArguments& arguments) {
  if (stream.size() == 0) return {};
  if (arguments.last_id < stream.LastEntryId()) {
    return "ERR The ID specified in XSETID is smaller than the target stream top item";
  }
  if (arguments.entries_added && *arguments.entries_added < stream.size()) {
    return "ERR The entries_added specified in XSETID is smaller than the target stream length";
  }
  return {};
}

}  // namespace

void XSetIdCommand(CommandContext& ctx) {
  SetIdArguments arguments;
  if (!ReadSetIdArguments(ctx, &arguments)) return;
  const Key key = ctx.KeyAt(1);
  {
    StreamEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (!edit.existed()) return ctx.reply.Error("ERR no such key");
    const absl::string_view problem = SetIdProblem(edit.stream(), arguments);
    if (!problem.empty()) return ctx.reply.Error(problem);
    edit.SetIds(
        arguments.last_id, arguments.entries_added.value_or(edit->entries_added()),
        arguments.max_deleted_id.is_zero() ? edit->max_deleted_id() : arguments.max_deleted_id);
  }
  ctx.reply.Ok();
  ctx.Notify(KeyEventClass::kStream, "xsetid", key);
}

}  // namespace damselfly
