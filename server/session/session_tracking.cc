// A session's part in client-side caching: what it has read, and what its client is told.

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// Where clients of RESP2, which knows no pushes, listen for another client's invalidations.
constexpr absl::string_view kInvalidationChannel = "__redis__:invalidate";

void WriteKeys(ReplyWriter& reply, const Invalidation& invalidation, int origin_protocol) {
  if (invalidation.all) {
    // "Everything" is a null, in the notation of who tracks where the receiver knows it.
    if (origin_protocol == 2) return reply.Raw("$-1\r\n");
    return reply.Null();
  }
  reply.Array(invalidation.keys.size());
  for (absl::string_view key : invalidation.keys) reply.Bulk(key);
}

}  // namespace

void Session::EnableTracking(TrackingOptions options) {
  if (tracking_ == nullptr) {
    tracking_ = std::make_unique<ClientTracking>();
    server_.tracking().CountClient(1);
  }
  TrackingOptions& current = tracking_->options;
  // Those that it listens to already stay.
  std::set<std::string> prefixes = std::move(current.prefixes);
  if (options.broadcast) {
    if (options.prefixes.empty()) options.prefixes.insert("");
    for (const std::string& prefix : options.prefixes) {
      if (prefixes.insert(prefix).second) worker_.tracking().AddListener(prefix, this);
    }
  }
  current = std::move(options);
  current.prefixes = std::move(prefixes);
  info_.SetFlag(ClientInfo::kTracking, true);
  info_.SetFlag(ClientInfo::kTrackingBroadcast, current.broadcast);
  info_.SetFlag(ClientInfo::kTrackingBroken, false);
  info_.redirect.store(static_cast<int64_t>(current.redirect), std::memory_order_relaxed);
}

void Session::DisableTracking() {
  if (tracking_ == nullptr) return;
  for (const std::string& prefix : tracking_->options.prefixes)
    worker_.tracking().RemoveListener(prefix, this);
  tracking_.reset();
  server_.tracking().CountClient(-1);
  info_.SetFlag(
      ClientInfo::kTracking | ClientInfo::kTrackingBroadcast | ClientInfo::kTrackingBroken, false);
  info_.redirect.store(-1, std::memory_order_relaxed);
}

void Session::RememberKeys(const Command& command, absl::Span<const absl::string_view> args) {
  // Channels have slots and are no keys.
  if (!command.Has(kReadOnly) || command.Has(kPubSub | kLocksNothing)) return;
  KeyPositions keys;
  if (!tracking_->remembers() || !CommandRegistry::FindKeys(command, args, &keys)) return;
  Store& store = server_.store();
  for (const KeyPosition& key : keys)
    store.Track(store.MakeKey(args[static_cast<size_t>(key.index)]), {id(), worker_.index()});
}

void Session::CatchUpWithInvalidations() {
  if (tracking_ == nullptr) return;
  worker_.subscriptions().CatchUp();
  PlaceLatePushes();
  reply_begin_ = output_.End();
}

bool Session::IsExecuting(absl::string_view name) const {
  return executed_ != nullptr && executed_->full_name == name;
}

void Session::EndCaching() {
  if (tracking_ == nullptr) return;
  if (transaction_.active() && !server_.runtime().HasMutant(ServerMutant::kCachingEndsAtMulti)) {
    return;
  }
  const Command* const command = info_.last_command.load(std::memory_order_relaxed);
  // CLIENT's subcommands are not what CLIENT CACHING was given for.
  if (command == nullptr || !absl::StartsWith(command->full_name, "client"))
    tracking_->caching = false;
}

void Session::Invalidate(const Invalidation& invalidation) {
  const TrackingOptions& options = tracking_->options;
  if (options.redirect == 0) {
    PushInvalidation(invalidation, reply_.protocol(), /*redirected=*/false);
  } else if (options.redirect_worker == worker_.index()) {
    Session* const receiver = worker_.FindSession(options.redirect);
    if (receiver == nullptr || receiver->retired()) return OnRedirectBroken(options.redirect);
    receiver->PushInvalidation(invalidation, reply_.protocol(), /*redirected=*/true);
  } else {
    SendRedirected(invalidation);
  }
}

// The receiver lives on another worker, and may be gone: then this session hears of it.
void Session::SendRedirected(const Invalidation& invalidation) {
  std::vector<std::string> keys(invalidation.keys.begin(), invalidation.keys.end());
  const uint64_t receiver_id = tracking_->options.redirect;
  server_.worker(tracking_->options.redirect_worker)
      .subscriptions()
      .Post([keys = std::move(keys), all = invalidation.all, receiver_id, origin_id = id(),
             origin_worker = worker_.index(), protocol = reply_.protocol()](Worker& worker) {
        Session* const receiver = worker.FindSession(receiver_id);
        if (receiver != nullptr && !receiver->retired()) {
          const std::vector<absl::string_view> views(keys.begin(), keys.end());
          return receiver->PushInvalidation({views, all}, protocol, /*redirected=*/true);
        }
        worker.server()
            .worker(origin_worker)
            .subscriptions()
            .Post([origin_id, receiver_id](Worker& back) {
              Session* const origin = back.FindSession(origin_id);
              if (origin != nullptr) origin->OnRedirectBroken(receiver_id);
            });
      });
}

void Session::OnRedirectBroken(uint64_t receiver_id) {
  // It may have been set up anew meanwhile.
  if (tracking_ == nullptr || tracking_->options.redirect != receiver_id) return;
  info_.SetFlag(ClientInfo::kTrackingBroken, true);
  if (reply_.protocol() == 2) return;
  Push(PushPlace::kBehindReply, [receiver_id](ReplyWriter& reply) {
    reply.Push(2);
    reply.Bulk("tracking-redir-broken");
    reply.Integer(static_cast<int64_t>(receiver_id));
  });
}

void Session::PushInvalidation(const Invalidation& invalidation, int origin_protocol,
                               bool redirected) {
  const PushPlace place = server_.runtime().HasMutant(ServerMutant::kToldAheadOfReply)
                              ? PushPlace::kBeforeReply
                              : PushPlace::kBehindReply;
  if (reply_.protocol() > 2) {
    Push(place, [&](ReplyWriter& reply) {
      reply.Push(2);
      reply.Bulk("invalidate");
      WriteKeys(reply, invalidation, origin_protocol);
    });
  } else if (redirected && is_subscribed()) {
    Push(place, [&](ReplyWriter& reply) {
      reply.Push(3);
      reply.Bulk("message");
      reply.Bulk(kInvalidationChannel);
      WriteKeys(reply, invalidation, origin_protocol);
    });
  }
}

}  // namespace damselfly
