#include "server/posix/loop.h"

#include <errno.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/base/check.h"
#include "server/posix/errno_status.h"
#include "server/posix/posix_clock.h"
#include "server/posix/stream.h"

namespace damselfly::posix {
namespace {

// So many have their replies before more is read: the first of them has waited for some hundred
// microseconds at most, if commands are short.
constexpr size_t kSendersMax = 16;

// Keeps its buffer for the next pass, unless one burst made it large.
constexpr size_t kPostedCapacityMax = 4096;

void RunAndDestroy(EventLoop::Work& work) {
  work();
  work = nullptr;  // what it captured goes now, not with the rest of the batch
}

}  // namespace

absl::StatusOr<std::unique_ptr<Loop>> Loop::Create(int index) {
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return ErrnoStatus(errno, "Could not create an epoll instance");
  Descriptor wake_up(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake_up.valid()) return ErrnoStatus(errno, "Could not create an eventfd");
  std::unique_ptr<Loop> loop(new Loop(index, std::move(epoll), std::move(wake_up)));
  // Edge-triggered: every write to it is reported once, so it never has to be read.
  absl::Status watched = loop->Watch(loop->wake_up_.get(), EPOLLIN | EPOLLET, nullptr);
  if (!watched.ok()) return watched;
  return loop;
}

Loop::Loop(int index, Descriptor epoll, Descriptor wake_up)
    : index_(index), epoll_(std::move(epoll)), wake_up_(std::move(wake_up)) {
  ReadClocks();
}

Loop::~Loop() {
  DiscardWork();
  DFLY_CHECK_EQ(open_streams(), 0);  // streams refer to their loop: they go first
}

void Loop::Run() {
  runner_ = std::this_thread::get_id();
  while (!stop_requested_.load(std::memory_order_acquire)) RunPass();
  runner_ = std::thread::id();
}

void Loop::RequestStop() {
  stop_requested_.store(true, std::memory_order_release);
  WakeUp();
}

void Loop::DiscardWork() {
  DFLY_CHECK(OnLoopThread());
  discarding_ = true;
  std::vector<Work> posted;
  {
    std::lock_guard lock(posted_mutex_);
    discard_posted_ = true;
    posted.swap(posted_);
  }
  posted.clear();
  running_posted_.clear();
  timers_.Clear();
  std::exchange(adopted_, {}).clear();
}

void Loop::RunPass() {
  const int count = WaitForEvents();
  ReadClocks();
  idle_yield_.CountEvents(count, pass_monotonic_ns_);
  for (int i = 0; i < count && !stopping(); ++i) Dispatch(events_[static_cast<size_t>(i)]);
  DeliverRead();
  RunQueuedSockets();
  SendHeld();
  RunTimers();
  RunPosted();
  SendHeld();
  if (!retired_.empty()) DeleteRetired();
}

int Loop::WaitForEvents() {
  int timeout_ms = TimeoutMs();
  if (timeout_ms != 0 && idle_yield_.ShouldYield(pass_monotonic_ns_)) {
    if (const int count = GiveWay(); count > 0) return count;
    timeout_ms = TimeoutMs();  // time has passed, and work may have been posted
  }
  if (timeout_ms != 0) {
    // Sequentially consistent, as in Post: of "I go to sleep" here and "there is work" there, at
    // least one side sees the other's.
    asleep_.store(true, std::memory_order_seq_cst);
    if (has_posted_.load(std::memory_order_seq_cst)) timeout_ms = 0;
  }
  const int count = PollEvents(timeout_ms);
  asleep_.store(false, std::memory_order_relaxed);
  return count;
}

int Loop::GiveWay() {
  if (const int count = PollEvents(0); count > 0) return count;
  const int64_t begin_ns = ReadMonotonicNs();
  sched_yield();
  const int64_t end_ns = ReadMonotonicNs();
  const int count = PollEvents(0);
  idle_yield_.Report(begin_ns, end_ns, count > 0 || has_posted_.load(std::memory_order_relaxed));
  return count;
}

int Loop::PollEvents(int timeout_ms) {
  const int count = epoll_wait(epoll_.get(), events_.data(), kEventsMax, timeout_ms);
  DFLY_CHECK(count >= 0 || errno == EINTR);
  return std::max(count, 0);
}

int Loop::TimeoutMs() const {
  if (!queued_.empty() || has_posted_.load(std::memory_order_relaxed)) return 0;
  const int64_t deadline_ns = timers_.next_deadline_ns();
  if (deadline_ns == TimerQueue::kNoDeadline) return -1;
  const int64_t delay_ns = deadline_ns - ReadMonotonicNs();
  if (delay_ns <= 0) return 0;
  // Rounded up: a timer never fires early, and the loop does not spin through its last millisecond.
  return static_cast<int>(std::min<int64_t>((delay_ns - 1) / 1'000'000 + 1, INT_MAX));
}

void Loop::ReadClocks() {
  pass_monotonic_ns_ = ReadMonotonicNs();
  pass_wall_us_ = ReadWallUs();
}

void Loop::Dispatch(const epoll_event& event) {
  EventSource* source = static_cast<EventSource*>(event.data.ptr);
  if (source == nullptr) return;  // only a wake-up
  if (source->kind() == EventSource::Kind::kStream) {
    static_cast<StreamSocket*>(source)->OnEvents(event.events);
  } else {
    source->OnEvents(event.events);
  }
}

void Loop::DeliverSoon(StreamSocket* socket, size_t bytes) {
  read_group_.Add(socket, bytes);
  if (read_group_.full()) DeliverRead();
}

void Loop::DeliverRead() {
  const absl::Span<const ReadGroup::Read> reads = read_group_.reads();
  if (reads.size() > 1) {
    for (const ReadGroup::Read& read : reads) read.socket->Announce(read.data);
  }
  for (const ReadGroup::Read& read : reads) {
    if (!stopping()) read.socket->Deliver(read.data);
  }
  DFLY_CHECK_EQ(read_group_.reads().size(), reads.size());
  read_group_.Clear();
}

void Loop::RunQueuedSockets() {
  if (queued_.empty()) return;
  DFLY_CHECK(running_queued_.empty());
  running_queued_.swap(queued_);
  for (StreamSocket* socket : running_queued_) {
    if (stopping()) {
      socket->set_queued(false);
    } else {
      socket->RunQueued();
    }
  }
  DeliverRead();
  running_queued_.clear();
}

void Loop::SendSoon(StreamSocket* socket) {
  if (senders_.size() == kSendersMax) SendHeld();
  senders_.push_back(socket);
}

void Loop::SendHeld() {
  for (StreamSocket* socket : senders_) socket->SendHeld();
  senders_.clear();
}

void Loop::RunTimers() {
  Work work;
  while (!stopping() && timers_.PopDue(pass_monotonic_ns_, &work)) RunAndDestroy(work);
}

void Loop::RunPosted() {
  if (!has_posted_.load(std::memory_order_acquire)) return;
  DFLY_CHECK(running_posted_.empty());
  {
    std::lock_guard lock(posted_mutex_);
    running_posted_.swap(posted_);
    has_posted_.store(false, std::memory_order_relaxed);
  }
  for (Work& work : running_posted_) {
    if (stopping()) return;  // the rest waits for DiscardWork
    RunAndDestroy(work);
  }
  running_posted_.clear();
  if (running_posted_.capacity() > kPostedCapacityMax) running_posted_.shrink_to_fit();
}

void Loop::DeleteRetired() {
  // Those that stand in queued_ stay until the next pass has taken them from there.
  auto still_queued = [](const std::unique_ptr<EventSource>& source) {
    return source->kind() == EventSource::Kind::kStream &&
           static_cast<StreamSocket*>(source.get())->queued();
  };
  const auto end = std::partition(retired_.begin(), retired_.end(), still_queued);
  retired_.erase(end, retired_.end());
}

void Loop::Post(Work work) {
  bool discard;
  {
    std::lock_guard lock(posted_mutex_);
    discard = discard_posted_;
    if (!discard) {
      posted_.push_back(std::move(work));
      has_posted_.store(true, std::memory_order_seq_cst);
    }
  }
  if (discard) return;
  if (asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false, std::memory_order_relaxed))
    WakeUp();
}

