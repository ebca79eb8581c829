#ifndef DAMSELFLY_SERVER_SESSION_KEY_SERVER_H_
#define DAMSELFLY_SERVER_SESSION_KEY_SERVER_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/session/slot_locks.h"
#include "server/store/store.h"

namespace damselfly {

class Worker;

// The slots that a worker has locked while it serves: a command's, and those that are needed
// besides, which are unlocked when this goes.
class ServedSlots {
 public:
  // What is locked already, and stays so for the lifetime of this.
  ServedSlots(Store* store, const SlotLocks* locks) : store_(*store), locks_(locks) {}
  ServedSlots(Store* store, uint16_t slot) : store_(*store), slot_(slot) {}
  ~ServedSlots() {
    for (const uint16_t slot : more_) store_.Unlock(slot);
  }
  ServedSlots(const ServedSlots&) = delete;
  ServedSlots& operator=(const ServedSlots&) = delete;

  // Whether the slot is locked now. Waits for its lock only where that is in ascending order.
  bool Acquire(uint16_t slot);

 private:
  bool Holds(uint16_t slot) const;
  bool IsAboveAll(uint16_t slot) const;

  Store& store_;
  const SlotLocks* const locks_ = nullptr;
  const uint16_t slot_ = 0;  // without locks_
  absl::InlinedVector<uint16_t, 4> more_;
};

// Serves clients that wait for keys (BLPOP), from the keys that its worker's changes have made
// ready. Serving may make other keys ready (BLMOVE), which are served as well, until there is none.
//
// Keys are taken in the order in which they became ready, and who waits for one in the order in
// which they have come (https://redis.io/docs/latest/commands/blpop/).
class KeyServer {
 public:
  explicit KeyServer(Worker* worker);
  KeyServer(const KeyServer&) = delete;
  KeyServer& operator=(const KeyServer&) = delete;

  bool has_work() const { return !ready_.empty(); }

  // At the end of a command or an EXEC, within its change group: what has changed and what is
  // served of it are one, for everybody. What needs a lock that cannot be had is left.
  void Serve(ServedSlots* slots);

  // Nobody is served: a deliberate bug (ServerMutant).
  void ForgetAll();

  // With no slot locked: what was left, and what has become ready outside of commands. Takes the
  // locks.
  void ServeRest();

 private:
  // Returns the slot without whose lock it cannot go on; then the rest is to be served later.
  absl::optional<uint16_t> ServeKey(const ReadyKey& ready, ServedSlots* slots);

  Worker& worker_;
  Store& store_;
  std::vector<ReadyKey>& ready_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_KEY_SERVER_H_
