#ifndef DAMSELFLY_SERVER_STORE_STORE_H_
#define DAMSELFLY_SERVER_STORE_STORE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/check.h"
#include "server/base/crc16.h"
#include "server/base/hash.h"
#include "server/base/prefetch.h"
#include "server/base/thread_annotations.h"
#include "server/runtime/random.h"
#include "server/store/awaited_keys.h"
#include "server/store/change.h"
#include "server/store/database.h"
#include "server/store/entry.h"
#include "server/store/evictor.h"
#include "server/store/invalidation.h"
#include "server/store/key.h"
#include "server/store/key_event.h"
#include "server/store/reclaimer.h"
#include "server/store/slot.h"
#include "server/store/slot_bits.h"
#include "server/store/slot_group_counts.h"
#include "server/store/store_counters.h"
#include "server/store/table_walk.h"
#include "server/values/value_context.h"

namespace damselfly {

class ElementTable;
struct DeadlineHint;

// Marks that a watched key has changed. Owned by a session; set under the slot's lock by whichever
// worker changes the key, read by the owner under the same lock.
struct WatchMark {
  std::atomic<bool> dirty{false};
};

// All data of one node: 16384 slots, each with its lock, its keys in up to 16 databases, deadlines
// and watchers. ARCHITECTURE: the slot is the atom.
//
// Thread-safe where it says so; all else needs the slots' locks.
class Store {
 public:
  static constexpr int kDatabaseCount = 16;

  struct Options {
    int worker_count = 1;
    bool has_threads = true;   // without, or with one worker, locks are plain stores
    uint64_t hash_seed = 0;    // keys the table's hash
    uint64_t random_seed = 0;  // chooses what is sampled
    // How much one background step may do before it gives way to clients.
    int64_t background_step_entries_max = 1000;  // may be changed later
    bool scans_skip = false;                     // ServerMutant::kScanSkips
    bool splits_uncovered = false;               // ServerMutant::kSplitUncovered
    bool flushes_unwatched = false;              // ServerMutant::kFlushUnwatched
  };

