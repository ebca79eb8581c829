#ifndef DAMSELFLY_SERVER_STORE_ACCESS_CLOCK_H_
#define DAMSELFLY_SERVER_STORE_ACCESS_CLOCK_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "server/runtime/random.h"

namespace damselfly {

// What the four access bits of an entry mean, and how they change. Either of two things is known of
// each entry, or nothing:
//
//   LRU  the generation in which it was last accessed, modulo 16. Its age is how many generations
//        have passed since. Somebody must see to it that no entry gets older than 15: before each
//        Advance() all entries have been shown to HoldBack().
//   LFU  how often it is accessed, as a level: from level 3 on, which new entries have, each level
//        takes twice as many accesses as the one before, times the log factor. Decay() lowers it.
//
// The rank of an entry says how little it is missed, from 0 to 15: its age, or how far its level is
// below the highest.
//
// Thread-safe; the bits themselves are guarded by their slots' locks. An entry that is accessed
// while generations change gets the old one or the new one.
class AccessClock {
 public:
  enum class Kind : uint8_t { kOff, kLru, kLfu };
  static constexpr int kRankCount = 16;

  Kind kind() const { return kind_.load(std::memory_order_relaxed); }
  bool is_on() const { return kind() != Kind::kOff; }

  // From now on this is kept of the entries. What they have is taken for what it is not: see
  // Evictor, which shows them all to Renewed().
  void Start(Kind kind, int64_t now_ms);
  // How slowly levels rise: 0 with each access. Requires one that is not negative.
  void set_log_factor(int64_t factor) { log_factor_.store(factor, std::memory_order_relaxed); }

  // Of a new entry; 0 while the clock is off.
  uint8_t first() const { return first_.load(std::memory_order_relaxed); }
  // Of an entry that had these, after one more access.
  uint8_t AfterAccess(uint8_t access, Random& random) const;
  int RankOf(uint8_t access) const;

  // ---- For who goes over all entries ----
  uint8_t HoldBack(uint8_t access) const;
  static uint8_t Decayed(uint8_t access, int64_t levels);
  // The next generation begins. LRU only.
  void Advance(int64_t now_ms);

  // ---- In Redis's terms: OBJECT IDLETIME and FREQ, RESTORE ----
  // How long the entry has not been accessed at least, as far as the generation tells: 0 unless
  // kind() is kLru.
  int64_t IdleMs(uint8_t access, int64_t now_ms) const;
  // What an entry has that has been idle for so long: the oldest for which IdleMs says no more.
  uint8_t AfterIdleness(int64_t idle_ms, int64_t now_ms) const;
  // The number from 0 to 255 that Redis's counter would show at a log factor of 10 after as many
  // accesses; the highest level says 255.
  static int FrequencyOf(uint8_t access);
  // The highest level whose frequency is no more.
  static uint8_t WithFrequency(int frequency);

 private:
  static constexpr uint8_t kFirstLevel = 3;
  static constexpr uint8_t kLast = kRankCount - 1;

  std::atomic<Kind> kind_{Kind::kOff};
  std::atomic<uint8_t> first_{0};  // LRU: the generation
  std::atomic<int64_t> log_factor_{10};
  // When each of the last 16 generations began, in Unix time; those before Start as it did.
  std::array<std::atomic<int64_t>, kRankCount> begins_ms_{};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_ACCESS_CLOCK_H_
