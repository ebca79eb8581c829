// A session's subscriptions, and what they push to its client.

#include <utility>

#include "server/base/check.h"
#include "server/base/crc16.h"
#include "server/session/session.h"

namespace damselfly {

bool Session::Subscribe(SubscriptionKind kind, absl::string_view name) {
  // A subscription of before a slot went is none any more.
  worker_.subscriptions().CatchUp();
  if (subscriptions_ == nullptr) subscriptions_ = std::make_unique<SubscriptionSet>();
  if (subscriptions_->Has(kind, name)) return false;
  subscriptions_->Add(kind, name, worker_.subscriptions().Add(kind, name, this));
  ShowSubscriptions();
  return true;
}

bool Session::Unsubscribe(SubscriptionKind kind, absl::string_view name) {
  if (subscriptions_ == nullptr) return false;
  const uint64_t number = subscriptions_->Remove(kind, name);
  if (number == 0) return false;
  worker_.subscriptions().Remove(kind, name, number);
  ShowSubscriptions();
  return true;
}

void Session::UnsubscribeAll() {
  if (subscriptions_ == nullptr) return;
  for (SubscriptionKind kind :
       {SubscriptionKind::kChannel, SubscriptionKind::kShardChannel, SubscriptionKind::kPattern}) {
    for (const std::string& name : subscriptions_->Names(kind)) Unsubscribe(kind, name);
  }
  subscriptions_.reset();
}

void Session::ShowSubscriptions() {
  const auto show = [this](std::atomic<int64_t>& count, SubscriptionKind kind) {
    count.store(subscriptions_->count(kind), std::memory_order_relaxed);
  };
  show(info_.channel_count, SubscriptionKind::kChannel);
  show(info_.pattern_count, SubscriptionKind::kPattern);
  show(info_.shard_channel_count, SubscriptionKind::kShardChannel);
  info_.SetFlag(ClientInfo::kPubSub, subscriptions_->total_count() > 0);
}

std::vector<std::string> Session::SubscribedNames(SubscriptionKind kind) const {
  return subscriptions_ == nullptr ? std::vector<std::string>() : subscriptions_->Names(kind);
}

// Redis counts channels and patterns together, shard channels by themselves.
int64_t Session::ConfirmedCount(SubscriptionKind kind) const {
  if (subscriptions_ == nullptr) return 0;
  if (kind == SubscriptionKind::kShardChannel) return subscriptions_->count(kind);
  return subscriptions_->count(SubscriptionKind::kChannel) +
         subscriptions_->count(SubscriptionKind::kPattern);
}

// Never within a reply. CLIENT REPLY OFF and SKIP do not touch pushes, but throw away what the
// command writes.
OutputBuffer* Session::PushTarget(PushPlace place) {
  if (!executing_) return &output_;
  if (muted()) return &late_pushes_;
  if (publishes_) return &output_;
  return in_handler_ && place == PushPlace::kBeforeReply ? &early_pushes_ : &late_pushes_;
}

void Session::Push(PushPlace place, absl::FunctionRef<void(ReplyWriter&)> fill) {
  if (closing_) return;
  OutputBuffer* const output = reply_.output();
  reply_.set_output(PushTarget(place));
  fill(reply_);
  reply_.set_output(output);
  // One publication may be pushed thousands of times, and is sent in a later pass only.
  const int64_t limit_bytes = server_.config().output_limits(ClientClass::kPubSub).hard_bytes;
  if (limit_bytes > 0 && static_cast<int64_t>(output_.size()) >= limit_bytes) {
    pushed_too_much_ = true;
    closing_ = true;
  }
  if (executing_ || push_pending_) return;
  push_pending_ = true;
  worker_.subscriptions().FlushLater(*this);
}

void Session::PushConfirmation(absl::string_view what, SubscriptionKind kind,
                               const absl::string_view* name) {
  const int64_t count = ConfirmedCount(kind);
  Push(PushPlace::kBeforeReply, [&](ReplyWriter& reply) {
    reply.Push(3);
    reply.Bulk(what);
    name != nullptr ? reply.Bulk(*name) : reply.Null();
    reply.Integer(count);
  });
}

void Session::PushMessage(const Publication& publication, const absl::string_view* pattern) {
  Push(PushPlace::kBeforeReply, [&](ReplyWriter& reply) {
    reply.Push(pattern != nullptr ? 4 : 3);
    if (pattern != nullptr) {
      reply.Bulk("pmessage");
      reply.Bulk(*pattern);
    } else {
      reply.Bulk(publication.kind == SubscriptionKind::kShardChannel ? "smessage" : "message");
    }
    reply.Bulk(publication.channel);
    if (publication.payload_blob) {
      reply.Bulk(publication.payload_blob, 0, publication.payload.size());
    } else {
      reply.Bulk(publication.payload);
    }
  });
}

void Session::PlacePushes(const OutputBuffer::Mark& reply) {
  if (!early_pushes_.empty()) {
    output_.Insert(reply, early_pushes_.ToString());
    early_pushes_.Clear();
  }
  PlaceLatePushes();
}

void Session::PlaceLatePushes() {
  if (late_pushes_.empty()) return;
  output_.Append(late_pushes_.ToString());
  late_pushes_.Clear();
}

void Session::FlushPushed() {
  push_pending_ = false;
  Flush();
}

void Session::DropShardChannels(const SlotSet& lost) {
  for (const std::string& channel : SubscribedNames(SubscriptionKind::kShardChannel)) {
    if (!lost.test(KeySlot(channel))) continue;
    Unsubscribe(SubscriptionKind::kShardChannel, channel);
    const absl::string_view name = channel;
    PushConfirmation("sunsubscribe", SubscriptionKind::kShardChannel, &name);
  }
}

}  // namespace damselfly
