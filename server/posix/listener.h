#ifndef DAMSELFLY_SERVER_POSIX_LISTENER_H_
#define DAMSELFLY_SERVER_POSIX_LISTENER_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/posix/descriptor.h"
#include "server/posix/event_source.h"
#include "server/posix/loop.h"
#include "server/runtime/network.h"

namespace damselfly::posix {

struct ListenOptions {
  int backlog = 511;
  int tcp_keepalive_s = 0;
  int unix_socket_mode = 0;  // permission bits; 0: as the umask leaves them
};

// A bound and listening socket. Removes a Unix socket's path when destroyed, if it is still its
// own.
class ListeningSocket {
 public:
  // Binds to the first of the endpoint's addresses that can be bound. A Unix path where a socket
  // lies that nobody listens on any more is taken over. Errors: "Could not listen on
  // 127.0.0.1:6379: Address already in use".
  static absl::StatusOr<ListeningSocket> Open(const Endpoint& endpoint,
                                              const ListenOptions& options);
  ListeningSocket(ListeningSocket&& other) = default;
  ~ListeningSocket();

  int get() const { return socket_.get(); }
  const Endpoint& endpoint() const { return endpoint_; }
  // Ends the listening at once; the descriptor stays open until destruction.
  void Shutdown();

 private:
  ListeningSocket(Descriptor socket, Endpoint endpoint)
      : socket_(std::move(socket)), endpoint_(std::move(endpoint)) {}
  void RemovePath();

  Descriptor socket_;
  Endpoint endpoint_;
  ino_t unix_inode_ = 0;  // 0: no path to remove
};

// Accepts on the first loop and hands every connection to the loop that has the fewest, so that the
// handler and all that follows run there. Shared by the listener and by the work in flight to the
// loops.
class Acceptor final : public EventSource, public std::enable_shared_from_this<Acceptor> {
 public:
  // `loops` outlive the acceptor.
  Acceptor(std::vector<Loop*> loops, ListeningSocket socket, const ListenOptions& options,
           Network::AcceptHandler handler);

  absl::Status Start();
  // No connection is handed out any more. Any thread. The caller then lets go of its reference in
  // ReleaseOnLoop.
  void Stop();
  // Keeps the acceptor until the first loop can no longer hold an event of it.
  static void ReleaseOnLoop(std::shared_ptr<Acceptor> acceptor);

  void OnEvents(uint32_t epoll_events) override;
  const Endpoint& endpoint() const { return socket_.endpoint(); }

 private:
  // Returns false when there is nothing to accept now.
  bool AcceptOne();
  Loop& ChooseLoop();
  // Out of descriptors or memory: trying again at once would spin.
  void Pause(int error);

  const std::vector<Loop*> loops_;
  ListeningSocket socket_;
  const ListenOptions options_;
  Network::AcceptHandler handler_;
  std::atomic<bool> stopped_{false};
  size_t last_loop_ = 0;
  int64_t last_complaint_ns_ = INT64_MIN;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_LISTENER_H_