EventLoop::TimerId Loop::StartTimer(int64_t delay_ns, Work work) {
  DFLY_CHECK_GE(delay_ns, 0);
  DFLY_DCHECK(OnLoopThread());
  // Not from the pass's clock: after a long pass that would let the timer fire early.
  const int64_t now_ns = ReadMonotonicNs();
  const int64_t deadline_ns =
      delay_ns < TimerQueue::kNoDeadline - now_ns ? now_ns + delay_ns : TimerQueue::kNoDeadline - 1;
  const TimerId id = timers_.Start(deadline_ns, std::move(work));
  if (discarding_) timers_.Cancel(id);
  return id;
}

bool Loop::CancelTimer(TimerId id) {
  DFLY_DCHECK(OnLoopThread());
  return timers_.Cancel(id);
}

void Loop::Stall(int64_t duration_ns) {
  DFLY_CHECK_GE(duration_ns, 0);
  timespec left{.tv_sec = duration_ns / 1'000'000'000, .tv_nsec = duration_ns % 1'000'000'000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

absl::Status Loop::Watch(int fd, uint32_t epoll_events, EventSource* source) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = source;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return absl::OkStatus();
  if (errno == EEXIST && epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0)
    return absl::OkStatus();
  return ErrnoStatus(errno, "Could not watch a descriptor with epoll");
}

void Loop::Unwatch(int fd) { (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void Loop::Retire(std::unique_ptr<EventSource> source) {
  DFLY_DCHECK(OnLoopThread());
  retired_.push_back(std::move(source));
}

void Loop::Adopt(std::unique_ptr<EventSource> source) {
  DFLY_DCHECK(OnLoopThread());
  if (!discarding_) adopted_.push_back(std::move(source));
}

void Loop::Release(EventSource* source) {
  const auto found = std::find_if(adopted_.begin(), adopted_.end(), [source](const auto& adopted) {
    return adopted.get() == source;
  });
  DFLY_CHECK(found != adopted_.end());
  std::swap(*found, adopted_.back());
  Retire(std::move(adopted_.back()));
  adopted_.pop_back();
}

void Loop::QueueAgain(StreamSocket* socket) {
  DFLY_DCHECK(OnLoopThread());
  queued_.push_back(socket);
}

void Loop::WakeUp() {
  // Fails only when the counter would overflow, and then the loop has been woken many times over.
  (void)eventfd_write(wake_up_.get(), 1);
}

}  // namespace damselfly::posix
