#include "sim/clients/mutant_filter.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/crc16.h"

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
      if (name == "EXEC" || name == "DISCARD" || name == "UNWATCH") watching_ = false;
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
      if (name == "MSET" && args.size() == 5 && KeySlot(args[1]) != KeySlot(args[3]))
        return {{"SET", args[1], args[2]}, args};
      break;
    case Mutant::kExecNotRechecked:
      if (name == "MULTI") {
        queued_count_ = 0;
      } else if (name != "EXEC") {
        ++queued_count_;
      }
      break;
    default:
      break;
  }
  return {args};
}

Reply MutantFilter::Incoming(const Args& args, std::vector<Reply> replies) {
  const std::string& name = args[0];
  Reply reply = std::move(replies.back());
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
  return IncomingFromCluster(args, std::move(reply));
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
  last_slots_ = Reply();
  last_moved_.clear();
  watching_ = reply_in_transaction_ = false;
  torn_replies_.clear();
}

}  // namespace damselfly::sim
