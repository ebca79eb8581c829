#include "server/commands/streams/stream_trim_arguments.h"

#include <algorithm>
#include <cstdint>

#include "server/commands/streams/stream_arguments.h"

namespace damselfly {
namespace {

// One call of ReadStreamTrimArguments.
class TrimArgumentReader {
 public:
  TrimArgumentReader(const CommandContext& ctx, bool is_add, StreamTrimArguments* out)
      : ctx_(ctx), is_add_(is_add), out_(*out) {}

  bool Read() {
    for (bool has_id = false; at_ < ctx_.args.size() && !has_id; ++at_) {
      if (!ReadOne(&has_id)) return false;
    }
    out_.first_field_index = at_;
    return CheckTogether();
  }

 private:
  // The option at at_, which is moved to its last argument; *has_id says that it was XADD's ID.
  bool ReadOne(bool* has_id) {
    const bool has_more = at_ + 1 < ctx_.args.size();
    if (is_add_ && ctx_.args[at_] == "*") {
      *has_id = true;
      return true;
    }
    if (has_more && ctx_.ArgIs(at_, "MAXLEN")) return ReadStrategy(StreamTrim::By::kLength);
    if (has_more && ctx_.ArgIs(at_, "MINID")) return ReadStrategy(StreamTrim::By::kId);
    if (has_more && ctx_.ArgIs(at_, "LIMIT")) return ReadLimit();
    if (is_add_ && ctx_.ArgIs(at_, "NOMKSTREAM")) {
      out_.no_stream_made = true;
      return true;
    }
    if (!is_add_) {
      ctx_.SyntaxError();
      return false;
    }
    StreamId id;
    if (!ParseStreamId(ctx_.args[at_], 0, &id, &out_.seq_given)) {
      return ReadStreamId(ctx_, at_, &id);
    }
    out_.id = id;
    *has_id = true;
    return true;
  }

  bool ReadStrategy(StreamTrim::By by) {
    if (out_.trim) {
      return Fail("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
    }
    StreamTrim trim;
    trim.by = by;
    ++at_;
    if (at_ + 1 < ctx_.args.size() && (ctx_.args[at_] == "~" || ctx_.args[at_] == "=")) {
      trim.whole_blocks = ctx_.args[at_] == "~";
      ++at_;
    }
    if (by == StreamTrim::By::kId) {
      if (!ReadStreamId(ctx_, at_, &trim.id_min)) return false;
    } else {
      int64_t length;
      if (!ctx_.ParseInteger(at_, &length)) return false;
      if (length < 0) return Fail("ERR The MAXLEN argument must be >= 0.");
      trim.length_max = static_cast<uint64_t>(length);
    }
    out_.trim = trim;
    return true;
  }

  bool ReadLimit() {
    ++at_;
    if (!ctx_.ParseInteger(at_, &limit_)) return false;
    if (limit_ < 0) return Fail("ERR The LIMIT argument must be >= 0.");
    limit_given_ = true;
    return true;
  }

  bool CheckTogether() {
    if (!out_.trim) {
      if (limit_ != 0) {
        return Fail(
            "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
      }
      if (!is_add_) {
        return Fail("ERR syntax error, XTRIM must be called with a trimming strategy");
      }
    }
    const bool is_approximate = out_.trim && out_.trim->whole_blocks;
    if (limit_given_ && !is_approximate) {
      return Fail("ERR syntax error, LIMIT cannot be used without the special ~ option");
    }
    if (is_approximate) out_.trim->limit = limit_given_ ? Number(limit_) : DefaultLimit();
    return true;
  }

  // Some hundred blocks.
  uint64_t DefaultLimit() const {
    constexpr int64_t kBlocks = 100, kWithoutBlockSize = 10'000, kMost = 1'000'000;
    const int64_t block_entries = ctx_.store.value_context().stream_node_max_entries;
    if (block_entries <= 0) return Number(kWithoutBlockSize);
    return Number(std::min(kBlocks * std::min(block_entries, kMost), kMost));
  }

  static uint64_t Number(int64_t value) { return static_cast<uint64_t>(value); }

  bool Fail(absl::string_view error) const {
    ctx_.reply.Error(error);
    return false;
  }

  const CommandContext& ctx_;
  const bool is_add_;
  StreamTrimArguments& out_;
  size_t at_ = 2;
  int64_t limit_ = 0;
  bool limit_given_ = false;
};

}  // namespace

bool ReadStreamTrimArguments(const CommandContext& ctx, bool is_add,
                             StreamTrimArguments* arguments) {
  return TrimArgumentReader(ctx, is_add, arguments).Read();
}

}  // namespace damselfly
