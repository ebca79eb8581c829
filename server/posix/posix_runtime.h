#ifndef DAMSELFLY_SERVER_POSIX_POSIX_RUNTIME_H_
#define DAMSELFLY_SERVER_POSIX_POSIX_RUNTIME_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/posix/loop.h"
#include "server/posix/posix_clock.h"
#include "server/posix/posix_files.h"
#include "server/posix/posix_network.h"
#include "server/posix/signals.h"
#include "server/runtime/runtime.h"

namespace damselfly {

struct PosixOptions {
  int workers = 0;            // 0: as many as there are cores for this process
  std::string directory;      // where relative paths start; empty: the current directory
  int tcp_keepalive_s = 300;  // 0: no probes
  int unix_socket_mode =
      0;  // permission bits of listening Unix sockets; 0: as the umask leaves them
  // If set, called on loop 0 with the first SIGTERM or SIGINT; a second one ends the process at
  // once. The runtime then rules the process's signals (posix/signals.h). If not set, signals are
  // left alone.
  absl::AnyInvocable<void(int signal)> on_signal;
  // If set, how the allocator is told to give back what the calling thread has freed. Called on
  // several threads at a time.
  std::function<void()> release_freed_memory = nullptr;
};

// The seam's real side: worker threads with epoll loops, sockets, files, the system's clocks.
//
//   auto runtime = PosixRuntime::Create({.workers = 2});
//   {
//     Node node(**runtime, ...);    // may listen, post, start timers: nothing runs yet
//     exit_code = (*runtime)->Run();
//   }                               // no call-back runs any more; the node closes its streams
//
// Everything is constructed, run and destroyed by one thread, which counts as every loop's thread
// before and after Run(). One per process is meant, several are possible (unless more than one sets
// on_signal).
class PosixRuntime final : public Runtime {
 public:
  static absl::StatusOr<std::unique_ptr<PosixRuntime>> Create(PosixOptions options);
  ~PosixRuntime() override;

  // Starts the workers and blocks until RequestExit; returns its exit code. On return no call-back
  // runs or will run, and all posted work, timers and connects that have not run are destroyed.
  // Called at most once.
  int Run();

  int worker_count() const override { return static_cast<int>(loops_.size()); }
  EventLoop& loop(int index) override { return *loops_[static_cast<size_t>(index)]; }
  const Clock& clock() const override { return clock_; }
  Network& network() override { return *network_; }
  Files& files() override { return files_; }
  uint64_t RandomSeed(absl::string_view purpose) override;
  const ProcessFacts& facts() const override { return facts_; }
  ProcessUsage Usage() const override;
  void ReleaseFreedMemory() override;
  // The first call's code counts.
  void RequestExit(int exit_code) override;
  void Log(Severity severity, absl::string_view message) override;

 private:
  PosixRuntime(const PosixOptions& options, std::string directory,
               std::vector<std::unique_ptr<posix::Loop>> loops);

  const posix::PosixClock clock_;
  const std::function<void()> release_freed_memory_;
  const ProcessFacts facts_;
  posix::PosixFiles files_;
  const std::vector<std::unique_ptr<posix::Loop>> loops_;
  std::unique_ptr<posix::SignalWatch> signals_;
  std::unique_ptr<posix::PosixNetwork> network_;
  static constexpr int64_t kNoExit = INT64_MIN;
  std::atomic<int64_t> exit_code_{kNoExit};
  bool has_run_ = false;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_POSIX_POSIX_RUNTIME_H_
