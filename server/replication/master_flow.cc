#include "server/replication/master_flow.h"

#include <string>
#include <utility>

#include "server/base/check.h"
#include "server/replication/frame.h"
#include "server/replication/replica_link.h"
#include "server/session/session.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

constexpr int64_t kTickNs = 500'000'000;
constexpr int64_t kStallNsMin = 1'000'000'000;
constexpr int64_t kSilenceNsMax = 1'000'000'000;
constexpr int64_t kNsPerMs = 1'000'000;

constexpr absl::string_view kTooMuchWaits = "too much waits to be sent to it";

FlowStream::Options StreamOptions(ServerState& server, int lane) {
  const Config& config = server.config();
  FlowStream::Options options;
  options.loses_overtaken = server.runtime().HasMutant(ServerMutant::kOvertakenLost);
  options.ends_early = server.runtime().HasMutant(ServerMutant::kSyncEndsEarly);
  options.forgets_overflow = server.runtime().HasMutant(ServerMutant::kOverflowForgotten);
  options.lane = lane;
  options.chunk_bytes =
      static_cast<size_t>(config.integer(Parameter::serialization_max_chunk_size));
  options.queue_bytes_max = config.output_limits(ClientClass::kReplica).hard_bytes;
  return options;
}

}  // namespace

MasterFlow::MasterFlow(ReplicaLink* link, int lane)
    : server_(&link->server()),
      link_(link->weak_from_this()),
      stream_(&server_->store(), link->journal(), StreamOptions(*server_, lane), this,
              [weak = link->weak_from_this()] {
                if (const auto owner = weak.lock()) owner->BreakSoon(std::string(kTooMuchWaits));
              }),
      walk_budget_(&server_->runtime().clock()) {}

bool MasterFlow::Attach(uint64_t session_id, int worker) {
  if (taken_.exchange(true)) return false;
  worker_.store(worker, std::memory_order_relaxed);
  last_asked_ns_ = last_sent_ns_ = last_tick_ns_ = now_ns();
  session_id_.store(session_id, std::memory_order_release);
  StartTimer();
  return true;
}

void MasterFlow::Go() {
  DFLY_CHECK(attached());
  going_.store(true, std::memory_order_release);
  Schedule();
}

void MasterFlow::RequestAck() {
  stream_.RequestAck();
  Schedule();
}

void MasterFlow::Schedule() {
  if (!going_.load(std::memory_order_acquire)) return;
  if (post_pending_.exchange(true, std::memory_order_acq_rel)) return;
  server_->PostToSession(session_id(), worker(), [weak = weak_from_this()](Session& session) {
    const std::shared_ptr<MasterFlow> flow = weak.lock();
    if (flow == nullptr) return;
    // Before looking for work: what comes from here on has a post of its own.
    flow->post_pending_.exchange(false, std::memory_order_acq_rel);
    flow->walk_budget_.Renew();
    session.Produce();
  });
}

bool MasterFlow::Produce(OutputBuffer* output, size_t bytes_max) {
  const std::shared_ptr<ReplicaLink> link = link_.lock();
  if (link == nullptr || link->state() == ReplicaLink::State::kCancelled) return false;
  last_asked_ns_ = now_ns();
  const size_t before = output->size();
  if (going_.load(std::memory_order_acquire) && !Stream(output, bytes_max)) {
    link->BreakSoon(std::string(kTooMuchWaits));
    return false;
  }
  if (keep_alive_due_ && output->size() == before) {
    std::string frame;
    AppendFrameHeader(FrameType::kKeepAlive, {}, {}, &frame);
    output->Append(frame);
  }
  keep_alive_due_ = false;
  if (output->size() > before) last_sent_ns_ = last_asked_ns_;
  return true;
}

bool MasterFlow::Stream(OutputBuffer* output, size_t bytes_max) {
  const FlowStream::Result result = stream_.Produce(output, bytes_max, &walk_budget_);
  waiting_bytes_.store(stream_.waiting_bytes(), std::memory_order_relaxed);
  // Others on this worker get their turn first.
  if (result == FlowStream::Result::kMore) Schedule();
  return result != FlowStream::Result::kLost;
}

void MasterFlow::OnSessionClosed() {
  if (const std::shared_ptr<ReplicaLink> link = link_.lock()) link->BreakSoon("");
}

void MasterFlow::StartTimer() {
  server_->runtime().loop(worker()).StartTimer(kTickNs, [weak = weak_from_this()] {
    if (const std::shared_ptr<MasterFlow> flow = weak.lock()) flow->Tick();
  });
}

void MasterFlow::Tick() {
  const std::shared_ptr<ReplicaLink> link = link_.lock();
  if (link == nullptr || link->state() == ReplicaLink::State::kCancelled) return;
  Session* const session = server_->worker(worker()).FindSession(session_id());
  if (session == nullptr) return;
  // This worker has been held up: the connection could not take anything.
  if (now_ns() - std::exchange(last_tick_ns_, now_ns()) > kStallNsMin) last_asked_ns_ = now_ns();
  const absl::string_view fault = Fault(now_ns());
  if (!fault.empty()) {
    link->BreakSoon(std::string(fault));
    return;
  }
  StartTimer();
  if (now_ns() - last_sent_ns_ < kSilenceNsMax) return;
  keep_alive_due_ = true;
  session->Produce();
}

absl::string_view MasterFlow::Fault(int64_t now_ns) {
  if (!going_.load(std::memory_order_acquire)) return {};
  const uint64_t waiting = stream_.waiting_bytes();
  waiting_bytes_.store(waiting, std::memory_order_relaxed);
  const Config& config = server_->config();
  const int64_t timeout_ns = config.integer(Parameter::replication_timeout) * kNsPerMs;
  if (waiting > 0 && now_ns - last_asked_ns_ > timeout_ns) return "it takes nothing any more";
  // How much of a full sync is queued, the queue judges by what that costs beside the store.
  const OutputLimits limits = config.output_limits(ClientClass::kReplica);
  if (server_->runtime().HasMutant(ServerMutant::kLagUnbounded)) return {};
  const uint64_t lag = stream_.lag_bytes();
  if (limits.hard_bytes > 0 && lag >= static_cast<uint64_t>(limits.hard_bytes))
    return kTooMuchWaits;
  if (limits.soft_bytes == 0 || lag < static_cast<uint64_t>(limits.soft_bytes)) {
    over_soft_limit_since_ns_ = 0;
  } else if (over_soft_limit_since_ns_ == 0) {
    over_soft_limit_since_ns_ = now_ns;
  } else if (limits.IsOverSoftTime((now_ns - over_soft_limit_since_ns_) / kNsPerMs)) {
    return "much has been waiting to be sent to it for too long";
  }
  return {};
}

int64_t MasterFlow::now_ns() const { return server_->runtime().loop(worker()).pass_monotonic_ns(); }

}  // namespace damselfly
