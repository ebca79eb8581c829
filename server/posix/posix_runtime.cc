#include "server/posix/posix_runtime.h"

#include <errno.h>
#include <glog/logging.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/check.h"
#include "server/posix/errno_status.h"
#include "server/posix/process.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

// The absolute, existing directory that `directory` names.
absl::StatusOr<std::string> ResolveDirectory(const std::string& directory) {
  char resolved[PATH_MAX];
  const std::string wanted = directory.empty() ? "." : directory;
  struct stat info;
  if (realpath(wanted.c_str(), resolved) == nullptr || stat(resolved, &info) != 0) {
    return posix::ErrnoStatus(errno, absl::StrCat("Could not use the directory ", wanted));
  }
  if (!S_ISDIR(info.st_mode)) {
    return posix::ErrnoStatus(ENOTDIR, absl::StrCat("Could not use the directory ", wanted));
  }
  return std::string(resolved);
}

std::vector<posix::Loop*> Pointers(const std::vector<std::unique_ptr<posix::Loop>>& loops) {
  std::vector<posix::Loop*> pointers;
  for (const auto& loop : loops) pointers.push_back(loop.get());
  return pointers;
}

void InitialiseLogging() {
  if (google::IsGoogleLoggingInitialized()) return;
  FLAGS_logtostderr = true;
  google::InitGoogleLogging("damselfly");
}

}  // namespace

absl::StatusOr<std::unique_ptr<PosixRuntime>> PosixRuntime::Create(PosixOptions options) {
  InitialiseLogging();
  if (options.workers < 0)
    return absl::InvalidArgumentError("The number of workers must not be negative");
  absl::StatusOr<std::string> directory = ResolveDirectory(options.directory);
  if (!directory.ok()) return directory.status();
  const int workers = options.workers == 0 ? posix::AvailableCores() : options.workers;
  std::vector<std::unique_ptr<posix::Loop>> loops;
  for (int i = 0; i < workers; ++i) {
    absl::StatusOr<std::unique_ptr<posix::Loop>> loop = posix::Loop::Create(i);
    if (!loop.ok()) return loop.status();
    loops.push_back(*std::move(loop));
  }
  std::unique_ptr<PosixRuntime> runtime(
      new PosixRuntime(options, *std::move(directory), std::move(loops)));
  if (options.on_signal) {
    auto signals = posix::SignalWatch::Create(*runtime->loops_[0], std::move(options.on_signal));
    if (!signals.ok()) return signals.status();
    runtime->signals_ = *std::move(signals);
  }
  return runtime;
}

PosixRuntime::PosixRuntime(const PosixOptions& options, std::string directory,
                           std::vector<std::unique_ptr<posix::Loop>> loops)
    : release_freed_memory_(options.release_freed_memory),
      facts_(posix::ReadProcessFacts(directory)),
      files_(std::move(directory)),
      loops_(std::move(loops)),
      network_(std::make_unique<posix::PosixNetwork>(Pointers(loops_), options.tcp_keepalive_s,
                                                     options.unix_socket_mode)) {}

PosixRuntime::~PosixRuntime() = default;

int PosixRuntime::Run() {
  DFLY_CHECK(!has_run_);
  has_run_ = true;
  std::vector<std::thread> threads;
  for (const auto& loop : loops_) {
    threads.emplace_back([&loop] {
      pthread_setname_np(pthread_self(), absl::StrCat("dfly-", loop->index()).c_str());
      loop->Run();
    });
  }
  for (std::thread& thread : threads) thread.join();
  network_->StopResolver();
  for (const auto& loop : loops_) loop->DiscardWork();
  const int64_t exit_code = exit_code_.load();
  DFLY_CHECK(exit_code != kNoExit);
  return static_cast<int>(exit_code);
}

void PosixRuntime::RequestExit(int exit_code) {
  int64_t none = kNoExit;
  exit_code_.compare_exchange_strong(none, exit_code);
  for (const auto& loop : loops_) loop->RequestStop();
}

uint64_t PosixRuntime::RandomSeed(absl::string_view purpose) {
  uint64_t seed = 0;
  // Up to 256 bytes are never cut short or interrupted once the pool is ready (getrandom(2)).
  DFLY_CHECK(getrandom(&seed, sizeof(seed), 0) == static_cast<ssize_t>(sizeof(seed)));
  for (const char byte : purpose) seed = Random(seed ^ static_cast<uint8_t>(byte)).Next();
  return seed;
}

ProcessUsage PosixRuntime::Usage() const { return posix::ReadProcessUsage(); }

void PosixRuntime::ReleaseFreedMemory() {
  if (release_freed_memory_) release_freed_memory_();
}

void PosixRuntime::Log(Severity severity, absl::string_view message) {
  const std::string text(message);
  switch (severity) {
    case Severity::kInfo:
      LOG(INFO) << text;
      return;
    case Severity::kWarning:
      LOG(WARNING) << text;
      return;
    case Severity::kError:
      LOG(ERROR) << text;
      return;
  }
}

}  // namespace damselfly
