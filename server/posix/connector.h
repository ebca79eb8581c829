#ifndef DAMSELFLY_SERVER_POSIX_CONNECTOR_H_
#define DAMSELFLY_SERVER_POSIX_CONNECTOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "server/posix/address.h"
#include "server/posix/descriptor.h"
#include "server/posix/event_source.h"
#include "server/posix/loop.h"
#include "server/runtime/network.h"

namespace damselfly::posix {

// One connect under way: tries the addresses one after another. Owned by its loop until it has
// called its handler.
class Connector final : public EventSource {
 public:
  // On `loop`'s thread. Requires at least one address. `handler` is called later, never from here.
  static void Start(Loop& loop, const Endpoint& endpoint, std::vector<SocketAddress> addresses,
                    int tcp_keepalive_s, Network::ConnectHandler handler);

  void OnEvents(uint32_t epoll_events) override;

 private:
  Connector(Loop& loop, const Endpoint& endpoint, std::vector<SocketAddress> addresses,
            int tcp_keepalive_s, Network::ConnectHandler handler);

  // Starts to connect to the next address, until one is under way or none is left.
  void TryNext();
  // One attempt. OK: it has succeeded or is under way.
  absl::Status Try(const SocketAddress& address);
  void Report(absl::StatusOr<std::unique_ptr<Stream>> result);

  Loop& loop_;
  const Endpoint endpoint_;
  const std::vector<SocketAddress> addresses_;
  const int tcp_keepalive_s_;
  Network::ConnectHandler handler_;
  size_t next_ = 0;
  Descriptor socket_;
  absl::Status last_error_;
  bool reported_ = false;
};

// "Could not connect to 127.0.0.1:6379: reason".
absl::Status ConnectError(const Endpoint& endpoint, const absl::Status& reason);

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_CONNECTOR_H_
