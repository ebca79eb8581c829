#ifndef DAMSELFLY_SERVER_SESSION_TRANSACTION_H_
#define DAMSELFLY_SERVER_SESSION_TRANSACTION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "server/commands/command_context.h"
#include "server/session/owned_request.h"
#include "server/session/slot_locks.h"
#include "server/store/store.h"

namespace damselfly {

class Session;

// MULTI, EXEC, DISCARD, WATCH and UNWATCH of one session
// (https://redis.io/docs/latest/develop/interact/transactions/). EXEC locks the slots of all queued
// commands' keys and of all watched keys, in ascending order, judges the watches under these locks,
// and runs the commands: atomic and strictly serialisable under any number of workers. In a cluster
// all of these keys must be in one slot, and this node must own it at that moment.
class Transaction {
 public:
  // The session owns this object.
  explicit Transaction(Store* store) : store_(store) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  bool active() const { return active_; }
  void Begin();
  // Forgets the queue and the watches.
  void Discard();
  // A command was refused while queueing: EXEC will abort.
  void Poison() { poisoned_ = active_; }
  void Queue(const Command* command, absl::Span<const absl::string_view> args,
             absl::Span<const BlobRef> blobs);
  size_t queued_count() const { return queue_.size(); }
  // Something in the queue has one of the flags.
  bool QueueHas(uint32_t flags) const;
  size_t memory_bytes() const { return queued_bytes_; }

  // WATCH of one key. Takes the key's slot lock, which the caller does not hold.
  void Watch(int database, absl::string_view key, int64_t now_ms, StoreCounters* counters);
  // Takes the slots' locks.
  void UnwatchAll();
  size_t watched_count() const { return watched_.size(); }
  // A watched key has changed (a hint outside the locks, exact in EXEC).
  bool dirty() const { return mark_.dirty.load(std::memory_order_acquire); }

  // EXEC. Writes the whole reply.
  void Execute(CommandContext& ctx, Session& session);

 private:
  struct Watched {
    int database;
    std::string bytes;
    uint64_t hash;
    uint16_t slot;
    bool missing_at_watch;  // there was no such key: that there is none at EXEC is no change
    Key key() const { return Key{bytes, hash, slot}; }
  };
  // What EXEC touches: the slots of the queued commands' keys, of the watched ones behind them, in
  // any order, with duplicates; and whether some command goes over all slots.
  struct LockSet {
    SlotLocks::Slots slots;
    size_t queued_count = 0;  // the first ones of `slots`
    bool all = false;
  };
  LockSet CollectLocks() const;
  // Under the locks: why EXEC may not run; empty if it may. In cluster mode "yes" that are its
  // slots first.
  std::string RefusalOf(const LockSet& set, const Session& session) const;
  std::string SlotRefusalOf(const LockSet& set, const Session& session) const;
  bool WatchesHold(int64_t now_ms, StoreCounters* counters) const;
  void RemoveWatchesLocked();

  Store* const store_;
  bool active_ = false;
  bool poisoned_ = false;
  std::deque<OwnedRequest> queue_;
  size_t queued_bytes_ = 0;
  // A list, so that keys' bytes never move.
  std::deque<Watched> watched_;
  WatchMark mark_;
};

// MULTI, EXEC, DISCARD, WATCH, UNWATCH.
absl::Span<const CommandSpec> TransactionCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_TRANSACTION_H_
