#include "benchmarks/load/core_watch.h"

#include <pthread.h>
#include <sched.h>

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmarks/load/clock.h"

namespace damselfly::load {
namespace {

absl::Status Failed(const std::string& what, int error) {
  return absl::FailedPreconditionError(
      absl::StrCat("--server_cpus: ", what, ": ", std::strerror(error)));
}

void SleepUntil(int64_t time_ns) {
  const timespec time{time_ns / kSecond_ns, time_ns % kSecond_ns};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
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
  StolenFinder finder(ReadClock_ns(process_clock));
  int64_t due_ns = Now_ns();
  while (!stop_asked_.load()) {
    due_ns += kPeriod_ns;
    SleepUntil(due_ns);
    const int64_t now_ns = Now_ns();
    // Until the thread comes first, how late it wakes up says nothing.
    if (has_precedence_.load()) finder.Wake(due_ns, now_ns, ReadClock_ns(process_clock));
    // What was missed is not made up for.
    due_ns = now_ns;
  }
  moments_ = finder.moments();
}

}  // namespace damselfly::load
