#include "server/commands/streams/stream_arguments.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

// Longest text that may be an ID.
constexpr size_t kIdBytesMax = 127;

// A number as strtoull reads it, to its end: spaces and a sign before it, leading zeros; a negative
// one goes round.
bool ParseLenientNumber(absl::string_view text, uint64_t* number) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text[0]))) {
    text.remove_prefix(1);
  }
  const bool is_negative = !text.empty() && text[0] == '-';
  if (is_negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  if (text.empty()) return false;
  uint64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return false;
    if (__builtin_mul_overflow(value, uint64_t{10}, &value) ||
        __builtin_add_overflow(value, static_cast<uint64_t>(digit - '0'), &value)) {
      return false;
    }
  }
  *number = is_negative ? 0 - value : value;
  return true;
}

bool ParseNumber(absl::string_view text, uint64_t* number) {
  int64_t integer;
  if (ParseInt64(text, &integer)) {
    *number = static_cast<uint64_t>(integer);
    return integer >= 0;
  }
  return ParseLenientNumber(text, number);
}

bool InvalidId(const CommandContext& ctx) {
  ctx.reply.Error("ERR Invalid stream ID specified as stream command argument");
  return false;
}

// One end of an interval; *is_excluded says that it was written with a "(".
bool ParseIntervalEnd(absl::string_view text, uint64_t missing_seq, StreamId* id,
                      bool* is_excluded) {
  *is_excluded = text.size() > 1 && text[0] == '(';
  return *is_excluded ? ParseStreamId(text.substr(1), missing_seq, id)
                      : ParseStreamIdOrEnd(text, missing_seq, id);
}

}  // namespace

bool ParseStreamId(absl::string_view text, uint64_t missing_seq, StreamId* id, bool* seq_given) {
  if (text.size() > kIdBytesMax) return false;
  text = UpToNul(text);
  if (seq_given != nullptr) *seq_given = true;
  const size_t dash = text.find('-');
  StreamId parsed;
  if (!ParseNumber(text.substr(0, dash), &parsed.ms)) return false;
  if (dash == absl::string_view::npos) {
    parsed.seq = missing_seq;
  } else if (seq_given != nullptr && text.substr(dash + 1) == "*") {
    *seq_given = false;
  } else if (!ParseNumber(text.substr(dash + 1), &parsed.seq)) {
    return false;
  }
  *id = parsed;
  return true;
}

bool ParseStreamIdOrEnd(absl::string_view text, uint64_t missing_seq, StreamId* id) {
  if (text.size() <= kIdBytesMax) {
    const absl::string_view word = UpToNul(text);
    if (word == "-") *id = StreamId::Min();
    if (word == "+") *id = StreamId::Max();
    if (word == "-" || word == "+") return true;
  }
  return ParseStreamId(text, missing_seq, id);
}

bool ReadStreamId(const CommandContext& ctx, size_t index, StreamId* id, uint64_t missing_seq) {
  return ParseStreamId(ctx.args[index], missing_seq, id) || InvalidId(ctx);
}

bool ReadIntervalStart(const CommandContext& ctx, size_t index, StreamId* id) {
  bool is_excluded;
  if (!ParseIntervalEnd(ctx.args[index], 0, id, &is_excluded)) return InvalidId(ctx);
  if (!is_excluded || id->Increment()) return true;
  ctx.reply.Error("ERR invalid start ID for the interval");
  return false;
}

bool ReadIntervalEnd(const CommandContext& ctx, size_t index, StreamId* id) {
  bool is_excluded;
  constexpr uint64_t kLast = std::numeric_limits<uint64_t>::max();
  if (!ParseIntervalEnd(ctx.args[index], kLast, id, &is_excluded)) return InvalidId(ctx);
  if (!is_excluded || id->Decrement()) return true;
  ctx.reply.Error("ERR invalid end ID for the interval");
  return false;
}

bool ReadInteger(const CommandContext& ctx, size_t index, absl::string_view error, int64_t* value) {
  if (ParseInt64(ctx.args[index], value)) return true;
  ctx.reply.Error(absl::StrCat("ERR ", error));
  return false;
}

bool ReadStreamIds(const CommandContext& ctx, size_t index, std::vector<StreamId>* ids) {
  ids->reserve(ctx.args.size() - index);
  for (; index < ctx.args.size(); ++index) {
    StreamId id;
    if (!ReadStreamId(ctx, index, &id)) return false;
    ids->push_back(id);
  }
  return true;
}

absl::string_view UpToNul(absl::string_view text) { return text.substr(0, text.find('\0')); }

void SubcommandSyntaxError(const CommandContext& ctx, absl::string_view container) {
  ctx.reply.Error(absl::StrCat("ERR unknown subcommand or wrong number of arguments for '",
                               UpToNul(ctx.args[1]).substr(0, 128), "'. Try ", container,
                               " HELP."));
}

}  // namespace damselfly
