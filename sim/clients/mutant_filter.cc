#include "sim/clients/mutant_filter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {
namespace {

constexpr uint32_t kOften = 65536 / 16;
constexpr uint32_t kSeldom = 65536 / 64;

Reply SimpleReply(const std::string& text) {
  Reply reply;
  reply.type = Reply::Type::kSimpleString;
  reply.text = text;
  return reply;
}

}  // namespace

std::vector<Args> MutantFilter::Outgoing(const Args& args) {
  const std::string& name = args[0];
  switch (world_->mutant()) {
    case Mutant::kTransactionTorn:
      // Those that watch nothing: else it would be S29 that finds it, always.
      if (name == "WATCH") watching_ = true;
      if (!watching_ && (name == "MULTI" || name == "EXEC" || name == "DISCARD")) return {{"PING"}};
      if (name == "EXEC" || name == "DISCARD" || name == "UNWATCH" || name == "RESET")
        watching_ = false;
      break;
    case Mutant::kWatchIgnored:
      if (name == "WATCH") return {{"PING"}};
      break;
    case Mutant::kWatchAlwaysFails:
      if (name == "WATCH") watching_ = true;
      if (name == "MULTI") queue_refused_ = false;
      if (name == "UNWATCH" || name == "DISCARD") watching_ = false;
      if (name == "EXEC" && std::exchange(watching_, false)) return {{"DISCARD"}};
      break;
    case Mutant::kWriteLost:
      if (name == "SET" && args.size() == 3 && world_->MutantStrikes(Mutant::kWriteLost, kOften))
        return {{"PING"}};
      break;
    case Mutant::kWriteTwice:
      if (name == "INCR" && world_->MutantStrikes(Mutant::kWriteTwice, kOften)) return {args, args};
      break;
    case Mutant::kExpiryDropped:
      if (name == "SET" && args.size() == 5 && args[3] == "PX") return {{"SET", args[1], args[2]}};
      break;
    case Mutant::kCrossSlotHalfDone:
      if (name == "MSET" && KeySlot(args[1]) != KeySlot(args[args.size() - 2]))
        return {{"SET", args[1], args[2]}, args};
      break;
    case Mutant::kExecNotRechecked:
      if (name == "MULTI") {
        queued_count_ = 0;
      } else if (name != "EXEC") {
        ++queued_count_;
      }
      break;
    case Mutant::kNullExecRuns:
      // Where EXEC succeeds, what comes behind it at once changes nothing. Null it answers only who
      // watches.
      if (name == "WATCH") watching_ = true;
      if (name == "UNWATCH" || name == "DISCARD") watching_ = false;
      if (name == "MULTI" || name == "DISCARD") queued_writes_.clear();
      if (in_transaction_ && name == "SET") queued_writes_.push_back(args);
      if (name == "EXEC" && std::exchange(watching_, false)) {
        std::vector<Args> calls = {args};
        // One of two slots would be S7's.
        const bool one_slot =
            std::all_of(queued_writes_.begin(), queued_writes_.end(), [this](const Args& write) {
              return KeySlot(write[1]) == KeySlot(queued_writes_.front()[1]);
            });
        for (Args& write : queued_writes_) {
          if (one_slot) calls.push_back(std::move(write));
        }
        queued_writes_.clear();
        in_transaction_ = false;
        return calls;
      }
      break;
    case Mutant::kAppendTwice:
      // Within a transaction EXEC would answer once more.
      if (name == "APPEND" && !in_transaction_ &&
          world_->MutantStrikes(Mutant::kAppendTwice, kOften))
        return {args, args};
      break;
    case Mutant::kSelectLost:
      if (name == "SELECT" && connection_count_ > 1) return {{"PING"}};
      break;
    default:
      break;
  }
  if (name == "MULTI") in_transaction_ = true;
  if (name == "EXEC" || name == "DISCARD" || name == "RESET") in_transaction_ = false;
  return Rewritten(args, world_->mutant(), in_transaction_);
}

std::vector<Args> MutantFilter::Rewritten(const Args& args, Mutant mutant, bool in_transaction) {
  const std::string& name = args[0];
  const absl::string_view last = args.back();
  const Args without_last(args.begin(), args.end() - 1);
  switch (mutant) {
    case Mutant::kDiscardExecutes:
      if (name == "DISCARD") return {{"EXEC"}};
      break;
    case Mutant::kConditionIgnored:
      if ((name == "SET" || name == "PEXPIRE") && args.size() == 4 &&
          (last == "NX" || last == "XX"))
        return {without_last};
      break;
    case Mutant::kRunsBehindQuit:
      if (name == "QUIT") return {{"PING"}};
      break;
    case Mutant::kGetDelKeeps:
      if (name == "GETDEL") return {{"GET", args[1]}};
      break;
    case Mutant::kKeepTtlIgnored:
      if (name == "SET" && last == "KEEPTTL") return {without_last};
      break;
    case Mutant::kUnwatchIgnored:
      if (name == "UNWATCH" && !in_transaction) return {{"PING"}};
      break;
    case Mutant::kRangeEndExclusive: {
      int64_t end = 0;
      if (name != "GETRANGE" || !absl::SimpleAtoi(args[3], &end) || end == 0) break;
      return {{"GETRANGE", args[1], args[2], absl::StrCat(end - 1)}};
    }
    case Mutant::kRenameLosesDeadline:
      if (name == "RENAME" && !in_transaction) return {args, {"PERSIST", args[2]}};
      break;
    case Mutant::kMsetnxHalfDone:
      if (name == "MSETNX" && !in_transaction) return {args, {"SET", args[1], args[2], "NX"}};
      break;
    default:
      break;
  }
  return {args};
}

