#include "server/session/worker_tracking.h"

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "server/base/check.h"
#include "server/session/server_state.h"
#include "server/session/session.h"
#include "server/session/worker.h"

namespace damselfly {

bool WorkerTracking::HasMutant(ServerMutant mutant) const {
  return worker_.server().runtime().HasMutant(mutant);
}

void WorkerTracking::AddListener(absl::string_view prefix, Session* session) {
  listeners_[std::string(prefix)].emplace(session->id(), session);
  worker_.server().tracking().AddPrefix(prefix, worker_.index());
}

void WorkerTracking::RemoveListener(absl::string_view prefix, Session* session) {
  worker_.server().tracking().RemovePrefix(prefix, worker_.index());
  const auto found = listeners_.find(prefix);
  DFLY_CHECK(found != listeners_.end());
  DFLY_CHECK_EQ(found->second.erase(session->id()), size_t{1});
  if (found->second.empty()) listeners_.erase(found);
}

void WorkerTracking::TellReaders(absl::string_view key, const KeyReaders& readers,
                                 InvalidationCause cause) {
  // What is only forgotten was changed by nobody.
  const Session* const changer =
      cause == InvalidationCause::kForgotten ? nullptr : worker_.running();
  if (HasMutant(ServerMutant::kNoLoopSilences) && changer != nullptr &&
      changer->tracking() != nullptr && changer->tracking()->options.no_loop) {
    return;
  }
  TakeReaders(key, readers, changer);
  if (HasMutant(ServerMutant::kOthersUntold)) return;
  std::set<int> others;
  for (const KeyReader& reader : readers) {
    if (reader.worker != worker_.index()) others.insert(reader.worker);
  }
  if (others.empty()) return;
  const auto shared =
      std::make_shared<const std::pair<std::string, KeyReaders>>(std::string(key), readers);
  for (const int other : others) {
    if (HasMutant(ServerMutant::kToldLate)) {
      Worker* const worker = &worker_.server().worker(other);
      worker->loop().Post([worker, shared] {
        worker->tracking().TakeReaders(shared->first, shared->second, /*changer=*/nullptr);
      });
      continue;
    }
    worker_.server().worker(other).subscriptions().Post([shared](Worker& worker) {
      worker.tracking().TakeReaders(shared->first, shared->second, /*changer=*/nullptr);
    });
  }
}

void WorkerTracking::TakeReaders(absl::string_view key, const KeyReaders& readers,
                                 const Session* changer) {
  for (const KeyReader& reader : readers) {
    if (reader.worker != worker_.index()) continue;
    if (reader.client != readers[0].client && HasMutant(ServerMutant::kFirstReaderOnly)) continue;
    Session* const session = worker_.FindSession(reader.client);
    // It may have ended meanwhile, or track in another way.
    if (session == nullptr || session->tracking() == nullptr) continue;
    const TrackingOptions& options = session->tracking()->options;
    if (options.broadcast || (options.no_loop && session == changer)) continue;
    session->Invalidate({absl::MakeConstSpan(&key, 1), /*all=*/false});
  }
}

void WorkerTracking::TakeLostKeys(const TrackedKeys& keys) {
  for (const auto& [key, readers] : keys) TakeReaders(key, readers, /*changer=*/nullptr);
}

void WorkerTracking::Collect(absl::string_view key, InvalidationCause cause) {
  const Session* const running = worker_.running();
  const bool has_changer = cause == InvalidationCause::kCommand && running != nullptr;
  changes_[std::string(key)] = has_changer ? running->id() : 0;
  if (changes_.size() > 1) return;
  worker_.loop().Post([this] { SendChanges(); });
}

void WorkerTracking::SendChanges() {
  const auto shared = std::make_shared<const ChangedKeys>(std::exchange(changes_, {}));
  ServerState& server = worker_.server();
  for (int i = 0; i < server.worker_count(); ++i) {
    if (i == worker_.index() || !server.tracking().HasListeners(i)) continue;
    server.worker(i).subscriptions().Post(
        [shared](Worker& worker) { worker.tracking().TakeChanges(*shared); });
  }
  TakeChanges(*shared);
}

void WorkerTracking::TakeChanges(const ChangedKeys& changes) {
  const bool first_only = HasMutant(ServerMutant::kFirstChangeOnly);
  const bool prefix_is_whole = HasMutant(ServerMutant::kPrefixIsWhole);
  for (const auto& [prefix, sessions] : listeners_) {
    std::vector<absl::string_view> keys;
    std::vector<uint64_t> changers;
    for (auto each = changes.lower_bound(prefix);
         each != changes.end() && absl::StartsWith(each->first, prefix); ++each) {
      if ((first_only && !keys.empty()) || (prefix_is_whole && each->first != prefix)) break;
      keys.push_back(each->first);
      changers.push_back(each->second);
    }
    if (keys.empty()) continue;
    for (const auto& [id, session] : sessions) {
      if (!session->tracking()->options.no_loop) {
        session->Invalidate({keys, /*all=*/false});
        continue;
      }
      std::vector<absl::string_view> others;
      for (size_t i = 0; i < keys.size(); ++i) {
        if (changers[i] != id) others.push_back(keys[i]);
      }
      if (!others.empty()) session->Invalidate({others, /*all=*/false});
    }
  }
}

void WorkerTracking::TellListenersOfAll() {
  if (std::exchange(forgets_all_, true)) return;
  worker_.loop().Post([this] { ForgetAll(); });
}

void WorkerTracking::ForgetAll() {
  forgets_all_ = false;
  std::map<uint64_t, Session*> all;
  for (const auto& [prefix, sessions] : listeners_) all.insert(sessions.begin(), sessions.end());
  for (const auto& [id, session] : all) session->Invalidate({{}, /*all=*/true});
}

}  // namespace damselfly
