#include "server/session/worker_subscriptions.h"

#include <utility>

#include "server/base/check.h"
#include "server/session/server_state.h"
#include "server/session/session.h"
#include "server/session/worker.h"

namespace damselfly {

// A publication that travels to other workers, with bytes of its own. The payload of a big one
// stays in its blob.
struct WorkerSubscriptions::Parcel {
  Parcel(const Publication& original, PubSub::Route its_route)
      : channel(original.channel),
        payload(original.payload_blob ? absl::string_view() : original.payload),
        publication(original),
        route(std::move(its_route)) {
    publication.channel = channel;
    publication.payload =
        publication.payload_blob ? publication.payload_blob->view() : absl::string_view(payload);
  }
  Parcel(const Parcel&) = delete;
  Parcel& operator=(const Parcel&) = delete;

  const std::string channel;
  const std::string payload;
  Publication publication;
  const PubSub::Route route;
};

WorkerSubscriptions::~WorkerSubscriptions() {
  for (const auto& names : subscribers_) DFLY_CHECK(names.empty());
}

uint64_t WorkerSubscriptions::Add(SubscriptionKind kind, absl::string_view name, Session* session) {
  const uint64_t number = worker_.server().pubsub().Add(kind, name, worker_.index());
  subscribers_[static_cast<size_t>(kind)][name].emplace(number, session);
  return number;
}

void WorkerSubscriptions::Remove(SubscriptionKind kind, absl::string_view name, uint64_t number) {
  worker_.server().pubsub().Remove(kind, name, worker_.index());
  auto& names = subscribers_[static_cast<size_t>(kind)];
  auto found = names.find(name);
  DFLY_CHECK(found != names.end());
  DFLY_CHECK_EQ(found->second.erase(number), size_t{1});
  if (found->second.empty()) names.erase(found);
}

void WorkerSubscriptions::LoseShardChannels(std::shared_ptr<const SlotSet> lost) {
  Send({nullptr, std::move(lost), nullptr});
}

void WorkerSubscriptions::Post(absl::AnyInvocable<void(Worker&)> work) {
  Send({nullptr, nullptr, std::move(work)});
}

void WorkerSubscriptions::Send(Letter letter) {
  bool first = false;
  {
    std::lock_guard<std::mutex> guard(mail_mutex_);
    first = mail_.empty();
    mail_.push_back(std::move(letter));
    has_mail_.store(true, std::memory_order_release);
  }
  // Those behind the first are taken with it.
  if (first) worker_.loop().Post([this] { CatchUp(); });
}

void WorkerSubscriptions::TakeMail() {
  std::vector<Letter> mail;
  {
    std::lock_guard<std::mutex> guard(mail_mutex_);
    mail.swap(mail_);
    has_mail_.store(false, std::memory_order_release);
  }
  for (Letter& letter : mail) {
    if (letter.parcel != nullptr) {
      Deliver(letter.parcel->publication, letter.parcel->route);
    } else if (letter.work) {
      letter.work(worker_);
    } else {
      worker_.DropShardChannels(*letter.lost);
    }
  }
}

int64_t WorkerSubscriptions::Publish(const Publication& publication) {
  CatchUp();
  PubSub::Route route = worker_.server().pubsub().Find(publication.kind, publication.channel);
  if (route.receivers == 0) return 0;
  const int64_t receivers = route.receivers;
  bool here = false;
  bool elsewhere = false;
  for (int index : route.workers) (index == worker_.index() ? here : elsewhere) = true;
  if (here) Deliver(publication, route);
  if (!elsewhere) return receivers;
  auto parcel = std::make_shared<const Parcel>(publication, std::move(route));
  for (int index : parcel->route.workers) {
    if (index == worker_.index()) continue;
    worker_.server().worker(index).subscriptions().Send({parcel, nullptr, nullptr});
  }
  return receivers;
}

// A session's subscription to the channel comes before those to patterns, as in Redis.
void WorkerSubscriptions::Deliver(const Publication& publication, const PubSub::Route& route) {
  const auto deliver = [&](SubscriptionKind kind, absl::string_view name, uint64_t number_max) {
    const auto& names = subscribers_[static_cast<size_t>(kind)];
    auto found = names.find(name);
    if (found == names.end()) return;
    for (const auto& [number, session] : found->second) {
      if (number > number_max) break;
      session->PushMessage(publication, kind == SubscriptionKind::kPattern ? &name : nullptr);
    }
  };
  deliver(publication.kind, publication.channel, route.channel_number);
  for (const auto& pattern : route.patterns)
    deliver(SubscriptionKind::kPattern, *pattern, route.pattern_number);
}

void WorkerSubscriptions::FlushLater(Session& session) {
  pushed_.push_back(session.id());
  if (pushed_.size() > 1) return;
  Worker* worker = &worker_;
  worker->loop().Post([worker] { worker->subscriptions().FlushPushed(); });
}

void WorkerSubscriptions::FlushPushed() {
  std::vector<uint64_t> pushed;
  pushed.swap(pushed_);
  for (uint64_t id : pushed) {
    Session* session = worker_.FindSession(id);
    if (session != nullptr) session->FlushPushed();
  }
}

}  // namespace damselfly
