#include "server/replication/link_status.h"

#include <algorithm>

#include "absl/strings/string_view.h"

namespace damselfly {
namespace {

absl::string_view NameOf(LinkStatus::State state) {
  switch (state) {
    case LinkStatus::State::kConnecting:
      return "connecting";
    case LinkStatus::State::kPreparation:
      return "preparation";
    case LinkStatus::State::kFullSync:
      return "full_sync";
    case LinkStatus::State::kOnline:
      return "online";
  }
  return "";
}

}  // namespace

void LinkStatus::Reset(const Endpoint& master) {
  std::lock_guard<std::mutex> guard(mutex_);
  master_ = master;
  state_ = State::kConnecting;
  complete_ = false;
  partial_sync_attempts_ = 0;
  partial_sync_successes_ = 0;
  reconnect_count_ = 0;
  heard_ns_.store(-1, std::memory_order_relaxed);
}

void LinkStatus::SetState(State state) {
  std::lock_guard<std::mutex> guard(mutex_);
  state_ = state;
}

LinkStatus::State LinkStatus::state() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return state_;
}

void LinkStatus::SetComplete(bool complete) {
  std::lock_guard<std::mutex> guard(mutex_);
  complete_ = complete;
}

void LinkStatus::CountPartialSync(bool granted) {
  std::lock_guard<std::mutex> guard(mutex_);
  ++partial_sync_attempts_;
  partial_sync_successes_ += granted ? 1 : 0;
}

void LinkStatus::CountReconnect() {
  std::lock_guard<std::mutex> guard(mutex_);
  ++reconnect_count_;
}

bool LinkStatus::Describe(int64_t now_ns, ReplicationFacts* facts) const {
  std::lock_guard<std::mutex> guard(mutex_);
  facts->master_host = master_.host;
  facts->master_port = master_.port;
  facts->link_state = std::string(NameOf(state_));
  facts->link_up = state_ == State::kOnline || state_ == State::kFullSync;
  facts->sync_in_progress = state_ == State::kFullSync;
  const int64_t heard_at_ns = heard_ns();
  facts->last_io_seconds =
      heard_at_ns < 0 ? -1 : std::max<int64_t>(0, now_ns - heard_at_ns) / 1000000000;
  facts->partial_sync_attempts = partial_sync_attempts_;
  facts->partial_sync_successes = partial_sync_successes_;
  facts->reconnect_count = reconnect_count_;
  return complete_;
}

}  // namespace damselfly
