#include "server/session/tracking.h"

#include <utility>

#include "server/base/check.h"
#include "server/session/server_state.h"
#include "server/session/session.h"
#include "server/session/worker.h"

namespace damselfly {

Tracking::Tracking(ServerState* server)
    : server_(*server), listener_counts_(static_cast<size_t>(server->runtime().worker_count())) {
  server_.store().set_invalidation_sink(this);
}

Tracking::~Tracking() { server_.store().set_invalidation_sink(nullptr); }

void Tracking::AddPrefix(absl::string_view prefix, int worker) {
  std::lock_guard<std::mutex> guard(mutex_);
  ++prefixes_[std::string(prefix)];
  listener_counts_[static_cast<size_t>(worker)].fetch_add(1, std::memory_order_relaxed);
  server_.store().set_tells_all_changes(true);
}

void Tracking::RemovePrefix(absl::string_view prefix, int worker) {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto found = prefixes_.find(prefix);
  DFLY_CHECK(found != prefixes_.end());
  if (--found->second == 0) prefixes_.erase(found);
  listener_counts_[static_cast<size_t>(worker)].fetch_sub(1, std::memory_order_relaxed);
  server_.store().set_tells_all_changes(!prefixes_.empty());
}

int64_t Tracking::prefix_count() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return static_cast<int64_t>(prefixes_.size());
}

bool Tracking::Shrink(Worker& worker, int keys_max) {
  Store& store = server_.store();
  const int64_t limit = server_.config().integer(Parameter::tracking_table_max_keys);
  if (limit == 0) return false;
  while (store.tracked_key_count() > limit) {
    if (keys_max-- == 0) return true;
    const auto from = static_cast<uint16_t>(worker.random().Below(kSlotCount));
    if (!store.ForgetTrackedKey(worker.index(), from)) break;
  }
  return false;
}

bool Tracking::IsUntold(int worker, InvalidationCause cause) {
  const Runtime& runtime = server_.runtime();
  if (cause == InvalidationCause::kDeadline) return runtime.HasMutant(ServerMutant::kExpiryUntold);
  if (cause == InvalidationCause::kForgotten)
    return runtime.HasMutant(ServerMutant::kForgottenUntold);
  const Session* const running = server_.worker(worker).running();
  return runtime.HasMutant(ServerMutant::kExecUntold) && running != nullptr &&
         running->IsExecuting("exec");
}

void Tracking::OnKeyInvalidated(int worker, absl::string_view key, const KeyReaders& readers,
                                InvalidationCause cause) {
  if (IsUntold(worker, cause)) return;
  WorkerTracking& tracking = server_.worker(worker).tracking();
  if (!readers.empty()) tracking.TellReaders(key, readers, cause);
  if (cause != InvalidationCause::kForgotten && server_.store().tells_all_changes())
    tracking.Collect(key, cause);
}

void Tracking::OnSlotLost(TrackedKeys keys) {
  const bool any_tracked = !keys.empty();
  const auto shared = std::make_shared<const TrackedKeys>(std::move(keys));
  for (int i = 0; i < server_.worker_count(); ++i) {
    const bool listens = HasListeners(i);
    if (!any_tracked && !listens) continue;
    server_.worker(i).subscriptions().Post([shared, listens](Worker& worker) {
      worker.tracking().TakeLostKeys(*shared);
      if (listens) worker.tracking().TellListenersOfAll();
    });
  }
}

void Tracking::OnFlushed() {
  if (client_count() == 0 || server_.runtime().HasMutant(ServerMutant::kFlushUntold)) return;
  for (int i = 0; i < server_.worker_count(); ++i) {
    server_.worker(i).subscriptions().Post(
        [](Worker& worker) { worker.InvalidateAllOfTrackingSessions(); });
  }
}

}  // namespace damselfly