  explicit Store(const Options& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Derives slot and hash. Thread-safe.
  Key MakeKey(absl::string_view bytes) const {
    return Key{bytes, HashBytes(bytes, options_.hash_seed), KeySlot(bytes)};
  }

  // ---- The hot path: the cache is asked for the memory that commands will touch, for many keys at
  // a time, so that its misses overlap. Never block; a slot whose lock is taken is passed over.
  // Thread-safe. ----
  // As soon as the key is known.
  void PrefetchSlot(uint16_t slot) const { PrefetchForWrite(&slots_[slot]); }
  // Then, for at most kPrefetchedKeysMax keys: their buckets and their entries. If there are
  // `members`, one for each key, collections are expected: the memory that these begin with, and
  // in large ones what a look-up of the member takes (one that is null: of none), of streams the
  // block that was added last.
  //
  // Where one thread alone has the store, the keys get a guess of where they are, which Database
  // follows while it holds; elsewhere others might change the tables meanwhile.
  static constexpr size_t kPrefetchedKeysMax = 32;
  void Prefetch(int database, absl::Span<Key> keys,
                absl::Span<const absl::string_view> members = {}) const;
  // Whether a guess is one of this database, and its bucket still there and in the same table.
  bool Holds(const KeyGuess& guess, int database) const {
    return guess.bucket != nullptr && guess.bucket_epoch == bucket_epoch_ &&
           guess.database == database;
  }
  // The same for the keys of one command, whose slots the caller has locked; for the first ones
  // where there are very many.
  void PrefetchLocked(int database, absl::Span<Key> keys) const;

  // ---- Locks ----
  void Lock(uint16_t slot) DFLY_NO_THREAD_SAFETY_ANALYSIS {
    slots_[slot].lock.LockIf(has_threads_);
    if (!has_threads_) NoteLocked();
  }
  void Unlock(uint16_t slot) DFLY_NO_THREAD_SAFETY_ANALYSIS {
    slots_[slot].lock.UnlockIf(has_threads_);
    if (!has_threads_) --held_count_;
  }
  // Without waiting; returns whether it has been locked.
  bool TryLock(uint16_t slot) DFLY_NO_THREAD_SAFETY_ANALYSIS {
    if (!TryLockQuietly(slot)) return false;
    if (!has_threads_) NoteLocked();
    return true;
  }
  // `slots` is sorted ascending without duplicates.
  void LockSlots(absl::Span<const uint16_t> slots);
  void UnlockSlots(absl::Span<const uint16_t> slots);
  void LockAll();
  void UnlockAll();

  // ---- What commands may do, as a whole: a replica takes no writes from clients, a node that is
  // being filled or has been taken over answers nothing. Changed under all locks, so that whoever
  // holds one of them knows that it stays. ----
  enum class Access : uint8_t { kReadWrite, kReadOnly, kNone };
  Access access() const { return access_.load(std::memory_order_relaxed); }
  // Requires all locks.
  void set_access(Access access) { access_.store(access, std::memory_order_relaxed); }

  // ---- Who is told of all changes, of each exactly once; null: nobody, and no change costs more
  // for it. What finds nothing to change is none, but for FLUSHALL, FLUSHDB and SWAPDB. ----
  ChangeSink* change_sink() const { return change_sink_.load(std::memory_order_relaxed); }
  // Requires all locks. `sink` outlives its attachment.
  void set_change_sink(ChangeSink* sink) { change_sink_.store(sink, std::memory_order_relaxed); }

  // ---- Who is told of key events; null: nobody, and an event costs one load. Thread-safe; `sink`
  // outlives the store's use. ----
  KeyEventSink* key_event_sink() const { return key_event_sink_.load(std::memory_order_relaxed); }
  void set_key_event_sink(KeyEventSink* sink) {
    key_event_sink_.store(sink, std::memory_order_relaxed);
  }
  // Tells the sink, if there is one, of an event that worker `worker` has brought about.
  void Notify(int worker, int database, KeyEventClass event_class, absl::string_view event,
              absl::string_view key) const {
    KeyEventSink* const sink = key_event_sink();
    if (sink != nullptr) [[unlikely]]
      sink->OnKeyEvent(worker, database, event_class, event, key);
  }

  // ---- Counting. Thread-safe, exact at quiet moments. ----
  uint64_t KeyCount(int database) const;
  uint64_t KeyCountOfAllDatabases() const;
  uint64_t ExpiringKeyCount(int database) const;
  uint64_t KeyCountInSlot(int database, uint16_t slot) const;
  // Of the slots from `group` times SlotGroupCounts::kSlotsInGroup on.
  uint64_t KeyCountInGroup(int database, int group) const;
  // The first slot from `slot` on that may hold keys in database 0; kSlotCount: none. For whoever
  // looks through all of them.
  int NextUsedSlot(int slot) const { return used_slots_.Next(slot); }
  // Sampled mean time to live of the keys that have one, in ms, as of the last BackgroundStep; 0
  // when there is none. Passes over slots that are locked.
  int64_t AverageTtlMs(int database) const;

  // ---- Walking ----

  // Visits entries of one database from `cursor` on, taking slot locks one at a time, unless
  // `all_locked` (the caller holds them all). Stops after the step in which `count` entries have
  // been visited, or `slots_max` slots passed. Returns the next cursor, 0 at the end. Guarantee
  // (SCAN): an entry present from the first call to the last is visited at least once, whatever the
  // tables do meanwhile. Cursors are below 2^53 and survive growth, shrinking and restarts of the
  // walk; any number is a legal cursor. Expired entries are visited too; the visitor judges.
  using EntryVisitor = absl::FunctionRef<void(Entry& entry)>;
  uint64_t Scan(int database, uint64_t cursor, size_t count, bool all_locked, EntryVisitor visitor);

  // Visits all entries of one slot. Requires its lock. The visitor must not change the slot.
  void ForEachInSlot(int database, uint16_t slot, EntryVisitor visitor);
  // False only when the slot has keys in no database but 0. Requires its lock.
  bool HasOtherDatabases(uint16_t slot) const { return FindRoot(slot, 1) != nullptr; }

  // Calls `visitor` with a live entry chosen (nearly) uniformly, under its slot's lock; returns
  // false when the database is empty.
  bool RandomEntry(int database, int64_t now_ms, Random& random, bool all_locked,
                   EntryVisitor visitor);

  // Begins and ends a walk: sees all databases of its slots as they are now. Require the locks of
  // all those slots.
  void BeginWalk(TableWalk* walk);
  void EndWalk(TableWalk* walk);
  // Covers one more segment, or passes over empty slots. Takes slot locks itself, unless
  // `all_locked`. Returns false when the receiver has had everything.
  bool StepWalk(TableWalk* walk, bool all_locked);

  // ---- Whole databases. Require all locks. ----
  // Detaches all keys of one database (or of all, with -1) in time proportional to the slots; the
  // memory is freed by BackgroundStep. With `wait` it is freed before returning (FLUSHALL SYNC).
  // Returns how many keys there were.
  uint64_t Flush(int database, bool wait, StoreCounters* counters);
  void SwapDatabases(int first, int second, StoreCounters* counters);

  // ---- Single slots: ownership in a cluster, and what commands have done. All require the slot's
  // lock unless said otherwise. ----

  // From now on only owned slots are served (cluster mode "yes"); none is owned yet. There is
  // database 0 only, and figures are kept of its slots. Called once, while the store is empty and
  // before any other thread knows it.
  void RestrictToOwnedSlots();
  // Thread-safe.
  bool restricted_to_owned_slots() const { return flags_required_ != 0; }
  // Whether commands may touch the slot: always, unless restricted. Judged under the same lock as
  // the command that follows, so that a change of ownership lies wholly before or behind it.
  bool IsOwned(uint16_t slot) const {
    return (slots_[slot].flags & flags_required_) == flags_required_;
  }
  // Requires restricted_to_owned_slots().
  void Own(uint16_t slot);
  // The slot is not this node's any more: whoever watches or tracks one of its keys is told, there
  // or not, and its keys are gone at once; their memory is freed by BackgroundStep. Time does not
  // depend on their number. Returns it. Requires restricted_to_owned_slots().
  uint64_t Disown(uint16_t slot, StoreCounters* counters);
  // The slot is not served any more, likewise, but its keys stay: by its own configuration a
  // replica serves nothing. Own() opens it again. Requires restricted_to_owned_slots().
  void Close(uint16_t slot);
  // Removes all keys of one slot, likewise. Who owns it stays.
  uint64_t FlushSlot(uint16_t slot, StoreCounters* counters);
  // Keys may be put into the slot by commands that name no key (DEBUG POPULATE): it is owned, or
  // nobody has said yet which slots are.
  bool MayPopulate(uint16_t slot) const {
    return IsOwned(slot) || !ownership_known_.load(std::memory_order_relaxed);
  }
  // Ownership has been told for the first time: what slots that are not owned were filled with
  // before can now be removed for good. Thread-safe.
  void set_ownership_known() { ownership_known_.store(true, std::memory_order_relaxed); }

  // Counts a command that names a key of the slot, where figures are kept. Requires the slot's
  // lock.
  void CountAccess(uint16_t slot, bool may_write) {
    if (figures_ == nullptr) return;
    uint8_t& recent = may_write ? slots_[slot].recent_write_count : slots_[slot].recent_read_count;
    if (++recent == 0) [[unlikely]]
      (may_write ? figures_[slot].write_count : figures_[slot].read_count) += 256;
  }
  // Requires restricted_to_owned_slots() and the slot's lock.
  SlotFigures FiguresOf(uint16_t slot) const {
    SlotFigures figures = figures_[slot];
    figures.read_count += slots_[slot].recent_read_count;
    figures.write_count += slots_[slot].recent_write_count;
    return figures;
  }

  // ---- Background work of one worker on its home slots (slot mod workers), bounded: called every
  // few milliseconds. Deletes entries past their deadline (active expiry), frees detached memory.
  // Takes slot locks itself. Returns true if there is more to do right away. ----
  bool BackgroundStep(int worker, int64_t now_ms, StoreCounters* counters);

  // How much one background step may do (> 0). Thread-safe.
  void set_background_step_entries_max(int64_t entries) {
    background_step_entries_max_.store(entries, std::memory_order_relaxed);
  }

  // Active expiry can be switched off (DEBUG SET-ACTIVE-EXPIRE); expiry as a whole is off on
  // replicas. Thread-safe.
  void set_active_expiry(bool enabled) { active_expiry_.store(enabled, std::memory_order_relaxed); }
  void set_owns_expiry(bool owns) { owns_expiry_.store(owns, std::memory_order_relaxed); }
  bool owns_expiry() const { return owns_expiry_.load(std::memory_order_relaxed); }
  // Until then (Unix time, ms) what is past its deadline is hidden only, as by a replica, and stays
  // (CLIENT PAUSE). Thread-safe.
  void set_expiry_paused_until(int64_t end_ms) {
    expiry_paused_until_ms_.store(end_ms, std::memory_order_relaxed);
  }
  // What has expired is to be deleted.
  bool MayExpire(int64_t now_ms) const {
    return owns_expiry() && now_ms >= expiry_paused_until_ms_.load(std::memory_order_relaxed);
  }

  // ---- Eviction: what is removed for want of memory, and what is known of accesses. ----
  Evictor& evictor() { return evictor_; }

  // ---- Watching (WATCH). Require the slot's lock. ----
  // The same mark may be registered for a key once. A key whose deadline passes counts as changed
  // when it is deleted: callers Find() it before they watch it, and again before they read the
  // mark.
  void Watch(int database, const Key& key, WatchMark* mark);
  void Unwatch(int database, const Key& key, WatchMark* mark);

  // ---- Tracking (client-side caching) ----
  // The client has been given what the key holds, and is told of the next change. Requires the
  // slot's lock.
  void Track(const Key& key, KeyReader reader);
  // Who tells it; null: nobody. Thread-safe; `sink` outlives the store's use.
  InvalidationSink* invalidation_sink() const {
    return invalidation_sink_.load(std::memory_order_relaxed);
  }
  void set_invalidation_sink(InvalidationSink* sink) {
    invalidation_sink_.store(sink, std::memory_order_relaxed);
  }
  // Whether the sink is told of all changes of keys, tracked or not. Thread-safe.
  bool tells_all_changes() const { return tells_all_changes_.load(std::memory_order_relaxed) != 0; }
  void set_tells_all_changes(bool all) {
    tells_all_changes_.store(all ? 1 : 0, std::memory_order_relaxed);
  }
  // Tracked keys, and readers of all of them. Thread-safe, exact at quiet moments.
  int64_t tracked_key_count() const { return tracked_key_count_.load(std::memory_order_relaxed); }
  int64_t tracked_reader_count() const {
    return tracked_reader_count_.load(std::memory_order_relaxed);
  }
  // Tells the readers of one tracked key, of the slot `from` or the next one that has any, to
  // forget it. False: there is none. Takes slot locks itself.
  bool ForgetTrackedKey(int worker, uint16_t from);

  // ---- Waiting for keys to change (BLPOP). Require the slot's lock. ----
  void Await(int database, const Key& key, KeyWait* wait);
  // Requires that `wait` is linked, in this slot.
  void StopAwaiting(uint16_t slot, KeyWait* wait);
  // Null: nobody waits for it.
  AwaitedKey* FindAwaited(const ReadyKey& key) const;
  // Notes the key as ready for who waits for it, as a change of it does, and for nobody else.
  void WakeWaiters(uint16_t slot, int database, absl::string_view key, int worker);
  // The awaited keys that this worker has changed, in the order of their first changes; for whoever
  // serves those who wait to take out. By that worker only.
  std::vector<ReadyKey>& ready_keys(int worker) {
    return workers_[static_cast<size_t>(worker)].ready_keys;
  }

  // ---- Accounting. Thread-safe. ----
  StoreCounters& counters(int worker) { return counters_[static_cast<size_t>(worker)]; }
  // The sum over all workers.
  StoreCountersSnapshot TotalCounters() const;

  uint64_t hash_seed() const { return options_.hash_seed; }
  // The limits in it may be changed at any time. Thread-safe.
  ValueContext& value_context() { return value_context_; }

 private:
  friend class Database;
  friend class Evictor;
  friend class ValueEdit;

  // The table of a database in a slot; null when the slot has none yet.
  TableRoot* FindRoot(uint16_t slot, int database) const {
    return database == 0 ? &slots_[slot].root : FindOtherRoot(slot, database);
  }
  TableRoot* FindOtherRoot(uint16_t slot, int database) const;
  // The same; makes it.
  TableRoot& EnsureRoot(uint16_t slot, int database) {
    return database == 0 ? slots_[slot].root : EnsureOtherRoot(slot, database);
  }
  TableRoot& EnsureOtherRoot(uint16_t slot, int database);
  // After what exchanges or drops a whole table; a table notes itself when it frees buckets.
  void NoteBucketsGone() {
    if (!has_threads_) ++bucket_epoch_;
  }
  Table::Probe ProbeFor(int database, const Key& key) const;
  void PrefetchNodes(int database, absl::Span<const Key> keys) const;
  void PrefetchProbes(int database, absl::Span<Key> keys) const;
  void PrefetchAmongThreads(int database, absl::Span<const Key> keys) const;
  const Entry* GuessEntry(int database, const Key& key) const;
  void PrefetchCollections(int database, absl::Span<const Key> keys,
                           absl::Span<const absl::string_view> members) const;
  // Of the key with the number `index`.
  struct MemberLookup {
    size_t index;
    const ElementTable* table;
    uint64_t hash;
  };
  struct MemberLookups {
    size_t count = 0;
    MemberLookup each[kPrefetchedKeysMax];
  };
  void PrefetchMembers(int database, absl::Span<const Key> keys,
                       absl::Span<const absl::string_view> members, MemberLookups* lookups) const;
  void PrefetchBlocks(int database, absl::Span<const Key> keys, uint32_t streams) const;
  const Entry* EntryToFetch(int database, const Key& key) const;
  SlotExtra& EnsureExtra(uint16_t slot);
  DeadlineHint& HintAt(uint16_t slot, int database);
  Table TableAt(TableRoot* root, uint16_t slot, int database, StoreCounters* counters) const {
    return Table(root, context_, slot, database, &counters->used_bytes);
  }
  // Before a table is given its first key.
  void NoteUsed(uint16_t slot, const TableRoot& root) {
    if (root.ref == 0) used_slots_.Set(slot);
  }
  void AddKeys(uint16_t slot, TableRoot& root, int database, int amount, StoreCounters* counters);
  static void AddExpiringKeys(TableRoot& root, int database, int amount, StoreCounters* counters);

  // The funnel of all changes: marks who watches the key, notes it as ready for who waits for it,
  // tells who has read it. `worker` makes the change.
  void Touch(uint16_t slot, int database, absl::string_view key, int worker,
             InvalidationCause cause = InvalidationCause::kCommand) {
    const uint32_t observed =
        slots_[slot].flags & (Slot::kWatched | Slot::kAwaited | Slot::kTracked);
    if ((observed | tells_all_changes_.load(std::memory_order_relaxed)) != 0)
      TouchObserved(slot, database, key, worker, cause);
  }
  void TouchObserved(uint16_t slot, int database, absl::string_view key, int worker,
                     InvalidationCause cause);
  // Nobody tracks what is taken any more.
  KeyReaders TakeReaders(uint16_t slot, absl::string_view key);
  TrackedKeys TakeTrackedKeys(uint16_t slot);
  void TellSlotLost(uint16_t slot);
  void TellFlushed();
  bool ForgetTrackedKeyIn(uint16_t slot, int worker);
  void TouchWanted(uint16_t slot, int database, absl::string_view key, int worker);
  // Of watched and awaited keys that are there.
  void TouchWantedOf(uint16_t slot, int database, int worker);
  void NoteReady(uint16_t slot, AwaitedKey* awaited, int worker);

  // Hands a change that has happened to the sink, if there is one. `counters` say which worker has
  // made it.
  void Tell(const Change& change, const StoreCounters& counters) const {
    ChangeSink* const sink = change_sink();
    if (sink != nullptr) sink->OnChange(counters.worker, change);
  }

  // What would wait for itself for ever among threads must not pass without them.
  void NoteLocked() {
    DFLY_CHECK(!all_held_);
    ++held_count_;
  }

  bool TryLockQuietly(uint16_t slot) const DFLY_NO_THREAD_SAFETY_ANALYSIS {
    return slots_[slot].lock.TryLockIf(has_threads_);
  }
  void UnlockAfterTry(uint16_t slot) const DFLY_NO_THREAD_SAFETY_ANALYSIS {
    slots_[slot].lock.UnlockIf(has_threads_);
  }

  void ChargeSlot(uint16_t slot, int database, int64_t bytes) {
    if (figures_ != nullptr && database == 0) figures_[slot].entry_bytes += bytes;
  }
  // Detaches the table of a database in a slot, with all its keys, for the reclaimer to free.
  // Returns how many there were; the caller corrects the counters.
  uint64_t DetachTable(uint16_t slot, int database, TableRoot* root, StoreCounters* counters);
  void CoverTable(TableRoot* root, uint16_t slot, int database, WalkRegistry::Audience audience);
  void PrefetchRoots(int slot, int first, int second) const;
  void SwapInSlot(uint16_t slot, int first, int second, int worker);
  int SlotOfRank(int database, uint64_t rank) const;
  bool VisitFirstLive(int database, int64_t now_ms, bool all_locked, EntryVisitor visitor);

  // Active expiry, in expiry.cc.
  bool ExpireStep(int worker, int64_t now_ms, StoreCounters* counters);
  int64_t ExpireInSlot(uint16_t slot, int64_t now_ms, int64_t visits_max, StoreCounters* counters);
  int64_t SweepTable(uint16_t slot, Database& database, DeadlineHint& hint, int64_t visits_max);

  struct alignas(64) WorkerState {
    int expiry_slot = 0;  // where the next expiry step begins
    int round_slots = 0;  // how many slots this round has passed, and when the last of them
    int64_t round_ms = 0;
    std::vector<ReadyKey> ready_keys;
  };

  const Options options_;
  const bool has_threads_;
  // Without threads only: whether all locks are held, and how many are one by one.
  bool all_held_ = false;
  int held_count_ = 0;
  uint8_t flags_required_ = 0;  // of a slot that commands may touch
  std::atomic<bool> ownership_known_{false};
  SlotFigures* figures_ = nullptr;  // kSlotCount of them, if restricted to owned slots
  void* slots_memory_;
  Slot* slots_;
  std::atomic<ChangeSink*> change_sink_{nullptr};
  std::atomic<KeyEventSink*> key_event_sink_{nullptr};
  std::atomic<InvalidationSink*> invalidation_sink_{nullptr};
  std::atomic<uint32_t> tells_all_changes_{0};  // or 1
  std::atomic<Access> access_{Access::kReadWrite};
  Evictor evictor_{this};
  // Apart from the above, which every command reads: a walk takes its lock for every bucket.
  alignas(64) mutable WalkRegistry walks_;
  uint32_t bucket_epoch_ = 0;  // of all tables' buckets, where one thread alone changes them
  TableContext context_;
  ValueContext value_context_;
  Reclaimer reclaimer_;
  // Those that have an extra part, and so may have deadlines.
  SlotBits extra_slots_;
  // These, and those that have ever had a key in database 0: elsewhere there is nothing to visit.
  SlotBits used_slots_;
  std::vector<StoreCounters> counters_;
  std::vector<SlotGroupCounts> group_counts_;
  std::vector<WorkerState> workers_;
  std::atomic<bool> active_expiry_{true};
  std::atomic<bool> owns_expiry_{true};
  std::atomic<int64_t> expiry_paused_until_ms_{0};
  std::atomic<int64_t> last_step_ms_{0};
  std::atomic<int64_t> tracked_key_count_{0};
  std::atomic<int64_t> tracked_reader_count_{0};
  std::atomic<int64_t> background_step_entries_max_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_STORE_H_
