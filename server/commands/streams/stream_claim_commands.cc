#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/numbers.h"
#include "server/commands/command_context.h"
#include "server/commands/streams/stream_arguments.h"
#include "server/commands/streams/stream_handlers.h"
#include "server/commands/streams/stream_reply.h"
#include "server/store/stream_edit.h"

namespace damselfly {
namespace {

// Whether the entry of args[1] is a stream with the group in args[2]; false, with the error, if
// not.
bool HasGroup(CommandContext& ctx, const Entry* entry) {
  if (entry != nullptr && entry->type() != ValueType::kStream) {
    ctx.WrongType();
    return false;
  }
  if (entry != nullptr && entry->as<StreamValue>().FindGroup(ctx.args[2]) != nullptr) return true;
  NoKeyOrGroup(ctx, ctx.args[1], ctx.args[2]);
  return false;
}

// The consumer in args[3], who is seen, or comes into being, with the first entry that it claims.
class Claimer {
 public:
  Claimer(const CommandContext& ctx, const StreamGroup& group, StreamEdit* edit)
      : ctx_(ctx), group_(group), edit_(*edit) {}

  const StreamConsumer& Consumer() {
    if (consumer_ != nullptr) return *consumer_;
    consumer_ = group_.FindConsumer(ctx_.args[3]);
    is_new_ = consumer_ == nullptr;
    if (is_new_) {
      consumer_ = edit_.CreateConsumer(group_, ctx_.args[3], ctx_.now_ms());
    } else {
      edit_.See(group_, *consumer_, ctx_.now_ms());
    }
    return *consumer_;
  }
  bool is_new() const { return is_new_; }

