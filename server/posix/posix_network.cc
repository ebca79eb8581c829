#include "server/posix/posix_network.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/check.h"
#include "server/posix/address.h"
#include "server/posix/connector.h"
#include "server/posix/listener.h"

namespace damselfly::posix {
namespace {

class PosixListener final : public Listener {
 public:
  explicit PosixListener(std::shared_ptr<Acceptor> acceptor) : acceptor_(std::move(acceptor)) {}
  ~PosixListener() override {
    acceptor_->Stop();
    Acceptor::ReleaseOnLoop(std::move(acceptor_));
  }
  const Endpoint& endpoint() const override { return acceptor_->endpoint(); }

 private:
  std::shared_ptr<Acceptor> acceptor_;
};

// On `loop`'s thread.
void ConnectToResolved(Loop& loop, const Endpoint& endpoint,
                       absl::StatusOr<std::vector<SocketAddress>> addresses, int tcp_keepalive_s,
                       Network::ConnectHandler handler) {
  if (addresses.ok()) {
    Connector::Start(loop, endpoint, *std::move(addresses), tcp_keepalive_s, std::move(handler));
  } else {
    loop.Post([handler = std::move(handler),
               error = ConnectError(endpoint, addresses.status())]() mutable {
      handler(std::move(error));
    });
  }
}

}  // namespace

PosixNetwork::PosixNetwork(std::vector<Loop*> loops, int tcp_keepalive_s, int unix_socket_mode)
    : loops_(std::move(loops)),
      tcp_keepalive_s_(tcp_keepalive_s),
      unix_socket_mode_(unix_socket_mode) {
  DFLY_CHECK(!loops_.empty());
}

absl::StatusOr<std::unique_ptr<Listener>> PosixNetwork::Listen(const Endpoint& endpoint,
                                                               int backlog, AcceptHandler handler) {
  const ListenOptions options{.backlog = backlog,
                              .tcp_keepalive_s = tcp_keepalive_s_,
                              .unix_socket_mode = unix_socket_mode_};
  absl::StatusOr<ListeningSocket> socket = ListeningSocket::Open(endpoint, options);
  if (!socket.ok()) return socket.status();
  auto acceptor =
      std::make_shared<Acceptor>(loops_, *std::move(socket), options, std::move(handler));
  absl::Status started = acceptor->Start();
  if (!started.ok()) return started;
  return std::make_unique<PosixListener>(std::move(acceptor));
}

void PosixNetwork::Connect(EventLoop& loop, const Endpoint& endpoint, ConnectHandler handler) {
  Loop& posix_loop = *loops_[static_cast<size_t>(loop.index())];
  DFLY_CHECK(&posix_loop == &loop);
  DFLY_DCHECK(posix_loop.OnLoopThread());
  if (IsNumeric(endpoint)) {
    return ConnectToResolved(posix_loop, endpoint, Resolve(endpoint), tcp_keepalive_s_,
                             std::move(handler));
  }
  resolver_.LookUp(endpoint, [&posix_loop, endpoint, keepalive_s = tcp_keepalive_s_,
                              handler = std::move(handler)](auto addresses) mutable {
    posix_loop.Post([&posix_loop, endpoint, keepalive_s, handler = std::move(handler),
                     addresses = std::move(addresses)]() mutable {
      ConnectToResolved(posix_loop, endpoint, std::move(addresses), keepalive_s,
                        std::move(handler));
    });
  });
}

}  // namespace damselfly::posix
