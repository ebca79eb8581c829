#include "sim/clients/client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/resp/request_writer.h"

namespace damselfly::sim {
namespace {

// How often, and for how long, a client looks whether the node's end of a lost connection is gone.
constexpr int64_t kNodeEndPollNs = 5 * kMillisecond;
constexpr int64_t kNodeEndPatienceNs = 2 * kSecond;

void AppendRequest(const Args& args, std::string* out) {
  std::vector<absl::string_view> views(args.begin(), args.end());
  AppendCommand(out, views);
}

}  // namespace

Client::Client(World* world, Host* host, Host* server_host, const ClientOptions& options,
               Workload* workload, OracleBoard* board)
    : world_(world),
      host_(host),
      server_host_(server_host),
      options_(options),
      workload_(workload),
      board_(board),
      wall_(&server_host->clock()),
      filter_(world),
      decisions_(&world->decider(), "client", options.number_on_host << 32 | host->id()) {}

Client::~Client() = default;

void Client::Fail(Oracle oracle, std::string message) {
  board_->Violate(oracle, absl::StrCat(host_->name(), ": ", message));
}

void Client::Start() {
  loop().Post([this] { Connect(); });
}

// ---- Connecting ----

void Client::Connect() {
  state_ = State::kConnecting;
  // Only a process that runs throughout has no reason to refuse.
  const int incarnation = server_host_->running() ? server_host_->incarnation() : 0;
  const bool healed = world_->faults().healed();
  host_->runtime().network().Connect(
      loop(), options_.server,
      [this, healed, incarnation](absl::StatusOr<std::unique_ptr<Stream>> stream) {
        if (!stream.ok()) {
          if (healed && server_host_->running() && server_host_->incarnation() == incarnation) {
            Fail(Oracle::kNoStuckClient,
                 absl::StrCat("the node runs and refuses: ", stream.status().message()));
          }
          workload_->OnConnectFailed();
          ConnectLater();
          return;
        }
        OnConnected(*std::move(stream));
      });
}

void Client::ConnectLater() {
  state_ = State::kWaiting;
  if (finishing_) {
    state_ = State::kFinished;
    return;
  }
  loop().StartTimer(decisions_.Between(kMillisecond, 100 * kMillisecond), [this] {
    if (finishing_) {
      state_ = State::kFinished;
    } else {
      Connect();
    }
  });
}

void Client::OnConnected(std::unique_ptr<Stream> stream) {
  state_ = State::kConnected;
  stream_ = std::move(stream);
  connection_ = static_cast<SimStream&>(*stream_).connection();
  connection_->outgoing(0).KeepTimes();
  connection_->incoming(0).KeepTimes();
  reader_ = ReplyReader();
  unsent_.clear();
  sent_offset_ = received_offset_ = 0;
  half_closed_ = quit_ = sent_away_ = false;
  reply_mode_ = ReplyMode();
  filter_.OnNewConnection(options_.server.ToString());
  workload_->OnConnected(connection_->accepting_incarnation());
  Greet();
  stream_->Start(this);
  Pump();
}

void Client::Greet() {
  if (!options_.password.empty()) Send({"AUTH", options_.password}, true);
  if (options_.protocol == 3) Send({"HELLO", "3"}, true);
}

// ---- Sending ----

void Client::Send(Args args, bool internal) {
  const uint64_t begin_offset = sent_offset_;
  const size_t before = unsent_.size();
  size_t wire_count = 0;
  // What the filter puts in a request's place would not be muted with it.
  const bool muted = reply_mode_.Mutes(args);
  if (filter_.passes_requests() || muted) {
    AppendRequest(args, &unsent_);
    wire_count = 1;
  } else {
    for (const Args& wire : filter_.Outgoing(args)) {
      AppendRequest(wire, &unsent_);
      ++wire_count;
    }
  }
  if (muted) wire_count = 0;
  sent_offset_ += unsent_.size() - before;
  pending_.push_back(
      {std::move(args), internal, world_->now_ns(), begin_offset, sent_offset_, wire_count, {}});
}

void Client::Flush() {
  if (stream_ == nullptr || unsent_.empty()) return;
  const absl::string_view piece = unsent_;
  unsent_.erase(0, stream_->Write({&piece, 1}));
}

void Client::Pump() {
  if (state_ != State::kConnected || half_closed_ || thinking_) return;
  if (finishing_) {
    Flush();
    CloseIfDone();
    return;
  }
  std::vector<Args> calls;
  decisions_.BeginUnit(++batch_count_);
  workload_->NextCalls(&calls);
  for (Args& call : calls) {
    // Who wakes a client has counted what it was woken for.
    if (!options_.waits_to_be_woken) world_->CountExternalEvent();
    // What it makes of a connection is a stranger's.
    const bool resets = call[0] == "RESET";
    Send(std::move(call), false);
    if (resets) Greet();
  }
  Flush();
  ArmTimeout();
  if (calls.empty() && pending_.empty()) Think();
  MaybeMisbehave();
}

void Client::Think() {
  if (options_.waits_to_be_woken || thinking_ || state_ != State::kConnected) return;
  thinking_ = true;
  loop().StartTimer(decisions_.Pause(10 * kMicrosecond, options_.think_max_ns), [this] {
    thinking_ = false;
    Pump();
  });
}

// Clients may do this at any time.
void Client::MaybeMisbehave() {
  FaultBoard& faults = world_->faults();
  if (stream_ == nullptr) return;
  if (faults.Strikes(Fault::kHalfClose, decisions_)) {
    if (unsent_.empty()) {
      half_closed_ = true;
      static_cast<SimStream&>(*stream_).HalfClose();
      faults.CountEffect(Fault::kHalfClose);
    }
  } else if (faults.Strikes(Fault::kAbandon, decisions_)) {
    if (!pending_.empty()) faults.CountEffect(Fault::kAbandon);
    stream_ = nullptr;
    Lose();
  } else if (faults.Strikes(Fault::kSlowReader, decisions_)) {
    stream_->PauseReading();
    if (!pending_.empty()) faults.CountEffect(Fault::kSlowReader);
    const Ref<Connection> connection = connection_;
    loop().StartTimer(decisions_.Between(kMillisecond, 500 * kMillisecond), [this, connection] {
      if (stream_ != nullptr && connection.get() == connection_.get()) stream_->ResumeReading();
    });
  }
}

void Client::OnWritable() { Flush(); }

// ---- Receiving ----

void Client::OnData(absl::string_view data) {
  const Ref<Connection> connection = connection_;
  received_offset_ += data.size();
  reader_.Feed(data);
  Reply reply;
  while (stream_ != nullptr && connection.get() == connection_.get()) {
    const ReplyReader::Result result = reader_.Next(&reply);
    if (result == ReplyReader::Result::kNeedMore) break;
    if (result == ReplyReader::Result::kProtocolError) {
      Fail(Oracle::kPairing, absl::StrCat("the node's bytes are no RESP: ", reader_.error()));
      return;
    }
    TakeReply(std::move(reply));
    reply = Reply();
  }
}

void Client::TakeReply(Reply reply) {
  if (reply.is_push() && workload_->OnPush(reply)) return;
  board_->CountCheck(Oracle::kPairing);
  CompleteMuted();
  if (pending_.empty()) {
    Fail(Oracle::kPairing, absl::StrCat("a reply that nobody asked for: ", DebugString(reply)));
    return;
  }
  pending_.front().replies.push_back(std::move(reply));
  if (pending_.front().replies.size() < pending_.front().wire_count) return;
  Pending call = std::move(pending_.front());
  pending_.pop_front();
  Complete(std::move(call));
}

// Of those in front of what is answered now.
void Client::CompleteMuted() {
  while (!pending_.empty() && pending_.front().wire_count == 0) {
    const Pending call = std::move(pending_.front());
    pending_.pop_front();
    Moment moment{0, 0, nullptr};
    if (MomentOf(call, &moment)) workload_->OnMuted(call.args, moment);
  }
}

bool Client::MomentOf(const Pending& call, Moment* moment) const {
  const uint64_t reply_end = received_offset_ - reader_.pending_bytes();
  const int64_t read_ns = connection_->outgoing(0).ReadTime(call.end_offset);
  const int64_t written_ns = connection_->incoming(0).WriteTime(reply_end);
  *moment = {read_ns, written_ns, &wall_};
  return read_ns >= 0 && written_ns >= read_ns;
}

void Client::Complete(Pending call) {
  ++reply_count_;
  Reply reply = filter_.Incoming(call.args, std::move(call.replies));
  if (reply.is_error() && absl::StartsWith(reply.text, "UNBLOCKED ")) sent_away_ = true;
  if (call.internal) {
    if (reply.is_error())
      Fail(Oracle::kPairing, absl::StrCat(call.args[0], ": ", DebugString(reply)));
  } else {
    Moment moment{0, 0, nullptr};
    if (!MomentOf(call, &moment)) {
      Fail(Oracle::kPairing,
           absl::StrCat("a reply to ", call.args[0], " that the node has not read yet"));
      return;
    }
    workload_->OnReply(call.args, std::move(reply), moment);
    if (call.args[0] == "QUIT") {
      quit_ = true;
      stream_ = nullptr;
      Lose();
      return;
    }
  }
  if (pending_.empty()) {
    ArmTimeout();
    if (finishing_) {
      CloseIfDone();
    } else {
      Think();
    }
  }
}

void Client::ArmTimeout() {
  if (timeout_ != EventLoop::kNoTimer) loop().CancelTimer(timeout_);
  timeout_ = EventLoop::kNoTimer;
  if (pending_.empty()) return;
  progress_at_arming_ = Progress();
  timeout_ = loop().StartTimer(options_.reply_timeout_ns, [this] {
    timeout_ = EventLoop::kNoTimer;
    OnTimeout();
  });
}

// Bytes that have passed in either direction.
uint64_t Client::Progress() const {
  return connection_->outgoing(0).read() + connection_->incoming(0).read();
}

void Client::OnTimeout() {
  if (state_ != State::kConnected || pending_.empty()) return;
  // Tiny buffers on a slow link may take minutes; only a standstill counts.
  if (Progress() != progress_at_arming_) {
    ArmTimeout();
    return;
  }
  board_->CountCheck(Oracle::kNoStuckClient);
  // A connection that broke unheard may have done so before the healing.
  if (world_->faults().healed() && !connection_->broken()) {
    Fail(Oracle::kNoStuckClient,
         absl::StrCat("no reply to ", pending_.front().args[0], " after ",
                      (world_->now_ns() - pending_.front().sent_ns) / kMillisecond, " ms"));
  }
  stream_ = nullptr;
  Lose();
}

// ---- Losing the connection, and the end ----

void Client::OnClosed(const absl::Status& reason) {
  const bool explained = connection_->broken() || half_closed_ || sent_away_ ||
                         !server_host_->running() ||
                         server_host_->incarnation() != connection_->accepting_incarnation();
  if (!explained)
    Fail(Oracle::kPairing, absl::StrCat("the node closed the connection: ", reason.ToString()));
  stream_ = nullptr;
  Lose();
}

void Client::Lose() {
  state_ = State::kWaiting;
  if (timeout_ != EventLoop::kNoTimer) loop().CancelTimer(timeout_);
  timeout_ = EventLoop::kNoTimer;
  WaitForNodeEnd(0);
}

void Client::WaitForNodeEnd(int64_t waited_ns) {
  if (connection_->finished(1)) {
    ReportLost(Fate::kFinished);
  } else if (waited_ns >= kNodeEndPatienceNs) {
    ReportLost(Fate::kUnknown);
  } else {
    loop().StartTimer(kNodeEndPollNs,
                      [this, waited_ns] { WaitForNodeEnd(waited_ns + kNodeEndPollNs); });
  }
}

void Client::ReportLost(Fate fate) {
  LostCalls lost;
  lost.fate = fate;
  lost.moment = {world_->now_ns(), world_->now_ns(), &wall_};
  const uint64_t given = connection_->outgoing(0).given();
  // Nothing behind QUIT is executed, whether or not its answer has come.
  bool quit = quit_;
  for (Pending& call : pending_) {
    if (call.internal) continue;
    lost.moment.begin_ns = std::min(lost.moment.begin_ns, call.sent_ns);
    if (!quit && (fate == Fate::kUnknown || call.end_offset <= given)) ++lost.executed_max;
    quit = quit || call.args[0] == "QUIT";
    lost.calls.push_back(std::move(call.args));
  }
  pending_.clear();
  connection_ = Ref<Connection>();
  workload_->OnLost(lost);
  ConnectLater();
}

void Client::Finish() {
  if (finishing_) return;
  finishing_ = true;
  loop().Post([this] {
    if (state_ == State::kConnected) CloseIfDone();
  });
}

void Client::CloseIfDone() {
  if (!pending_.empty() || state_ != State::kConnected) return;
  stream_ = nullptr;
  state_ = State::kFinished;
}

}  // namespace damselfly::sim
