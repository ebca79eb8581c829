#include "server/posix/signals.h"
#include "server/posix/errno_status.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace damselfly::posix {

absl::StatusOr<std::unique_ptr<SignalWatch>> SignalWatch::Create(Loop& loop, Handler handler) {
  std::unique_ptr<SignalWatch> watch(new SignalWatch(std::move(handler)));
  if (!watch->signals_.valid()) return ErrnoStatus(errno, "Could not create a signalfd");
  absl::Status watched = loop.Watch(watch->signals_.get(), EPOLLIN, watch.get());
  if (!watched.ok()) return watched;
  return watch;
}

SignalWatch::SignalWatch(Handler handler)
    : EventSource(Kind::kOther), handler_(std::move(handler)) {
  sigemptyset(&watched_);
  sigaddset(&watched_, SIGTERM);
  sigaddset(&watched_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &watched_, &mask_before_);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGHUP, &ignore, &hangup_before_);
  sigaction(SIGPIPE, &ignore, &pipe_before_);
  signals_ = Descriptor(signalfd(-1, &watched_, SFD_NONBLOCK | SFD_CLOEXEC));
}

SignalWatch::~SignalWatch() {
  sigaction(SIGPIPE, &pipe_before_, nullptr);
  sigaction(SIGHUP, &hangup_before_, nullptr);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void SignalWatch::OnEvents(uint32_t) {
  signalfd_siginfo info;
  if (read(signals_.get(), &info, sizeof(info)) != static_cast<ssize_t>(sizeof(info))) return;
  pthread_sigmask(SIG_UNBLOCK, &watched_, nullptr);
  handler_(static_cast<int>(info.ssi_signo));
}

}  // namespace damselfly::posix