Reply MutantFilter::Incoming(const Args& args, std::vector<Reply> replies) {
  const std::string& name = args[0];
  const bool first_counts = world_->mutant() == Mutant::kRenameLosesDeadline ||
                            world_->mutant() == Mutant::kMsetnxHalfDone ||
                            world_->mutant() == Mutant::kNullExecRuns;
  Reply reply = std::move(first_counts ? replies.front() : replies.back());
  const bool faked =
      reply.type == Reply::Type::kSimpleString && reply.text == "PONG" && name != "PING";
  if (world_->mutant() == Mutant::kTransactionTorn) {
    if (name == "MULTI" && faked) {
      reply_in_transaction_ = true;
      torn_replies_.clear();
      return SimpleReply("OK");
    }
    if (faked && (name == "EXEC" || name == "DISCARD")) {
      reply_in_transaction_ = false;
      if (name == "DISCARD") return SimpleReply("OK");
      Reply array;
      array.type = Reply::Type::kArray;
      array.elements = std::move(torn_replies_);
      return array;
    }
    if (name == "RESET") reply_in_transaction_ = false;
    if (reply_in_transaction_) {
      torn_replies_.push_back(std::move(reply));
      return SimpleReply("QUEUED");
    }
  } else if (faked) {
    return SimpleReply("OK");
  }
  if (world_->mutant() == Mutant::kStaleRead && name == "GET" && !reply.is_error()) {
    const auto [last, is_new] = last_read_.emplace(args[1], reply);
    const Reply before = std::exchange(last->second, reply);
    if (!is_new && world_->MutantStrikes(Mutant::kStaleRead, kOften)) return before;
  }
  if (world_->MutantStrikes(Mutant::kReplyRepeated, kSeldom)) return last_reply_;
  if (world_->mutant() == Mutant::kReplyRepeated) last_reply_ = reply;
  ReplyChanged(args, &reply);
  return IncomingFromCluster(args, std::move(reply));
}

void MutantFilter::ReplyChanged(const Args& args, Reply* reply) const {
  const std::string& name = args[0];
  switch (world_->mutant()) {
    case Mutant::kDiscardExecutes:
      if (name == "DISCARD") *reply = SimpleReply("OK");
      break;
    case Mutant::kExecRepliesSwapped:
      if (name == "EXEC" && reply->elements.size() > 1)
        std::swap(reply->elements[0], reply->elements[1]);
      break;
    case Mutant::kKeysMissOne:
      if (name == "KEYS" && !reply->elements.empty()) reply->elements.pop_back();
      break;
    case Mutant::kWaitWishful: {
      int64_t wanted = 0;
      if (name == "WAIT" && reply->type == Reply::Type::kInteger &&
          absl::SimpleAtoi(args[1], &wanted))
        reply->integer = wanted;
      break;
    }
    default:
      break;
  }
}

Reply MutantFilter::IncomingFromCluster(const Args& args, Reply reply) {
  const bool moved = reply.is_error() && absl::StartsWith(reply.text, "MOVED ");
  switch (world_->mutant()) {
    case Mutant::kMovedToSelf:
      if (moved && world_->MutantStrikes(Mutant::kMovedToSelf, kOften)) {
        const std::vector<std::string> words = absl::StrSplit(reply.text, ' ');
        reply.text = absl::StrCat("MOVED ", words[1], " ", server_);
      }
      break;
    case Mutant::kMovedToOldOwner:
      if (moved) {
        const std::vector<std::string> words = absl::StrSplit(reply.text, ' ');
        const auto [last, is_new] = last_moved_.emplace(words[1], reply);
        if (!is_new) return std::exchange(last->second, reply);
      }
      break;
    case Mutant::kEmptyTagCounts:
      if (moved && args.size() > 1 && absl::StartsWith(args[1], "{}")) {
        const std::vector<std::string> words = absl::StrSplit(reply.text, ' ');
        reply.text = absl::StrCat("MOVED 0 ", words[2]);
      }
      break;
    case Mutant::kForeignSlotServed:
      if (moved && args[0] == "GET" && world_->MutantStrikes(Mutant::kForeignSlotServed, kOften))
        return Reply();
      break;
    case Mutant::kUnconfiguredServes:
      if (args[0] == "GET" && absl::StrContains(reply.text, "not yet configured")) return Reply();
      break;
    case Mutant::kExecNotRechecked:
      if (moved && args[0] == "EXEC") {
        Reply array;
        array.type = Reply::Type::kArray;
        array.elements.assign(queued_count_, SimpleReply("OK"));
        return array;
      }
      break;
    case Mutant::kWatchAlwaysFails:
      queue_refused_ = queue_refused_ || reply.is_error();
      if (args[0] == "WATCH" && reply.is_error()) watching_ = false;
      // Only DISCARD, which went in its place, is answered so.
      if (args[0] == "EXEC" && reply.is_ok()) {
        if (!queue_refused_) return Reply();
        reply.type = Reply::Type::kError;
        reply.text = "EXECABORT Transaction discarded because of previous errors.";
      }
      break;
    case Mutant::kSlotsShowOldOwner:
      if (args.size() == 2 && args[1] == "SLOTS" && !reply.is_error()) {
        const Reply before = std::exchange(last_slots_, reply);
        if (!before.is_null()) return before;
      }
      break;
    default:
      break;
  }
  return reply;
}

void MutantFilter::OnNewConnection(std::string server) {
  server_ = std::move(server);
  ++connection_count_;
  in_transaction_ = false;
  queued_writes_.clear();
  last_slots_ = Reply();
  last_moved_.clear();
  watching_ = reply_in_transaction_ = false;
  torn_replies_.clear();
}

}  // namespace damselfly::sim
