#include "server/posix/timer_queue.h"

#include <cstdint>
#include <utility>

#include "server/base/check.h"

namespace damselfly::posix {

TimerQueue::TimerId TimerQueue::Start(int64_t deadline_ns, Work work) {
  uint32_t index;
  if (free_slots_.empty()) {
    DFLY_CHECK_LT(slots_.size(), size_t{UINT32_MAX});
    index = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_slots_.back();
    free_slots_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.deadline_ns = deadline_ns;
  slot.sequence = next_sequence_++;
  slot.in_use = true;
  slot.work = std::move(work);
  heap_.push_back(index);
  SiftUp(static_cast<uint32_t>(heap_.size() - 1));
  return (uint64_t{slot.generation} << 32) | index;
}

bool TimerQueue::Cancel(TimerId id) {
  const uint32_t index = static_cast<uint32_t>(id);
  if (index >= slots_.size()) return false;
  const Slot& slot = slots_[index];
  if (!slot.in_use || slot.generation != id >> 32) return false;
  Remove(index);
  return true;
}

bool TimerQueue::PopDue(int64_t now_ns, Work* work) {
  if (next_deadline_ns() > now_ns || heap_.empty()) return false;
  *work = Remove(heap_[0]);
  return true;
}

void TimerQueue::Clear() {
  // One by one: the destructor of a timer's work may cancel other timers.
  while (!heap_.empty()) Remove(heap_.back());
}

bool TimerQueue::Before(uint32_t a, uint32_t b) const {
  const Slot& first = slots_[a];
  const Slot& second = slots_[b];
  if (first.deadline_ns != second.deadline_ns) return first.deadline_ns < second.deadline_ns;
  return first.sequence < second.sequence;
}

void TimerQueue::Place(uint32_t heap_index, uint32_t slot) {
  heap_[heap_index] = slot;
  slots_[slot].heap_index = heap_index;
}

void TimerQueue::SiftUp(uint32_t heap_index) {
  const uint32_t slot = heap_[heap_index];
  while (heap_index > 0) {
    const uint32_t parent = (heap_index - 1) / 2;
    if (!Before(slot, heap_[parent])) break;
    Place(heap_index, heap_[parent]);
    heap_index = parent;
  }
  Place(heap_index, slot);
}

void TimerQueue::SiftDown(uint32_t heap_index) {
  const uint32_t slot = heap_[heap_index];
  const uint32_t size = static_cast<uint32_t>(heap_.size());
  for (;;) {
    uint32_t child = 2 * heap_index + 1;
    if (child >= size) break;
    if (child + 1 < size && Before(heap_[child + 1], heap_[child])) ++child;
    if (!Before(heap_[child], slot)) break;
    Place(heap_index, heap_[child]);
    heap_index = child;
  }
  Place(heap_index, slot);
}

TimerQueue::Work TimerQueue::Remove(uint32_t index) {
  Slot& slot = slots_[index];
  DFLY_CHECK(slot.in_use);
  DFLY_CHECK_EQ(heap_[slot.heap_index], index);
  const uint32_t hole = slot.heap_index;
  const uint32_t last = heap_.back();
  heap_.pop_back();
  if (last != index) {
    Place(hole, last);
    SiftUp(hole);
    SiftDown(slots_[last].heap_index);
  }
  slot.in_use = false;
  if (++slot.generation == 0) slot.generation = 1;
  free_slots_.push_back(index);
  return std::exchange(slot.work, nullptr);
}

}  // namespace damselfly::posix
