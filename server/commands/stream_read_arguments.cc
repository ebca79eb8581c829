#include "server/commands/stream_read_arguments.h"

#include "absl/strings/str_cat.h"
#include "server/commands/blocker.h"

namespace damselfly {
namespace {

bool Fail(const CommandContext& ctx, absl::string_view error) {
  ctx.reply.Error(error);
  return false;
}

// XREAD takes no such option.
bool RefuseOption(const CommandContext& ctx, absl::string_view option) {
  return Fail(ctx, absl::StrCat("ERR The ", option,
                                " option is only supported by XREADGROUP. You called XREAD "
                                "instead."));
}

// The streams, which are all that is left from args[index] on.
bool ReadStreams(const CommandContext& ctx, bool is_group_command, size_t index,
                 StreamReadArguments* arguments) {
  const size_t left = ctx.args.size() - index;
  if (left % 2 != 0) {
    return Fail(ctx, absl::StrCat("ERR Unbalanced '", ctx.spec->name,
                                  "' list of streams: for each stream key an ID or '",
                                  is_group_command ? ">" : "$", "' must be specified."));
  }
  arguments->first_key_index = index;
  arguments->stream_count = left / 2;
  return true;
}

// The option at args[*index], which is moved to its last argument.
bool ReadOption(const CommandContext& ctx, bool is_group_command, size_t* index,
                StreamReadArguments* arguments) {
  const size_t more = ctx.args.size() - *index - 1;
  if (more >= 1 && ctx.ArgIs(*index, "BLOCK")) {
    int64_t timeout_ms;
    if (!ParseTimeoutMilliseconds(ctx, ++*index, &timeout_ms)) return false;
    arguments->timeout_ms = timeout_ms;
    return true;
  }
  if (more >= 1 && ctx.ArgIs(*index, "COUNT")) {
    int64_t count;
    if (!ctx.ParseInteger(++*index, &count)) return false;
    arguments->count = count > 0 ? static_cast<uint64_t>(count) : 0;
    return true;
  }
  if (more >= 2 && ctx.ArgIs(*index, "GROUP")) {
    if (!is_group_command) return RefuseOption(ctx, "GROUP");
    arguments->has_group = true;
    arguments->group = ctx.args[++*index];
    arguments->consumer = ctx.args[++*index];
    return true;
  }
  if (ctx.ArgIs(*index, "NOACK")) {
    if (!is_group_command) return RefuseOption(ctx, "NOACK");
    arguments->no_ack = true;
    return true;
  }
  ctx.SyntaxError();
  return false;
}

}  // namespace

bool ReadStreamReadArguments(const CommandContext& ctx, StreamReadArguments* arguments) {
  const bool is_group_command = ctx.spec->name == "xreadgroup";
  for (size_t i = 1; arguments->stream_count == 0; ++i) {
    if (i >= ctx.args.size()) {
      ctx.SyntaxError();
      return false;
    }
    if (i + 1 < ctx.args.size() && ctx.ArgIs(i, "STREAMS")) {
      if (!ReadStreams(ctx, is_group_command, i + 1, arguments)) return false;
    } else if (!ReadOption(ctx, is_group_command, &i, arguments)) {
      return false;
    }
  }
  if (is_group_command && !arguments->has_group) {
    return Fail(ctx, "ERR Missing GROUP option for XREADGROUP");
  }
  return true;
}

}  // namespace damselfly
