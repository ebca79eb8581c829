#include "server/session/key_server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "server/session/change_group.h"
#include "server/session/server_state.h"
#include "server/session/waiting_command.h"
#include "server/session/worker.h"

namespace damselfly {

bool ServedSlots::Acquire(uint16_t slot) {
  if (Holds(slot)) return true;
  if (IsAboveAll(slot)) {
    store_.Lock(slot);
  } else if (!store_.TryLock(slot)) {
    return false;
  }
  more_.push_back(slot);
  return true;
}

bool ServedSlots::Holds(uint16_t slot) const {
  if (locks_ == nullptr ? slot == slot_ : locks_->Holds(slot)) return true;
  return std::find(more_.begin(), more_.end(), slot) != more_.end();
}

bool ServedSlots::IsAboveAll(uint16_t slot) const {
  if (locks_ == nullptr ? slot < slot_ : !locks_->IsAboveAll(slot)) return false;
  return std::all_of(more_.begin(), more_.end(), [slot](uint16_t other) { return other < slot; });
}

KeyServer::KeyServer(Worker* worker)
    : worker_(*worker),
      store_(worker->server().store()),
      ready_(store_.ready_keys(worker->index())) {}

void KeyServer::Serve(ServedSlots* slots) {
  std::vector<ReadyKey> left;
  while (!ready_.empty()) {
    for (ReadyKey& ready : std::exchange(ready_, {})) {
      if (!slots->Acquire(ready.slot) || ServeKey(ready, slots).has_value())
        left.push_back(std::move(ready));
    }
  }
  ready_ = std::move(left);
}

void KeyServer::ForgetAll() {
  for (const ReadyKey& ready : std::exchange(ready_, {})) {
    AwaitedKey* const awaited = store_.FindAwaited(ready);
    if (awaited != nullptr) awaited->noted_by = AwaitedKey::kNobody;
  }
}

void KeyServer::ServeRest() {
  while (!ready_.empty()) {
    for (const ReadyKey& ready : std::exchange(ready_, {})) {
      SlotLocks::Slots needed{ready.slot};
      absl::optional<uint16_t> missing;
      do {
        SlotLocks locks(&store_);
        locks.LockMany(needed);
        const ChangeGroup group(&store_, worker_.index(), /*wanted=*/true);
        ServedSlots slots(&store_, &locks);
        missing = ServeKey(ready, &slots);
        if (missing.has_value()) needed.push_back(*missing);
        Serve(&slots);
      } while (missing.has_value());
    }
  }
}

absl::optional<uint16_t> KeyServer::ServeKey(const ReadyKey& ready, ServedSlots* slots) {
  AwaitedKey* const awaited = store_.FindAwaited(ready);
  if (awaited == nullptr) return absl::nullopt;
  // Whatever comes of it: a slot that is lost may come back before its clients have been sent away.
  awaited->noted_by = AwaitedKey::kNobody;
  if (!store_.IsOwned(ready.slot)) return absl::nullopt;
  Database db(&store_, ready.database, worker_.loop().pass_wall_ms(), &worker_.store_counters());
  const Key key = store_.MakeKey(ready.key);
  const Runtime& runtime = worker_.server().runtime();
  const bool newest_first = runtime.HasMutant(ServerMutant::kNewestServedFirst);
  KeyWait* next;
  for (KeyWait* wait = newest_first ? awaited->last : awaited->first; wait != nullptr;
       wait = next) {
    // Whoever is served may be the last one, and gone with the awaited key.
    next = newest_first ? wait->previous : wait->next;
    const Entry* const entry = db.Find(key);
    if (entry == nullptr && awaited->also_without_value_count == 0) break;
    WaitingCommand& command = WaitingCommand::Of(*wait);
    if (!command.Wants(entry)) continue;
    for (const uint16_t slot : command.other_slots()) {
      if (!slots->Acquire(slot)) return slot;
    }
    if (command.Serve(wait, worker_) && runtime.HasMutant(ServerMutant::kOneServedAPush)) {
      ForgetAll();
      break;
    }
  }
  return absl::nullopt;
}

}  // namespace damselfly
