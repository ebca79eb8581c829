#ifndef DAMSELFLY_SERVER_REPLICATION_FLOW_READER_H_
#define DAMSELFLY_SERVER_REPLICATION_FLOW_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/replication/frame.h"
#include "server/replication/journal.h"
#include "server/replication/lane_applier.h"
#include "server/replication/link_event.h"
#include "server/replication/link_status.h"
#include "server/replication/mailbox.h"
#include "server/replication/master_connection.h"
#include "server/replication/transaction_gate.h"
#include "server/runtime/network.h"
#include "server/runtime/task.h"
#include "server/session/worker.h"

namespace damselfly {

// What all flows of one link know.
struct FlowPlan {
  explicit FlowPlan(LinkMail its_mail) : mail(std::move(its_mail)) {}

  Endpoint master;
  std::string auth_request;
  int64_t sync_id = 0;
  int lane_count = 1;
  bool full_sync = false;
  int64_t connect_timeout_ns = 0;
  LinkMail mail;                 // where events go
  LinkStatus* status = nullptr;  // outlives the flows
  std::shared_ptr<TransactionGate> gate;
};

// One lane's connection to the master, on the worker `lane` mod workers: attaches itself, waits for
// the start, then applies what comes. It reads no faster than it applies. Tells the link of its
// end, whatever the reason, as kFlowEnded; it ends nothing else. Lives, and dies, on its worker's
// loop.
class FlowReader {
 public:
  FlowReader(std::shared_ptr<const FlowPlan> plan, int lane, Worker* worker);
  ~FlowReader();
  FlowReader(const FlowReader&) = delete;
  FlowReader& operator=(const FlowReader&) = delete;

  // Connects. kFlowAttached follows, or kFlowEnded.
  void Start();
  // The master has been told to start, and this is the journal to keep in step.
  void Begin(std::shared_ptr<Journal> journal);

 private:
  Task<void> Run();
  Task<absl::Status> Follow();
  Task<absl::Status> ApplyFrames(FrameParser& parser, LaneApplier& applier);
  // What a frame asks for beyond its being applied.
  Task<absl::Status> Conclude(LaneApplier::Step step);
  LaneApplier::Options ApplierOptions();
  void Report(LinkEvent::Kind kind, absl::Status status = absl::OkStatus());
  // Ends a flow whose master has fallen silent, or whose transaction is never completed.
  void WatchSilence();
  int64_t SilenceMaxNs() const;

  const std::shared_ptr<const FlowPlan> plan_;
  const int lane_;
  Worker& worker_;
  EventLoop& loop_;
  MasterConnection connection_;
  std::shared_ptr<Journal> journal_;  // null before Begin
  Mailbox<bool> begun_;
  // Shared with the flow that applies what this one waits with.
  const std::shared_ptr<Mailbox<absl::Status>> resumed_;
  int64_t heard_ns_ = 0;
  bool waiting_ = false;  // for other lanes
  bool silent_ = false;   // for too long
  EventLoop::TimerId silence_timer_ = EventLoop::kNoTimer;
  TaskScope tasks_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_FLOW_READER_H_
