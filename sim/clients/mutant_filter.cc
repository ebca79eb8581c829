#include "sim/clients/mutant_filter.h"

#include <utility>

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
  return reply;
}

void MutantFilter::OnNewConnection() {
  watching_ = reply_in_transaction_ = false;
  torn_replies_.clear();
}

}  // namespace damselfly::sim