 private:
  const CommandContext& ctx_;
  const StreamGroup& group_;
  StreamEdit& edit_;
  const StreamConsumer* consumer_ = nullptr;
  bool is_new_ = false;
};

void NotifyOfConsumer(const CommandContext& ctx, bool is_new) {
  if (is_new) ctx.Notify(KeyEventClass::kStream, "xgroup-createconsumer", ctx.args[1]);
}

void ReplyClaimed(const CommandContext& ctx, const StreamValue& stream, const StreamId& id,
                  bool just_id) {
  if (just_id) {
    ReplyStreamId(ctx, id);
  } else {
    ReplyEntryWithId(ctx, stream, id);
  }
}

struct ClaimArguments {
  int64_t idle_min_ms = 0;
  std::vector<StreamId> ids;
  int64_t delivered_ms = 0;  // what the claimed entries' time becomes
  absl::optional<uint64_t> deliveries;
  bool force = false;
  bool just_id = false;
  StreamId last_id;
};

// The option at args[*index], which is moved to its last argument.
bool ReadClaimOption(const CommandContext& ctx, size_t* index, absl::optional<int64_t>* time_ms,
                     ClaimArguments* arguments) {
  const size_t at = *index;
  const bool has_more = at + 1 < ctx.args.size();
  int64_t number;
  if (ctx.ArgIs(at, "FORCE")) {
    arguments->force = true;
    return true;
  }
  if (ctx.ArgIs(at, "JUSTID")) {
    arguments->just_id = true;
    return true;
  }
  if (has_more) ++*index;
  if (has_more && ctx.ArgIs(at, "IDLE")) {
    if (!ReadInteger(ctx, at + 1, "Invalid IDLE option argument for XCLAIM", &number)) return false;
    *time_ms =
        static_cast<int64_t>(static_cast<uint64_t>(ctx.now_ms()) - static_cast<uint64_t>(number));
  } else if (has_more && ctx.ArgIs(at, "TIME")) {
    if (!ReadInteger(ctx, at + 1, "Invalid TIME option argument for XCLAIM", &number)) return false;
    *time_ms = number;
  } else if (has_more && ctx.ArgIs(at, "RETRYCOUNT")) {
    if (!ReadInteger(ctx, at + 1, "Invalid RETRYCOUNT option argument for XCLAIM", &number)) {
      return false;
    }
    arguments->deliveries = absl::nullopt;
    if (number >= 0) arguments->deliveries = static_cast<uint64_t>(number);
  } else if (has_more && ctx.ArgIs(at, "LASTID")) {
    return ReadStreamId(ctx, at + 1, &arguments->last_id);
  } else {
    ctx.reply.Error(absl::StrCat("ERR Unrecognized XCLAIM option '", UpToNul(ctx.args[at]), "'"));
    return false;
  }
  return true;
}

bool ReadClaimArguments(const CommandContext& ctx, ClaimArguments* arguments) {
  if (!ReadInteger(ctx, 4, "Invalid min-idle-time argument for XCLAIM", &arguments->idle_min_ms)) {
    return false;
  }
  size_t at = 5;
  for (StreamId id; at < ctx.args.size() && ParseStreamId(ctx.args[at], 0, &id); ++at) {
    arguments->ids.push_back(id);
  }
  absl::optional<int64_t> time_ms;
  for (; at < ctx.args.size(); ++at) {
    if (!ReadClaimOption(ctx, &at, &time_ms, arguments)) return false;
  }
  // A time that cannot be is taken for now: clients reckon with clocks of their own.
  const int64_t now_ms = ctx.now_ms();
  arguments->delivered_ms = time_ms && *time_ms >= 0 && *time_ms <= now_ms ? *time_ms : now_ms;
  return true;
}

// Claims one entry; returns whether that was done.
bool Claim(const CommandContext& ctx, const ClaimArguments& arguments, const StreamGroup& group,
           Claimer* claimer, const StreamId& id, StreamEdit* edit) {
  if (!edit->stream().Contains(id)) {
    edit->DropPending(group, id);
    return false;
  }
  const StreamPendingEntry* const entry = group.FindPending(id);
  if (entry == nullptr && !arguments.force) return false;
  if (entry != nullptr && arguments.idle_min_ms > 0 &&
      ctx.now_ms() - entry->delivered_ms < arguments.idle_min_ms) {
    return false;
  }
  uint64_t deliveries = entry != nullptr ? entry->deliveries : 1;
  if (arguments.deliveries) {
    deliveries = *arguments.deliveries;
  } else if (!arguments.just_id) {
    ++deliveries;
  }
  edit->SetPending(group, id, claimer->Consumer(), arguments.delivered_ms, deliveries);
  return true;
}

}  // namespace

void XClaimCommand(CommandContext& ctx) {
  ClaimArguments arguments;
  if (!HasGroup(ctx, ctx.db.FindCounted(ctx.KeyAt(1))) || !ReadClaimArguments(ctx, &arguments))
    return;
  bool is_new_consumer;
  {
    StreamEdit edit(&ctx.db, ctx.KeyAt(1));
    const StreamGroup& group = *edit->FindGroup(ctx.args[2]);
    if (arguments.last_id > group.last_id()) {
      edit.SetPosition(group, arguments.last_id, group.entries_read());
    }
    Claimer claimer(ctx, group, &edit);
    const ReplyWriter::Deferred array = ctx.reply.Defer();
    size_t claimed = 0;
    for (const StreamId& id : arguments.ids) {
      if (!Claim(ctx, arguments, group, &claimer, id, &edit)) continue;
      ReplyClaimed(ctx, edit.stream(), id, arguments.just_id);
      ++claimed;
    }
    ctx.reply.CloseArray(array, claimed);
    is_new_consumer = claimer.is_new();
  }
  NotifyOfConsumer(ctx, is_new_consumer);
}

namespace {

// So many entries are looked at for each one that is wanted.
constexpr int64_t kAttemptsAnEntry = 10;

struct AutoClaimArguments {
  int64_t idle_min_ms = 0;
  StreamId start;
  int64_t count = 100;
  bool just_id = false;
};

bool ReadAutoClaimArguments(const CommandContext& ctx, AutoClaimArguments* arguments) {
  if (!ReadInteger(ctx, 4, "Invalid min-idle-time argument for XAUTOCLAIM",
                   &arguments->idle_min_ms) ||
      !ReadIntervalStart(ctx, 5, &arguments->start)) {
    return false;
  }
  for (size_t i = 6; i < ctx.args.size(); ++i) {
    if (i + 1 < ctx.args.size() && ctx.ArgIs(i, "COUNT")) {
      constexpr int64_t kCountMax = std::numeric_limits<int64_t>::max() /
                                    std::max<int64_t>(StreamId::kEncodedBytes, kAttemptsAnEntry);
      if (!ParseInt64(ctx.args[++i], &arguments->count) || arguments->count < 1 ||
          arguments->count > kCountMax) {
        ctx.reply.Error("ERR COUNT must be > 0");
        return false;
      }
    } else if (ctx.ArgIs(i, "JUSTID")) {
      arguments->just_id = true;
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

// What XAUTOCLAIM finds.
struct AutoClaim {
  std::vector<StreamId> claimed;
  std::vector<StreamId> gone;  // no longer in the stream
  StreamId next;               // where to go on; zero: that was all
};

AutoClaim Choose(const CommandContext& ctx, const AutoClaimArguments& arguments,
                 const StreamValue& stream, const StreamGroup& group) {
  AutoClaim chosen;
  int64_t attempts = arguments.count * kAttemptsAnEntry;
  int64_t left = arguments.count;
  auto at = group.pending().lower_bound(arguments.start);
  for (; attempts > 0 && left > 0 && at != group.pending().end(); --attempts, ++at) {
    if (!stream.Contains(at->first)) {
      chosen.gone.push_back(at->first);
      --left;
      continue;
    }
    if (arguments.idle_min_ms > 0 &&
        ctx.now_ms() - at->second.delivered_ms < arguments.idle_min_ms) {
      continue;
    }
    chosen.claimed.push_back(at->first);
    --left;
  }
  if (at != group.pending().end()) chosen.next = at->first;
  return chosen;
}

}  // namespace

void XAutoClaimCommand(CommandContext& ctx) {
  AutoClaimArguments arguments;
  // The key is looked at before the arguments are, and judged behind them.
  const Entry* const entry = ctx.db.FindCounted(ctx.KeyAt(1));
  if (!ReadAutoClaimArguments(ctx, &arguments) || !HasGroup(ctx, entry)) return;
  bool is_new_consumer;
  {
    StreamEdit edit(&ctx.db, ctx.KeyAt(1));
    const StreamGroup& group = *edit->FindGroup(ctx.args[2]);
    Claimer claimer(ctx, group, &edit);
    const AutoClaim chosen = Choose(ctx, arguments, edit.stream(), group);
    for (const StreamId& id : chosen.gone) edit.DropPending(group, id);
    ctx.reply.Array(3);
    ReplyStreamId(ctx, chosen.next);
    ctx.reply.Array(chosen.claimed.size());
    for (const StreamId& id : chosen.claimed) {
      const uint64_t deliveries = group.FindPending(id)->deliveries + (arguments.just_id ? 0 : 1);
      edit.SetPending(group, id, claimer.Consumer(), ctx.now_ms(), deliveries);
      ReplyClaimed(ctx, edit.stream(), id, arguments.just_id);
    }
    ctx.reply.Array(chosen.gone.size());
    for (const StreamId& id : chosen.gone) ReplyStreamId(ctx, id);
    is_new_consumer = claimer.is_new();
  }
  NotifyOfConsumer(ctx, is_new_consumer);
}

}  // namespace damselfly
