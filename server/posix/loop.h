#ifndef DAMSELFLY_SERVER_POSIX_LOOP_H_
#define DAMSELFLY_SERVER_POSIX_LOOP_H_

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/posix/descriptor.h"
#include "server/posix/event_source.h"
#include "server/posix/idle_yield.h"
#include "server/posix/read_group.h"
#include "server/posix/timer_queue.h"
#include "server/runtime/event_loop.h"

namespace damselfly::posix {

class StreamSocket;

// One worker's loop over edge-triggered epoll. A pass is: one epoll_wait, the clocks, the sockets
// that are ready, the sockets with more to read from an earlier pass, the timers that are due, the
// posted work.
//
// Life: created and filled by one thread; Run() on the worker's thread until RequestStop(); then,
// by the thread that joined the worker, DiscardWork(). Before Run() and after it, the owning thread
// counts as the loop's thread.
class Loop final : public EventLoop {
 public:
  static constexpr int kEventsMax = 512;

  static absl::StatusOr<std::unique_ptr<Loop>> Create(int index);
  ~Loop() override;

  int index() const override { return index_; }
  int64_t pass_monotonic_ns() const override { return pass_monotonic_ns_; }
  int64_t pass_wall_us() const override { return pass_wall_us_; }
  void Post(Work work) override;
  TimerId StartTimer(int64_t delay_ns, Work work) override;
  bool CancelTimer(TimerId id) override;
  void Stall(int64_t duration_ns) override;

  // Runs passes until RequestStop, which takes effect between two call-backs. Called once.
  void Run();
  // Any thread. Idempotent.
  void RequestStop();
  // After Run: destroys all posted work, timers and unfinished connects without running them, and
  // whatever of these is handed over later, at once.
  void DiscardWork();

  // For the sources of this folder. `source` is called back until Unwatch or until `fd` is closed.
  // Watching a descriptor again replaces its events. Any thread.
  absl::Status Watch(int fd, uint32_t epoll_events, EventSource* source);
  void Unwatch(int fd);
  // Deletes `source` after the events of this pass have been dispatched. Its descriptor is closed
  // already.
  void Retire(std::unique_ptr<EventSource> source);
  // Owns `source` until Release, which retires it, or DiscardWork.
  void Adopt(std::unique_ptr<EventSource> source);
  void Release(EventSource* source);
  // Calls `socket` again in the next pass, which then does not wait. Not while it is queued
  // already.
  void QueueAgain(StreamSocket* socket);
  // Calls `socket`'s SendHeld in this pass, when enough of them want that, or it comes to an end.
  // It may stand in line already.
  void SendSoon(StreamSocket* socket);
  // Where the next stream receives.
  char* read_room() { return read_group_.room(); }
  // So many bytes have been received there for `socket`: in this pass it is called back with them,
  // together with others that have read.
  void DeliverSoon(StreamSocket* socket, size_t bytes);

  // Streams that exist on this loop. Any thread.
  int open_streams() const { return open_streams_.load(std::memory_order_relaxed); }
  void AddOpenStreams(int change) { open_streams_.fetch_add(change, std::memory_order_relaxed); }

  bool OnLoopThread() const {
    return runner_ == std::thread::id() || runner_ == std::this_thread::get_id();
  }

 private:
  Loop(int index, Descriptor epoll, Descriptor wake_up);

  void RunPass();
  // Fill events_ and return how many. The first sleeps until there is something to do; the second
  // lets other threads run once, and returns none if there still is nothing; the third asks epoll,
  // which waits for so long at most, or for ever (-1).
  int WaitForEvents();
  int GiveWay();
  int PollEvents(int timeout_ms);
  int TimeoutMs() const;
  void ReadClocks();
  void Dispatch(const epoll_event& event);
  void DeliverRead();
  void RunQueuedSockets();
  void SendHeld();
  void RunTimers();
  void RunPosted();
  void DeleteRetired();
  void WakeUp();
  bool stopping() const { return stop_requested_.load(std::memory_order_relaxed); }

  const int index_;
  const Descriptor epoll_;
  const Descriptor wake_up_;  // an eventfd
  std::thread::id runner_;    // none: the owning thread

  int64_t pass_monotonic_ns_ = 0;
  int64_t pass_wall_us_ = 0;
  ReadGroup read_group_;
  std::array<epoll_event, kEventsMax> events_;
  TimerQueue timers_;
  IdleYield idle_yield_;
  bool discarding_ = false;

  std::vector<StreamSocket*> queued_;
  std::vector<StreamSocket*> senders_;  // in line for SendHeld
  std::vector<StreamSocket*> running_queued_;
  std::vector<std::unique_ptr<EventSource>> retired_;
  std::vector<std::unique_ptr<EventSource>> adopted_;

  std::mutex posted_mutex_;
  std::vector<Work> posted_;     // under posted_mutex_
  bool discard_posted_ = false;  // under posted_mutex_
  std::vector<Work> running_posted_;
  std::atomic<bool> has_posted_{false};
  // True from before the loop decides to sleep until it wakes: whoever posts meanwhile wakes it.
  std::atomic<bool> asleep_{false};
  std::atomic<bool> stop_requested_{false};
  std::atomic<int> open_streams_{0};
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_LOOP_H_
