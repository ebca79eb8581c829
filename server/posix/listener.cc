#include "server/posix/listener.h"

#include <errno.h>
#include <glog/logging.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/posix/address.h"
#include "server/posix/errno_status.h"
#include "server/posix/stream.h"

namespace damselfly::posix {
namespace {

// Connections accepted in one pass: a flood of them must not starve those that are there.
constexpr int kAcceptsPerPassMax = 64;
constexpr int64_t kPauseNs = 100'000'000;
constexpr int64_t kComplainEveryNs = 10'000'000'000;

absl::Status ListenError(const Endpoint& endpoint, const absl::Status& reason) {
  return absl::Status(reason.code(), absl::StrCat("Could not listen on ",
                                                  endpoint.unix_path.empty() ? endpoint.ToString()
                                                                             : endpoint.unix_path,
                                                  ": ", reason.message()));
}

// Removes a Unix socket that a dead process has left behind. What is not a socket is left for
// bind() to refuse.
absl::Status RemoveStaleSocket(const SocketAddress& address, const char* path) {
  struct stat info;
  if (lstat(path, &info) != 0 || !S_ISSOCK(info.st_mode)) return absl::OkStatus();
  absl::StatusOr<Descriptor> probe = CreateSocket(address);
  if (!probe.ok()) return probe.status();
  if (connect(probe->get(), address.get(), address.length) == 0) return ErrnoStatus(EADDRINUSE);
  if (errno == ECONNREFUSED) (void)unlink(path);
  return absl::OkStatus();
}

absl::StatusOr<Descriptor> BindAndListen(const Endpoint& endpoint, const SocketAddress& address,
                                         const ListenOptions& options) {
  absl::StatusOr<Descriptor> socket = CreateSocket(address);
  if (!socket.ok()) return socket.status();
  const int on = 1;
  if (address.family() == AF_UNIX) {
    absl::Status removed = RemoveStaleSocket(address, endpoint.unix_path.c_str());
    if (!removed.ok()) return removed;
  } else if (setsockopt(socket->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
    return ErrnoStatus(errno);
  }
  // IPv6's any-address leaves IPv4's to a listener of its own, whatever the system's default.
  if (address.family() == AF_INET6 &&
      setsockopt(socket->get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) {
    return ErrnoStatus(errno);
  }
  if (bind(socket->get(), address.get(), address.length) != 0) return ErrnoStatus(errno);
  // Before listen(): until then nobody can connect, with the wrong permissions or the right ones.
  if (address.family() == AF_UNIX && options.unix_socket_mode != 0 &&
      chmod(endpoint.unix_path.c_str(), static_cast<mode_t>(options.unix_socket_mode)) != 0) {
    return ErrnoStatus(errno);
  }
  if (listen(socket->get(), options.backlog) != 0) return ErrnoStatus(errno);
  return socket;
}

}  // namespace

absl::StatusOr<ListeningSocket> ListeningSocket::Open(const Endpoint& endpoint,
                                                      const ListenOptions& options) {
  DFLY_CHECK_GT(options.backlog, 0);
  const auto addresses = Resolve(endpoint);
  if (!addresses.ok()) return ListenError(endpoint, addresses.status());
  absl::Status first_error;
  for (const SocketAddress& address : *addresses) {
    absl::StatusOr<Descriptor> bound = BindAndListen(endpoint, address, options);
    if (!bound.ok()) {
      if (first_error.ok()) first_error = bound.status();
      continue;
    }
    Endpoint real = ToEndpoint(LocalAddress(bound->get()), endpoint);
    ListeningSocket socket(*std::move(bound), std::move(real));
    struct stat info;
    if (!endpoint.unix_path.empty() && lstat(endpoint.unix_path.c_str(), &info) == 0) {
      socket.unix_inode_ = info.st_ino;
    }
    return socket;
  }
  return ListenError(endpoint, first_error);
}

ListeningSocket::~ListeningSocket() {
  if (socket_.valid()) RemovePath();
}

void ListeningSocket::Shutdown() {
  RemovePath();
  // Frees the port for the next listener at once.
  (void)shutdown(socket_.get(), SHUT_RDWR);
}

void ListeningSocket::RemovePath() {
  const ino_t own = std::exchange(unix_inode_, 0);
  struct stat info;
  if (own == 0 || lstat(endpoint_.unix_path.c_str(), &info) != 0 || info.st_ino != own) return;
  (void)unlink(endpoint_.unix_path.c_str());
}

Acceptor::Acceptor(std::vector<Loop*> loops, ListeningSocket socket, const ListenOptions& options,
                   Network::AcceptHandler handler)
    : EventSource(Kind::kOther),
      loops_(std::move(loops)),
      socket_(std::move(socket)),
      options_(options),
      handler_(std::move(handler)) {
  DFLY_CHECK(!loops_.empty());
}

absl::Status Acceptor::Start() { return loops_[0]->Watch(socket_.get(), EPOLLIN, this); }

void Acceptor::Stop() {
  stopped_.store(true, std::memory_order_release);
  socket_.Shutdown();
}

void Acceptor::ReleaseOnLoop(std::shared_ptr<Acceptor> acceptor) {
  Loop& loop = *acceptor->loops_[0];
  // A pass dispatches its events before it runs posted work, so no event is left when this
  // reference goes.
  loop.Post([&loop, acceptor = std::move(acceptor)] { loop.Unwatch(acceptor->socket_.get()); });
}

void Acceptor::OnEvents(uint32_t) {
  for (int i = 0; i < kAcceptsPerPassMax; ++i) {
    if (stopped_.load(std::memory_order_acquire) || !AcceptOne()) return;
  }
}

bool Acceptor::AcceptOne() {
  SocketAddress peer;
  peer.length = sizeof(peer.storage);
  Descriptor accepted(accept4(socket_.get(), reinterpret_cast<sockaddr*>(&peer.storage),
                              &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.valid()) {
    switch (errno) {
      case EAGAIN:
      case EINVAL:  // shut down meanwhile
        return false;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        Pause(errno);
        return false;
      default:
        return true;  // an error of the connection that was waiting, not of the listener
                      // (accept(2))
    }
  }
  const Endpoint& listening = endpoint();
  SetConnectionOptions(accepted.get(), peer.family(), options_.tcp_keepalive_s);
  Endpoint local =
      listening.unix_path.empty() ? ToEndpoint(LocalAddress(accepted.get()), listening) : listening;
  Loop& loop = ChooseLoop();
  auto stream = std::make_unique<PosixStream>(loop, std::move(accepted), std::move(local),
                                              ToEndpoint(peer, listening));
  loop.Post([self = shared_from_this(), &loop, stream = std::move(stream)]() mutable {
    if (!self->stopped_.load(std::memory_order_acquire)) self->handler_(loop, std::move(stream));
  });
  return true;
}

Loop& Acceptor::ChooseLoop() {
  // Starting behind the last choice makes equals take turns.
  size_t best = (last_loop_ + 1) % loops_.size();
  for (size_t i = 0; i < loops_.size(); ++i) {
    const size_t candidate = (last_loop_ + 1 + i) % loops_.size();
    if (loops_[candidate]->open_streams() < loops_[best]->open_streams()) best = candidate;
  }
  last_loop_ = best;
  return *loops_[best];
}

void Acceptor::Pause(int error) {
  Loop& loop = *loops_[0];
  const int64_t now_ns = loop.pass_monotonic_ns();
  if (last_complaint_ns_ == INT64_MIN || now_ns - last_complaint_ns_ >= kComplainEveryNs) {
    last_complaint_ns_ = now_ns;
    LOG(WARNING) << "Could not accept a connection on " << endpoint().ToString() << ": "
                 << strerror(error) << "; trying again every 100 ms";
  }
  if (!loop.Watch(socket_.get(), 0, this).ok()) return;
  loop.StartTimer(kPauseNs, [weak = weak_from_this()] {
    const std::shared_ptr<Acceptor> self = weak.lock();
    if (self != nullptr && !self->stopped_.load(std::memory_order_acquire)) (void)self->Start();
  });
}

}  // namespace damselfly::posix
