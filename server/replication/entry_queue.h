#ifndef DAMSELFLY_SERVER_REPLICATION_ENTRY_QUEUE_H_
#define DAMSELFLY_SERVER_REPLICATION_ENTRY_QUEUE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "absl/functional/any_invocable.h"
#include "server/base/blob.h"
#include "server/store/table_walk.h"

namespace damselfly {

// The entries that the walk of one lane has come upon and that wait to be sent. Filled under slots'
// locks by the walk's own thread and by writers, who are about to change what the walk has not seen
// yet; emptied by the flow. Thread-safe.
//
// Big values are shared with the store, not copied. What the queue holds beside the store (bytes of
// its own, and values that the store has dropped meanwhile) is bounded: beyond that it gives up,
// drops everything and takes no more.
class EntryQueue final : public TableWalk::Receiver {
 public:
  // Values from this size on are shared.
  static constexpr size_t kSharedBytesMin = 4096;

  struct Item {
    std::string bytes;  // complete kEntry frames; with a blob: the change, up to its value
    BlobRef blob;       // the value
  };

  // `bytes_max` 0: no limit. `on_overflow` is called once, with a slot locked: it only leaves word.
  EntryQueue(int64_t bytes_max, absl::AnyInvocable<void()> on_overflow);
  EntryQueue(const EntryQueue&) = delete;
  EntryQueue& operator=(const EntryQueue&) = delete;

  void Receive(uint16_t slot, int database, const Entry& entry) override;
  // What is flushed while the walk goes on need not be sent: the record of the flush follows, and
  // wipes it.
  bool WantsFlushed() const override { return false; }

  // How many items there have ever been.
  uint64_t pushed() const;
  // Takes the next item, if it is one of the first `end` that there have been. Entries that come
  // later may be in it.
  bool Pop(uint64_t end, Item* item);
  // Everything has been taken.
  bool empty() const;
  // Of all that waits, values in full.
  int64_t waiting_bytes() const { return waiting_bytes_.load(std::memory_order_relaxed); }
  bool overflowed() const { return overflowed_.load(std::memory_order_relaxed); }
  // The store has ended the walk too early: drops everything, takes no more.
  void Close();
  // What is received is lost, until it hears again: a deliberate bug.
  void set_deaf(bool deaf) {
    std::lock_guard<std::mutex> guard(mutex_);
    deaf_ = deaf;
  }
  // What is too much is dropped, and more taken: another one.
  void set_forgetful(bool forgetful) {
    std::lock_guard<std::mutex> guard(mutex_);
    forgetful_ = forgetful;
  }

 private:
  // All below require mutex_.
  void Push(uint16_t slot, int database, const Entry& entry);
  void Clear();
  int64_t OwnBytes() const;

  const int64_t bytes_max_;
  absl::AnyInvocable<void()> on_overflow_;
  std::atomic<int64_t> waiting_bytes_{0};
  std::atomic<bool> overflowed_{false};

  mutable std::mutex mutex_;
  std::deque<Item> items_;        // guarded by mutex_, as all below
  uint64_t popped_ = 0;           // items ever taken
  int64_t next_count_bytes_ = 0;  // waiting_bytes_ from which on it is worth counting again
  bool closed_ = false;
  bool deaf_ = false;
  bool forgetful_ = false;
  std::string scratch_;
  std::string rdb_;  // the collection that is being taken
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_ENTRY_QUEUE_H_
