#ifndef DAMSELFLY_SERVER_STORE_EVICTOR_H_
#define DAMSELFLY_SERVER_STORE_EVICTOR_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "server/base/spinlock.h"
#include "server/base/thread_annotations.h"
#include "server/runtime/random.h"
#include "server/store/access_clock.h"
#include "server/store/eviction_policy.h"
#include "server/store/table.h"

namespace damselfly {

class Database;
class Store;
struct StoreCounters;

// Removes keys of a store for want of memory, by one of Redis's policies. When, others decide.
//
// Each worker has a hand that goes round all slots, bucket by bucket, and looks at the keys that it
// passes: at a few for each one to evict, of which the best goes. So keys are looked at equally
// often wherever they are, be there one key a slot or all keys in one.
//
// How good an entry is tells AccessClock, whose generations advance with the sweep: one for all
// workers, moved on by background steps, and by evictions in step with their number. It goes over
// all entries, round after round, holds back those that the clock would take for new, lets levels
// decay, and counts how many entries have which rank. A generation ends with a round, if
//   - the entries accessed in it are a sixteenth of all at least: else nothing would be told apart;
//   - what becomes the oldest class is an eighth at most: else the oldest would be told apart no
//     more. Evictions, which take them, make it smaller.
// So generations are short where much is asked for and long where little is, and no time need be
// chosen. Under volatile policies only entries with deadlines count.
//
// Owned by the store. Thread-safe; EvictOne and Sweep may not be called with a slot's lock held.
class Evictor {
 public:
  explicit Evictor(Store* store);
  Evictor(const Evictor&) = delete;
  Evictor& operator=(const Evictor&) = delete;

  struct Settings {
    EvictionPolicy policy = EvictionPolicy::kNoEviction;
    int64_t samples = 5;        // keys to look at, at least, for each to evict
    int64_t log_factor = 10;    // AccessClock's
    int64_t decay_minutes = 1;  // for a level to decay; 0: none does
  };
  // Starts the clock anew if the policy asks for one of another kind. Takes no slot's lock: may be
  // called with some held.
  void Configure(const Settings& settings, int64_t now_ms);
  EvictionPolicy policy() const { return policy_.load(std::memory_order_relaxed); }
  const AccessClock& clock() const { return clock_; }

  enum class Outcome {
    kEvicted,     // or found expired, and removed
    kUnfinished,  // has looked at many keys, and may find one to evict when it is called again
    kNothing,     // no key may be evicted
  };
  // Evicts one key, if `allowed` says that it may be: it is asked under the lock of a slot, and
  // kNothing is the outcome if it is not. Looks at a bounded number of keys. `counters` are the
  // calling worker's.
  using Permission = absl::FunctionRef<bool()>;
  Outcome EvictOne(int64_t now_ms, StoreCounters* counters, Permission allowed);

  // Moves the sweep on by about so many entries, if the clock is on and nobody else is moving it.
  void Sweep(int64_t entries, int64_t now_ms);

  // Notes an access to an entry, whose slot's lock is held. For Database.
  bool notes_accesses() const { return clock_.is_on(); }
  void NoteAccess(Entry* entry, int worker);

 private:
  // What one worker knows of its way; on cache lines of its own.
  struct alignas(64) Hand {
    explicit Hand(uint64_t seed) : random(seed) {}
    int slot = 0;
    int database = 0;
    Table::BucketPosition at;
    int64_t sweep_debt = 0;  // entries that its evictions owe the sweep
    std::string key;         // scratch
    Random random;
  };

  // What a call of EvictOne has found so far.
  struct Search {
    static constexpr int64_t kNoWorth = std::numeric_limits<int64_t>::min();

    EvictionPolicy policy;
    int64_t now_ms;
    int64_t looked = 0;   // at keys that may be evicted
    int64_t visited = 0;  // entries and buckets
    bool is_over = false;
    // The best of them: how good, where, and itself as long as its slot's lock is held; afterwards
    // its key is in Hand::key.
    int64_t worth = kNoWorth;
    uint16_t slot = 0;
    int database = 0;
    Entry* entry = nullptr;
  };

  bool MayEvict(Permission allowed) const;
  bool MayHaveCandidates(EvictionPolicy policy) const;
  bool SlotMayHaveCandidates(uint16_t slot, EvictionPolicy policy) const;
  static void LeaveSlot(Hand& hand, int next_slot);
  void SearchSegment(Hand& hand, Search* search, StoreCounters* counters);
  void Consider(Entry& entry, Hand& hand, Search* search) const;
  bool Suffices(const Search& search) const;
  void Remove(Hand& hand, const Search& search, StoreCounters* counters);
  bool RemoveLater(Hand& hand, const Search& search, StoreCounters* counters, Permission allowed);
  void PayForSweep(Hand& hand, int64_t now_ms);

  void SweepSegment(uint16_t slot, int64_t* entries) DFLY_REQUIRES(sweep_lock_);
  void VisitInSweep(Entry& entry) DFLY_REQUIRES(sweep_lock_);
  void EndRound(int64_t now_ms) DFLY_REQUIRES(sweep_lock_);
  void BeginRound(int64_t now_ms) DFLY_REQUIRES(sweep_lock_);

  Store& store_;
  AccessClock clock_;
  std::atomic<EvictionPolicy> policy_{EvictionPolicy::kNoEviction};
  std::atomic<int64_t> samples_{5};
  std::atomic<int64_t> decay_ms_{60000};
  // Of this rank and above were a sixteenth of the candidates at least, in the last round.
  std::atomic<int> good_rank_{0};
  std::vector<Hand> hands_;

  SpinLock settings_lock_;                 // held while the clock is started, or advances
  std::atomic<bool> kind_changed_{false};  // since the sweep's round has begun

  // Held while slots' locks are taken: never taken by who may hold one.
  SpinLock sweep_lock_;
  int sweep_slot_ DFLY_GUARDED_BY(sweep_lock_) = 0;
  int sweep_database_ DFLY_GUARDED_BY(sweep_lock_) = 0;
  uint64_t sweep_position_ DFLY_GUARDED_BY(sweep_lock_) = 0;
  bool round_renews_ DFLY_GUARDED_BY(sweep_lock_) = false;  // bits are of another kind of clock
  int64_t round_decay_ DFLY_GUARDED_BY(sweep_lock_) = 0;    // levels
  int64_t decayed_until_ms_ DFLY_GUARDED_BY(sweep_lock_) = 0;
  std::array<int64_t, AccessClock::kRankCount> rank_counts_ DFLY_GUARDED_BY(sweep_lock_){};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_EVICTOR_H_
