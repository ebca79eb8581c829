#ifndef DAMSELFLY_SIM_CLUSTER_ADMIN_LINK_H_
#define DAMSELFLY_SIM_CLUSTER_ADMIN_LINK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/resp/reply_reader.h"
#include "server/runtime/coroutine_stream.h"
#include "server/runtime/task.h"
#include "sim/cluster/push_ledger.h"
#include "sim/model/keyspace_model.h"
#include "sim/world/connection.h"
#include "sim/world/host.h"

namespace damselfly::sim {

// A connection to a node for one request after another, with the ground truth about when they were
// executed. For coroutines on a host's only worker.
class AdminLink {
 public:
  struct Answer {
    Reply reply;
    Occasion occasion;
  };

  // Connects to `server`, which is node number `node`.
  static Task<absl::StatusOr<std::unique_ptr<AdminLink>>> Open(Host* host, Endpoint server,
                                                               int node);
  ~AdminLink();

  // Asks, and gives up after `timeout_ns` without an answer. After an error nothing more may be
  // asked.
  Task<absl::StatusOr<Answer>> Ask(Args args, int64_t timeout_ns);
  // The same; the request as it goes over the wire.
  Task<absl::StatusOr<Answer>> AskEncoded(std::shared_ptr<const std::string> request,
                                          int64_t timeout_ns);

  // Waits for something that the node says by itself; when it was written is the occasion's end.
  Task<absl::StatusOr<Answer>> Next(int64_t timeout_ns);

  // After an error: closes this end, and waits until nothing that was asked can be executed any
  // more. Returns when the last request may have been executed; its end is -1 if the node was never
  // given the whole of it.
  Task<Occasion> Resolve();

  // When the connection was made, in which process of the node.
  const Occasion& opened() const { return opened_; }
  // The network has cut it, whether anybody has been told or not.
  bool broken() const { return connection_->broken(); }

 private:
  AdminLink(Host* host, std::unique_ptr<Stream> stream, int node);
  Task<absl::StatusOr<Answer>> Read();

  Host* const host_;
  Ref<Connection> connection_;
  std::unique_ptr<CoroutineStream> stream_;
  ReplyReader reader_;
  Occasion opened_;
  int64_t asked_ns_ = 0;
  uint64_t sent_offset_ = 0;
  uint64_t received_offset_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_ADMIN_LINK_H_
