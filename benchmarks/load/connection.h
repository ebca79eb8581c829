#ifndef DAMSELFLY_BENCHMARKS_LOAD_CONNECTION_H_
#define DAMSELFLY_BENCHMARKS_LOAD_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "benchmarks/load/options.h"
#include "benchmarks/load/reply_scanner.h"
#include "server/resp/reply_reader.h"

namespace damselfly::load {

struct Endpoint {
  std::string host;
  int port = 0;
  std::string unix_path;  // not empty: instead of both

  std::string ToString() const;
};

// What has to be known of one request once its reply comes.
struct RequestNote {
  uint16_t command = 0;
  bool was_written = false;  // the key, when the request left
  uint64_t key = 0;
  size_t end = 0;  // of the request in its group's bytes
};

// Requests that left together, on one connection.
struct RequestGroup {
  int64_t start_ns = 0;  // from when on latencies count
  size_t size = 0;
  size_t answered = 0;
  bool is_counted = false;         // in the results
  bool is_batch = false;           // the closed loop's own: the next one waits for its end
  int redirections = 0;            // of its one request so far
  size_t replies_to_skip = 0;      // that come before its own: ASKING's
  std::vector<RequestNote> notes;  // one a request where they matter, else empty
  std::string bytes;               // the requests, where one may have to be sent again
};

// A connected socket that does not block, and what is under way on it. One thread uses it.
class Connection {
 public:
  // Connects, authenticates and chooses protocol and database, waiting for each.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Endpoint& endpoint,
                                                          const Options& options, int node);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends what goes and keeps the rest for Flush.
  absl::Status Send(absl::string_view bytes);
  absl::Status Flush();
  bool has_unsent() const { return unsent_begin_ < unsent_.size(); }

  int descriptor() const { return descriptor_; }
  int node() const { return node_; }
  const Endpoint& endpoint() const { return endpoint_; }

  // The worker's.
  std::deque<std::unique_ptr<RequestGroup>> pending;  // in the order in which replies come
  bool has_batch = false;                             // one of them is the closed loop's own
  bool polls_for_write = false;
  std::string input;  // the beginning of a reply that has come in part
  ReplyScanner scanner;

 private:
  Connection(int descriptor, const Endpoint& endpoint, int node)
      : descriptor_(descriptor), endpoint_(endpoint), node_(node) {}

  const int descriptor_;
  const Endpoint endpoint_;
  const int node_;
  std::string unsent_;
  size_t unsent_begin_ = 0;
};

// A connection on which each request waits for its reply: before and beside the load.
class BlockingClient {
 public:
  static absl::StatusOr<std::unique_ptr<BlockingClient>> Open(const Endpoint& endpoint,
                                                              const Options& options);
  ~BlockingClient();
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;

  // An error reply is an error status.
  absl::StatusOr<Reply> Call(std::initializer_list<absl::string_view> words);

  // The socket, which the caller closes from now on.
  int Release();

 private:
  BlockingClient(int descriptor, const Endpoint& endpoint)
      : descriptor_(descriptor), endpoint_(endpoint) {}
  absl::Status Introduce(const Options& options);

  int descriptor_;
  const Endpoint endpoint_;
  ReplyReader reader_;
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_CONNECTION_H_
