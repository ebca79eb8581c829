#ifndef DAMSELFLY_SERVER_RUNTIME_NETWORK_H_
#define DAMSELFLY_SERVER_RUNTIME_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/runtime/event_loop.h"

namespace damselfly {

// Where to listen or to connect: a TCP host and port, or a Unix socket's path.
struct Endpoint {
  std::string host;       // a name or an IPv4/IPv6 address without brackets; unused with unix_path
  int port = 0;           // [0, 65535]; 0 = any free port (Listen only)
  std::string unix_path;  // not empty: a Unix socket

  // As Redis prints addresses: "1.2.3.4:6379", "[::1]:6379", "/path:0".
  std::string ToString() const;
};

// Receives what happens on a stream. All calls come on the stream's loop, never from within a
// Stream method.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;

  // Tells of bytes that have arrived together with those of other handlers. OnData follows when all
  // of these have been told, so that the memory that they will need can be fetched at once; later
  // if the stream is paused meanwhile, never if it is closed, and often without having been told.
  // The handler may do nothing that shows, and calls no method of a Stream. `data` is as in OnData.
  virtual void OnDataSoon(absl::string_view) {}

  // Bytes arrived. `data` is not empty and lies in the loop's buffer: valid only during the call.
  virtual void OnData(absl::string_view data) = 0;

  // There is room again after a Write that did not take everything.
  virtual void OnWritable() = 0;

  // The peer closed (OK) or the stream broke (error). Nothing is called after this. Not called
  // after Close().
  virtual void OnClosed(const absl::Status& reason) = 0;
};

// One end of a byte stream. Belongs to one loop; every method is called on that loop's thread.
// Destroying a stream closes it.
class Stream {
 public:
  virtual ~Stream() = default;

  // Starts delivery to `handler`, which outlives the stream or its Close(). Called once.
  virtual void Start(StreamHandler* handler) = 0;

  // Hands over bytes, in order, with one gathered write. Returns how many were taken: fewer than
  // given when the send buffer is full (OnWritable follows later) or the stream is broken (OnClosed
  // follows later). What was taken is sent before the loop sleeps, at the latest.
  virtual size_t Write(absl::Span<const absl::string_view> pieces) = 0;

  // While reading is paused no OnData comes; bytes pile up at the peer (back-pressure). The end of
  // the stream is still reported where the transport can tell. Idempotent.
  virtual void PauseReading() = 0;
  virtual void ResumeReading() = 0;

  // Ends the stream in both directions after the bytes already taken by Write. No call-back
  // follows. Idempotent.
  virtual void Close() = 0;

  virtual const Endpoint& local() const = 0;
  virtual const Endpoint& peer() const = 0;
  // A number for CLIENT LIST's fd field.
  virtual int descriptor() const = 0;
};

// Stops listening when destroyed (on the thread that created it).
class Listener {
 public:
  virtual ~Listener() = default;
  // The endpoint really bound: the port is known when 0 was asked for.
  virtual const Endpoint& endpoint() const = 0;
};

// Listening and connecting.
class Network {
 public:
  // Called on `loop`'s thread, once for every accepted connection. The runtime spreads connections
  // over the loops.
  using AcceptHandler = absl::AnyInvocable<void(EventLoop& loop, std::unique_ptr<Stream> stream)>;
  using ConnectHandler = absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<Stream>>)>;

  virtual ~Network() = default;

  // Listens at `endpoint` with the given backlog (> 0). `handler` may be called on several threads
  // at once. Errors name the endpoint and the reason.
  virtual absl::StatusOr<std::unique_ptr<Listener>> Listen(const Endpoint& endpoint, int backlog,
                                                           AcceptHandler handler) = 0;

  // Connects from `loop` (called on its thread); `handler` runs on that loop, once, later.
  virtual void Connect(EventLoop& loop, const Endpoint& endpoint, ConnectHandler handler) = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_NETWORK_H_
