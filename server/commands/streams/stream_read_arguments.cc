#include "server/commands/streams/stream_read_arguments.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/commands/blocker.h"
#include "server/commands/streams/stream_handlers.h"

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
bool ReadStreams(const CommandContext& ctx, size_t index, StreamReadArguments* arguments) {
  const size_t left = ctx.args.size() - index;
  if (left % 2 != 0) {
    return Fail(ctx,
                "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be "
                "specified.");
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

// Where the word STREAMS stands, or 0. A group, and a stream, may have that name too. Where options
// before it make no sense it is the first such word, as COMMAND GETKEYS has it in Redis.
size_t FindStreamsWord(absl::Span<const absl::string_view> args) {
  for (size_t i = 1; i < args.size(); ++i) {
    if (absl::EqualsIgnoreCase(args[i], "STREAMS")) return i;
    if (absl::EqualsIgnoreCase(args[i], "BLOCK") || absl::EqualsIgnoreCase(args[i], "COUNT")) {
      ++i;
    } else if (absl::EqualsIgnoreCase(args[i], "GROUP")) {
      i += 2;
    } else if (!absl::EqualsIgnoreCase(args[i], "NOACK")) {
      break;
    }
  }
  for (size_t i = 1; i < args.size(); ++i) {
    if (absl::EqualsIgnoreCase(args[i], "STREAMS")) return i;
  }
  return 0;
}

}  // namespace

void FindXReadKeys(absl::Span<const absl::string_view> args,
                   absl::FunctionRef<void(int index, uint32_t flags)> add) {
  const size_t word = FindStreamsWord(args);
  // The command finds its errors itself, such as an odd number of arguments.
  if (word == 0) return;
  const size_t left = args.size() - word - 1;
  for (size_t i = 1; i <= left / 2; ++i) {
    add(static_cast<int>(word + i), kKeyReadOnly | kKeyAccess);
  }
}

bool ReadStreamReadArguments(const CommandContext& ctx, StreamReadArguments* arguments) {
  const bool is_group_command = ctx.spec->name == "xreadgroup";
  for (size_t i = 1; arguments->stream_count == 0; ++i) {
    if (i >= ctx.args.size()) {
      ctx.SyntaxError();
      return false;
    }
    if (i + 1 < ctx.args.size() && ctx.ArgIs(i, "STREAMS")) {
      if (!ReadStreams(ctx, i + 1, arguments)) return false;
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
