#ifndef DAMSELFLY_SERVER_POSIX_RESOLVER_H_
#define DAMSELFLY_SERVER_POSIX_RESOLVER_H_

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/posix/address.h"
#include "server/runtime/network.h"

namespace damselfly::posix {

// Looks names up on a thread of its own, because the system's resolver blocks for seconds when a
// name server is away. The thread starts with the first name.
class Resolver {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::vector<SocketAddress>>)>;

  Resolver();
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `done` is called on the resolver's thread and must be quick. Any thread.
  void LookUp(Endpoint endpoint, Done done);

  // Destroys every `done` that has not been called, and waits for none: a look-up under way ends
  // later and its result is dropped. Idempotent.
  void Stop();

 private:
  struct State;
  // Shared with the thread, which may outlive the resolver.
  const std::shared_ptr<State> state_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_RESOLVER_H_
