#ifndef DAMSELFLY_SERVER_POSIX_SIGNALS_H_
#define DAMSELFLY_SERVER_POSIX_SIGNALS_H_

#include <signal.h>

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/posix/descriptor.h"
#include "server/posix/event_source.h"
#include "server/posix/loop.h"

namespace damselfly::posix {

// Turns the first SIGTERM or SIGINT into a call-back on a loop. From then on the loop's thread
// takes these signals with their default effect, so a second one ends the process at once, whatever
// its threads are doing. While it lives, SIGHUP and SIGPIPE are ignored: neither a closed terminal
// nor a closed log pipe ends a server.
class SignalWatch final : public EventSource {
 public:
  using Handler = absl::AnyInvocable<void(int signal)>;

  // Blocks the two signals in the calling thread, hence in all threads that it starts from now on;
  // undone on destruction, which must come from the same thread after `loop` has stopped.
  static absl::StatusOr<std::unique_ptr<SignalWatch>> Create(Loop& loop, Handler handler);
  ~SignalWatch() override;

  void OnEvents(uint32_t epoll_events) override;

 private:
  explicit SignalWatch(Handler handler);

  Handler handler_;
  sigset_t watched_;
  sigset_t mask_before_;
  struct sigaction hangup_before_;
  struct sigaction pipe_before_;
  Descriptor signals_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_SIGNALS_H_
