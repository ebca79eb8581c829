#ifndef DAMSELFLY_SERVER_POSIX_POSIX_NETWORK_H_
#define DAMSELFLY_SERVER_POSIX_POSIX_NETWORK_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/posix/loop.h"
#include "server/posix/resolver.h"
#include "server/runtime/network.h"

namespace damselfly::posix {

// Network over the system's sockets.
class PosixNetwork final : public Network {
 public:
  // `loops` outlive the network; index i is worker i. `tcp_keepalive_s`: 0 turns the probes off.
  // `unix_socket_mode`: permission bits of listening Unix sockets, 0 leaves them to the umask.
  PosixNetwork(std::vector<Loop*> loops, int tcp_keepalive_s, int unix_socket_mode);

  // Any thread. A name is looked up right here. The listener may be destroyed on any thread:
  // connections that were accepted before and not yet handed out are closed; a handler that runs
  // meanwhile on another loop finishes.
  absl::StatusOr<std::unique_ptr<Listener>> Listen(const Endpoint& endpoint, int backlog,
                                                   AcceptHandler handler) override;
  void Connect(EventLoop& loop, const Endpoint& endpoint, ConnectHandler handler) override;

  // No handler of a look-up under way is called or held any more. After the loops have stopped.
  void StopResolver() { resolver_.Stop(); }

 private:
  const std::vector<Loop*> loops_;
  const int tcp_keepalive_s_;
  const int unix_socket_mode_;
  Resolver resolver_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_POSIX_NETWORK_H_
