#ifndef DAMSELFLY_SERVER_POSIX_TIMER_QUEUE_H_
#define DAMSELFLY_SERVER_POSIX_TIMER_QUEUE_H_

#include <cstdint>
#include <vector>

#include "server/runtime/event_loop.h"

namespace damselfly::posix {

// Timers ordered by deadline; equal deadlines fire in the order in which they were started.
// Starting, cancelling and popping cost O(log n) and allocate only when there are more timers than
// ever before. Not thread-safe.
//
// A binary heap of slot numbers; every slot knows its place in the heap, so that a timer is
// cancelled in place. An id is a slot number and the slot's generation, so that the id of a timer
// that is gone never names a later one.
class TimerQueue {
 public:
  using Work = EventLoop::Work;
  using TimerId = EventLoop::TimerId;
  static constexpr int64_t kNoDeadline = INT64_MAX;

  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  // Never returns EventLoop::kNoTimer.
  TimerId Start(int64_t deadline_ns, Work work);

  // Destroys the timer's work and returns true; returns false if it has been popped or cancelled.
  bool Cancel(TimerId id);

  // The earliest deadline, or kNoDeadline when there is no timer.
  int64_t next_deadline_ns() const {
    return heap_.empty() ? kNoDeadline : slots_[heap_[0]].deadline_ns;
  }

  // If the earliest deadline is at or before `now_ns`, removes that timer, puts its work into *work
  // and returns true.
  bool PopDue(int64_t now_ns, Work* work);

  // Destroys all timers. Work that is destroyed may call Cancel.
  void Clear();

  size_t size() const { return heap_.size(); }

 private:
  struct Slot {
    int64_t deadline_ns = 0;
    uint64_t sequence = 0;
    uint32_t generation = 1;  // never 0, so that no id is kNoTimer
    uint32_t heap_index = 0;
    bool in_use = false;
    Work work;
  };

  bool Before(uint32_t a, uint32_t b) const;
  void Place(uint32_t heap_index, uint32_t slot);
  void SiftUp(uint32_t heap_index);
  void SiftDown(uint32_t heap_index);
  // Takes the slot out of the heap, frees it and returns its work.
  Work Remove(uint32_t slot);

  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
  std::vector<uint32_t> heap_;
  uint64_t next_sequence_ = 0;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_TIMER_QUEUE_H_
