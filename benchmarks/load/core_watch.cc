#include "benchmarks/load/core_watch.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "benchmarks/load/clock.h"

namespace damselfly::load {
namespace {

absl::Status Failed(const std::string& what, int error) {
  return absl::FailedPreconditionError(
      absl::StrCat("watching cores: ", what, ": ", std::strerror(error)));
}

void SleepUntil(int64_t time_ns) {
  const timespec time{time_ns / kSecond_ns, time_ns % kSecond_ns};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

// How long a piece of work takes that needs nothing but the core's clock: some hundred nanoseconds.
// The fastest of a few, since an interrupt may come between.
int64_t TimeWork_ns() {
  constexpr int kTries = 3;
  constexpr int kSteps = 256;  // each waits for the one before
  volatile uint64_t number = 1;
  int64_t fastest_ns = INT64_MAX;
  for (int i = 0; i < kTries; ++i) {
    const int64_t begin_ns = Now_ns();
    uint64_t work = number;
    for (int step = 0; step < kSteps; ++step) work = work * 6364136223846793005 + 1;
    number = work;
    fastest_ns = std::min(fastest_ns, std::max<int64_t>(Now_ns() - begin_ns, 1));
  }
  return fastest_ns;
}

}  // namespace

absl::Status CoreWatch::Start() {
  clockid_t process_clock;
  const int error = clock_getcpuclockid(process_, &process_clock);
  if (error != 0) return Failed(absl::StrCat("process ", process_), error);
  thread_ = std::thread([this, process_clock] { Watch(process_clock); });
  absl::Status status = GoFirst();
  if (!status.ok()) Stop();
  return status;
}

void CoreWatch::Stop() {
  stop_asked_.store(true);
  if (thread_.joinable()) thread_.join();
}

absl::Status CoreWatch::GoFirst() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core_, &cores);
  int error = pthread_setaffinity_np(thread_.native_handle(), sizeof(cores), &cores);
  if (error != 0) return Failed(absl::StrCat("core ", core_), error);
  sched_param precedence{};
  precedence.sched_priority = kPrecedence;
  error = pthread_setschedparam(thread_.native_handle(), SCHED_FIFO, &precedence);
  if (error != 0) return Failed("SCHED_FIFO", error);
  has_precedence_.store(true);
  return absl::OkStatus();
}

void CoreWatch::Watch(clockid_t process_clock) {
  DisturbanceFinder finder(ReadClock_ns(process_clock));
  int64_t due_ns = Now_ns();
  while (!stop_asked_.load()) {
    due_ns += kPeriod_ns;
    SleepUntil(due_ns);
    const int64_t now_ns = Now_ns();
    // Until the thread comes first, how late it wakes up says nothing.
    if (has_precedence_.load())
      finder.Wake(due_ns, now_ns, ReadClock_ns(process_clock), TimeWork_ns());
    // What was missed is not made up for.
    due_ns = now_ns;
  }
  found_ = finder.found();
  late_ = finder.late();
}

absl::Status CoreWatches::Start() {
  for (const std::unique_ptr<CoreWatch>& watch : watches_) {
    absl::Status status = watch->Start();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

Disturbances CoreWatches::Stop() {
  std::vector<std::vector<Disturbance>> late;
  std::vector<Disturbance> all;
  for (const std::unique_ptr<CoreWatch>& watch : watches_) {
    watch->Stop();
    late.push_back(watch->late());
    all.insert(all.end(), watch->found().begin(), watch->found().end());
  }
  watches_.clear();
  const std::vector<Disturbance> together = StopsOfAll(late);
  all.insert(all.end(), together.begin(), together.end());
  return Disturbances(std::move(all));
}

}  // namespace damselfly::load
