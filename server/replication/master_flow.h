#ifndef DAMSELFLY_SERVER_REPLICATION_MASTER_FLOW_H_
#define DAMSELFLY_SERVER_REPLICATION_MASTER_FLOW_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "server/replication/flow_stream.h"
#include "server/replication/journal.h"
#include "server/session/output_source.h"
#include "server/session/server_state.h"

namespace damselfly {

class ReplicaLink;

// One flow of a link: a FlowStream on a connection. Belongs to its link and to the session that it
// is attached to, and lives on that session's worker; methods say what else may be called from
// where.
//
// Judges its connection: by client_output_buffer_limit "slave" and by replication_timeout, several
// times a second. A link of which a flow fails is cut off as a whole.
class MasterFlow final : public OutputSource,
                         public Journal::Waker,
                         public std::enable_shared_from_this<MasterFlow> {
 public:
  // `link` owns the flow; the server outlives the link's being alive.
  MasterFlow(ReplicaLink* link, int lane);
  MasterFlow(const MasterFlow&) = delete;
  MasterFlow& operator=(const MasterFlow&) = delete;

  // Gives the flow its connection, on whose worker it is called; false if it has one.
  bool Attach(uint64_t session_id, int worker);
  // Any thread.
  bool attached() const { return session_id_.load(std::memory_order_acquire) != 0; }
  uint64_t session_id() const { return session_id_.load(std::memory_order_acquire); }
  // Requires attached().
  int worker() const { return worker_.load(std::memory_order_relaxed); }

  // Opened, or its walk begun, before Go().
  FlowStream& stream() { return stream_; }
  // From now on the stream is given out. Requires attached(). Any thread, once.
  void Go();
  // As FlowStream's; any thread.
  void RequestAck();

  bool Produce(OutputBuffer* output, size_t bytes_max) override;
  void OnSessionClosed() override;
  void OnAppended() override { Schedule(); }

  // As of a moment ago; any thread.
  uint64_t waiting_bytes() const { return waiting_bytes_.load(std::memory_order_relaxed); }

 private:
  // Has Produce called, later, on the flow's worker. Any thread, whatever it has locked.
  void Schedule();
  void StartTimer();
  void Tick();
  // Why this flow must be cut off; empty: it need not.
  absl::string_view Fault(int64_t now_ns);
  bool Stream(OutputBuffer* output, size_t bytes_max);
  int64_t now_ns() const;

  ServerState* const server_;
  const std::weak_ptr<ReplicaLink> link_;
  FlowStream stream_;
  std::atomic<bool> taken_{false};  // by a session
  std::atomic<int> worker_{0};
  std::atomic<uint64_t> session_id_{0};
  std::atomic<bool> going_{false};
  std::atomic<bool> post_pending_{false};
  std::atomic<uint64_t> waiting_bytes_{0};

  // On the flow's worker only.
  WalkBudget walk_budget_;  // of one pass of the loop, however often it is asked for more in that
  int64_t last_asked_ns_ = 0;  // when the connection last took something
  int64_t last_sent_ns_ = 0;
  int64_t last_tick_ns_ = 0;
  int64_t over_soft_limit_since_ns_ = 0;  // 0: it is not
  bool keep_alive_due_ = false;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_MASTER_FLOW_H_
