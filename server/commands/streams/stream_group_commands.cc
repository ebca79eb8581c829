#include <cstdint>

#include "server/commands/command_context.h"
#include "server/commands/help_reply.h"
#include "server/commands/streams/stream_arguments.h"
#include "server/commands/streams/stream_handlers.h"
#include "server/commands/streams/stream_reply.h"
#include "server/store/stream_edit.h"

namespace damselfly {
namespace {

constexpr absl::string_view kContainer = "XGROUP";

// What may stand behind the ID of CREATE and SETID.
struct GroupOptions {
  bool make_stream = false;
  int64_t entries_read = StreamGroup::kUnknownEntriesRead;
};

bool ReadGroupOptions(const CommandContext& ctx, bool is_create, GroupOptions* options) {
  for (size_t i = 5; i < ctx.args.size(); ++i) {
    if (is_create && ctx.ArgIs(i, "MKSTREAM")) {
      options->make_stream = true;
    } else if (i + 1 < ctx.args.size() && ctx.ArgIs(i, "ENTRIESREAD")) {
      if (!ctx.ParseInteger(++i, &options->entries_read)) return false;
      if (options->entries_read < StreamGroup::kUnknownEntriesRead) {
        ctx.reply.Error("ERR value for ENTRIESREAD must be positive or -1");
        return false;
      }
    } else {
      SubcommandSyntaxError(ctx, kContainer);
      return false;
    }
  }
  return true;
}

// False, with the error, if the edit's key is no stream.
bool IsStream(const CommandContext& ctx, const StreamEdit& edit) {
  if (edit.wrong_type()) {
    ctx.WrongType();
    return false;
  }
  if (edit.existed()) return true;
  ctx.reply.Error(
      "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "
      "use the MKSTREAM option to create an empty stream automatically.");
  return false;
}

// The group in args[3]; null, with the error, without stream or group.
const StreamGroup* FindGroup(const CommandContext& ctx, const StreamEdit& edit) {
  if (!IsStream(ctx, edit)) return nullptr;
  const StreamGroup* const group = edit->FindGroup(ctx.args[3]);
  if (group == nullptr) NoGroup(ctx, ctx.args[2], ctx.args[3]);
  return group;
}

void NotifyGroup(const CommandContext& ctx, absl::string_view event) {
  ctx.Notify(KeyEventClass::kStream, event, ctx.args[2]);
}

}  // namespace

void XGroupCreateCommand(CommandContext& ctx) {
  GroupOptions options;
  if (!ReadGroupOptions(ctx, /*is_create=*/true, &options)) return;
  {
    StreamEdit edit(&ctx.db, ctx.KeyAt(2));
    const bool may_create = options.make_stream && !edit.wrong_type();
    if (!may_create && !IsStream(ctx, edit)) return;
    if (ctx.args.size() > 8) return SubcommandSyntaxError(ctx, kContainer);
    StreamId id = edit->last_id();
    if (UpToNul(ctx.args[4]) != "$" && !ReadStreamId(ctx, 4, &id)) return;
    if (edit.CreateGroup(ctx.args[3], id, options.entries_read) == nullptr) {
      return ctx.reply.Error("BUSYGROUP Consumer Group name already exists");
    }
  }
  ctx.reply.Ok();
  NotifyGroup(ctx, "xgroup-create");
}

void XGroupSetIdCommand(CommandContext& ctx) {
  GroupOptions options;
  if (!ReadGroupOptions(ctx, /*is_create=*/false, &options)) return;
  {
    StreamEdit edit(&ctx.db, ctx.KeyAt(2));
    const StreamGroup* const group = FindGroup(ctx, edit);
    if (group == nullptr) return;
    if (ctx.args.size() > 7) return SubcommandSyntaxError(ctx, kContainer);
    StreamId id = edit->last_id();
    // "-" and "+" are taken here, and nowhere else where an ID is set.
    if (UpToNul(ctx.args[4]) != "$" && !ParseStreamIdOrEnd(ctx.args[4], 0, &id) &&
        !ReadStreamId(ctx, 4, &id)) {
      return;
    }
    edit.SetPosition(*group, id, options.entries_read);
  }
  ctx.reply.Ok();
  NotifyGroup(ctx, "xgroup-setid");
}

void XGroupDestroyCommand(CommandContext& ctx) {
  {
    StreamEdit edit(&ctx.db, ctx.KeyAt(2));
    if (!IsStream(ctx, edit)) return;
    const StreamGroup* const group = edit->FindGroup(ctx.args[3]);
    if (group == nullptr) return ctx.reply.Integer(0);
    edit.DestroyGroup(*group);
  }
  ctx.reply.Integer(1);
  NotifyGroup(ctx, "xgroup-destroy");
}

void XGroupCreateConsumerCommand(CommandContext& ctx) {
  {
    StreamEdit edit(&ctx.db, ctx.KeyAt(2));
    const StreamGroup* const group = FindGroup(ctx, edit);
    if (group == nullptr) return;
    if (group->FindConsumer(ctx.args[4]) != nullptr) return ctx.reply.Integer(0);
    edit.CreateConsumer(*group, ctx.args[4], ctx.now_ms());
  }
  ctx.reply.Integer(1);
  NotifyGroup(ctx, "xgroup-createconsumer");
}

void XGroupDelConsumerCommand(CommandContext& ctx) {
  size_t pending;
  {
    StreamEdit edit(&ctx.db, ctx.KeyAt(2));
    const StreamGroup* const group = FindGroup(ctx, edit);
    if (group == nullptr) return;
    const StreamConsumer* const consumer = group->FindConsumer(ctx.args[4]);
    if (consumer == nullptr) return ctx.reply.Integer(0);
    pending = consumer->pending().size();
    edit.DeleteConsumer(*group, *consumer);
  }
  ctx.reply.Integer(static_cast<int64_t>(pending));
  NotifyGroup(ctx, "xgroup-delconsumer");
}

void XGroupHelpCommand(CommandContext& ctx) {
  constexpr absl::string_view kLines[] = {
      "CREATE <key> <groupname> <id|$> [option]",
      "    Makes a consumer group that has read up to the ID. Options:",
      "    * MKSTREAM",
      "      Makes an empty stream too, if there is none.",
      "    * ENTRIESREAD entries_read",
      "      How many entries of the stream the group counts as read.",
      "CREATECONSUMER <key> <groupname> <consumer>",
      "    Adds a consumer to the group.",
      "DELCONSUMER <key> <groupname> <consumer>",
      "    Takes a consumer out of the group, with all that is pending for it.",
      "DESTROY <key> <groupname>",
      "    Removes the group.",
      "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
      "    Says up to which ID the group has read.",
  };
  WriteHelp(ctx, kContainer, kLines);
}

}  // namespace damselfly
