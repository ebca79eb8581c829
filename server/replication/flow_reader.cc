#include "server/replication/flow_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "server/base/check.h"
#include "server/resp/request_writer.h"
#include "server/session/server_state.h"

namespace damselfly {
namespace {

// A master has something to say every second; a timeout below that would drop healthy links.
constexpr int64_t kSilenceMinNs = 2'500'000'000;

}  // namespace

FlowReader::FlowReader(std::shared_ptr<const FlowPlan> plan, int lane, Worker* worker)
    : plan_(std::move(plan)),
      lane_(lane),
      worker_(*worker),
      loop_(worker->loop()),
      connection_(&worker->server().runtime().network(), &worker->loop()),
      resumed_(std::make_shared<Mailbox<absl::Status>>()) {}

FlowReader::~FlowReader() {
  if (silence_timer_ != EventLoop::kNoTimer) loop_.CancelTimer(silence_timer_);
}

void FlowReader::Start() { tasks_.Spawn(Run()); }

void FlowReader::Begin(std::shared_ptr<Journal> journal) {
  DFLY_CHECK(journal_ == nullptr && journal->lane_count() == plan_->lane_count);
  journal_ = std::move(journal);
  begun_.Put(true);
}

Task<void> FlowReader::Run() {
  absl::Status ended = co_await Follow();
  DFLY_CHECK(!ended.ok());
  const std::string position =
      journal_ == nullptr ? "" : absl::StrCat(", position ", journal_->End(lane_));
  Report(LinkEvent::Kind::kFlowEnded,
         absl::Status(ended.code(), absl::StrCat("lane ", lane_, position, ": ", ended.message())));
  connection_.Close();
}

Task<absl::Status> FlowReader::Follow() {
  absl::Status status =
      co_await connection_.Open(plan_->master, plan_->auth_request, plan_->connect_timeout_ns);
  if (!status.ok()) co_return status;
  std::string request =
      MakeCommand({"DFLY", "FLOW", absl::StrCat(plan_->sync_id), absl::StrCat(lane_)});
  status = co_await connection_.Ask(std::move(request), plan_->connect_timeout_ns);
  if (!status.ok()) co_return status;
  Report(LinkEvent::Kind::kFlowAttached);
  co_await begun_.Take();

  heard_ns_ = loop_.pass_monotonic_ns();
  WatchSilence();
  LaneApplier applier(ApplierOptions(), journal_, plan_->gate);
  FrameParser parser;
  parser.Append(connection_.TakeUnread());
  while (true) {
    status = co_await ApplyFrames(parser, applier);
    if (!status.ok()) co_return status;
    absl::StatusOr<std::string> bytes = co_await connection_.ReadSome();
    if (silent_) co_return absl::DeadlineExceededError("the master has fallen silent");
    if (!bytes.ok()) co_return bytes.status();
    heard_ns_ = loop_.pass_monotonic_ns();
    plan_->status->Hear(heard_ns_);
    parser.Append(*std::move(bytes));
  }
}

Task<absl::Status> FlowReader::ApplyFrames(FrameParser& parser, LaneApplier& applier) {
  std::array<Frame, LaneApplier::kFramesMax> frames{};
  while (true) {
    size_t count = 0;
    absl::StatusOr<bool> more = true;
    while (count < frames.size() && (more = parser.Next(&frames[count])).ok() && *more) ++count;
    applier.Prepare(absl::MakeConstSpan(frames.data(), count));
    for (size_t i = 0; i < count; ++i) {
      const absl::StatusOr<LaneApplier::Step> step = applier.Take();
      if (!step.ok()) co_return step.status();
      if (*step == LaneApplier::Step::kApplied) continue;
      absl::Status status = co_await Conclude(*step);
      if (!status.ok()) co_return status;
    }
    // Clients may wait for streams that a replica reads.
    worker_.key_server().ServeRest();
    // What came before a bad frame has been applied.
    if (!more.ok()) co_return more.status();
    if (!*more) co_return absl::OkStatus();
  }
}

Task<absl::Status> FlowReader::Conclude(LaneApplier::Step step) {
  switch (step) {
    case LaneApplier::Step::kApplied:
      break;
    case LaneApplier::Step::kWaits: {
      waiting_ = true;
      absl::Status applied = co_await resumed_->Take();
      waiting_ = false;
      co_return applied;
    }
    case LaneApplier::Step::kSyncEnded:
      Report(LinkEvent::Kind::kFlowSynced);
      break;
    case LaneApplier::Step::kAckWanted:
      Report(LinkEvent::Kind::kAckWanted);
      break;
  }
  co_return absl::OkStatus();
}

LaneApplier::Options FlowReader::ApplierOptions() {
  ServerState& server = worker_.server();
  LaneApplier::Options options;
  options.lane = lane_;
  options.full_sync = plan_->full_sync;
  options.loses_chunked_deadline = server.runtime().HasMutant(ServerMutant::kChunkedDeadlineLost);
  options.string_bytes_max =
      static_cast<uint64_t>(server.config().integer(Parameter::proto_max_bulk_len));
  options.store = &server.store();
  options.counters = &worker_.store_counters();
  options.resume = [loop = &loop_, resumed = resumed_](absl::Status status) {
    loop->Post([resumed, status = std::move(status)] { resumed->Put(status); });
  };
  return options;
}

void FlowReader::Report(LinkEvent::Kind kind, absl::Status status) {
  LinkEvent event;
  event.kind = kind;
  event.lane = lane_;
  event.status = std::move(status);
  plan_->mail.Post(std::move(event));
}

int64_t FlowReader::SilenceMaxNs() const {
  return std::max(kSilenceMinNs,
                  worker_.server().config().integer(Parameter::replication_timeout) * 1'000'000);
}

void FlowReader::WatchSilence() {
  if (worker_.server().runtime().HasMutant(ServerMutant::kSilenceUnnoticed)) return;
  const int64_t silence_max_ns = SilenceMaxNs();
  silence_timer_ = loop_.StartTimer(silence_max_ns / 4, [this, silence_max_ns] {
    silence_timer_ = EventLoop::kNoTimer;
    // A flow that waits for others is as alive as they are.
    const int64_t heard_ns = waiting_ ? std::max(heard_ns_, plan_->status->heard_ns()) : heard_ns_;
    if (loop_.pass_monotonic_ns() - heard_ns <= silence_max_ns) return WatchSilence();
    if (waiting_) {
      return resumed_->Put(absl::DeadlineExceededError("the rest of a transaction does not come"));
    }
    silent_ = true;
    connection_.Close();
  });
}

}  // namespace damselfly
