#include "server/posix/connector.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/posix/errno_status.h"
#include "server/posix/stream.h"

namespace damselfly::posix {

absl::Status ConnectError(const Endpoint& endpoint, const absl::Status& reason) {
  return absl::Status(reason.code(), absl::StrCat("Could not connect to ",
                                                  endpoint.unix_path.empty() ? endpoint.ToString()
                                                                             : endpoint.unix_path,
                                                  ": ", reason.message()));
}

void Connector::Start(Loop& loop, const Endpoint& endpoint, std::vector<SocketAddress> addresses,
                      int tcp_keepalive_s, Network::ConnectHandler handler) {
  DFLY_CHECK(!addresses.empty());
  std::unique_ptr<Connector> connector(
      new Connector(loop, endpoint, std::move(addresses), tcp_keepalive_s, std::move(handler)));
  Connector* self = connector.get();
  loop.Adopt(std::move(connector));
  // From posted work, so that the handler is never called from within Connect. The loop discards
  // posted work before or together with what it has adopted.
  loop.Post([self] { self->TryNext(); });
}

Connector::Connector(Loop& loop, const Endpoint& endpoint, std::vector<SocketAddress> addresses,
                     int tcp_keepalive_s, Network::ConnectHandler handler)
    : EventSource(Kind::kOther),
      loop_(loop),
      endpoint_(endpoint),
      addresses_(std::move(addresses)),
      tcp_keepalive_s_(tcp_keepalive_s),
      handler_(std::move(handler)) {}

void Connector::TryNext() {
  while (next_ < addresses_.size()) {
    last_error_ = Try(addresses_[next_++]);
    if (last_error_.ok()) return;
    socket_.Reset();
  }
  Report(ConnectError(endpoint_, last_error_));
}

absl::Status Connector::Try(const SocketAddress& address) {
  absl::StatusOr<Descriptor> socket = CreateSocket(address);
  if (!socket.ok()) return socket.status();
  socket_ = *std::move(socket);
  // An interrupted connect goes on in the background like one that would block (connect(2)).
  if (connect(socket_.get(), address.get(), address.length) != 0 && errno != EINPROGRESS &&
      errno != EINTR) {
    return ErrnoStatus(errno);
  }
  return loop_.Watch(socket_.get(), EPOLLOUT | EPOLLET, this);
}

void Connector::OnEvents(uint32_t) {
  if (reported_ || !socket_.valid()) return;
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) {
    last_error_ = ErrnoStatus(error);
    socket_.Reset();
    return TryNext();
  }
  const SocketAddress& peer = addresses_[next_ - 1];
  loop_.Unwatch(socket_.get());  // the stream watches it anew
  SetConnectionOptions(socket_.get(), peer.family(), tcp_keepalive_s_);
  Endpoint local = ToEndpoint(LocalAddress(socket_.get()), endpoint_);
  Report(std::make_unique<PosixStream>(loop_, std::move(socket_), std::move(local),
                                       ToEndpoint(peer, endpoint_)));
}

void Connector::Report(absl::StatusOr<std::unique_ptr<Stream>> result) {
  DFLY_CHECK(!reported_);
  reported_ = true;
  Network::ConnectHandler handler = std::move(handler_);
  loop_.Release(this);
  handler(std::move(result));
}

}  // namespace damselfly::posix
