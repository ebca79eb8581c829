#include "server/session/session.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/resp/short_bulk.h"
#include "server/session/waiting_command.h"

namespace damselfly {
namespace {

// Replies are sent when this much has piled up within one batch of input, so that one connection's
// backlog stays small.
constexpr size_t kFlushBytes = 256 * 1024;
// What a client may send behind a command that waits for keys before it is read no further.
constexpr size_t kHeardBytesMax = 64 * 1024;
// More than this is several commands, whose keys are fetched together anyway, or a long one.
constexpr size_t kExpectedBytesMax = 256;

}  // namespace

Session::Session(Worker* worker, std::unique_ptr<Stream> stream, ClientPort port)
    : worker_(*worker),
      server_(worker->server()),
      loop_(worker->loop()),
      stream_(std::move(stream)),
      reply_(&output_),
      transaction_(&server_.store()) {
  info_.worker = worker_.index();
  info_.created_ms = loop_.pass_wall_ms();
  info_.address = stream_->peer().ToString();
  info_.local_address = stream_->local().ToString();
  info_.descriptor = stream_->descriptor();
  info_.port = port;
  info_.last_interaction_ms.store(info_.created_ms, std::memory_order_relaxed);
  // Who has come in without a password stays in when one is set later.
  authenticated_ = !NeedsPassword();
  if (!stream_->local().unix_path.empty()) info_.SetFlag(ClientInfo::kUnixSocket, true);
  parser_.limits().authenticated = authenticated();
  server_.clients().Add(&info_);
}

Session::~Session() {
  if (waiting_ != nullptr) {
    info_.TakeAnswer();
    waiting_->End();
  }
  if (is_monitor()) SetMonitor(false);
  transaction_.Discard();
  UnsubscribeAll();
  DisableTracking();
  if (wake_timer_ != EventLoop::kNoTimer) loop_.CancelTimer(wake_timer_);
  server_.clients().Remove(&info_);
  // Here rather than in Retire(), which may be called with slots locked and inside the source.
  if (source_ != nullptr) source_->OnSessionClosed();
  if (close_handler_) close_handler_();
}

void Session::Start() { stream_->Start(this); }

void Session::OnDataSoon(absl::string_view data) {
  if (data.size() > kExpectedBytesMax || parser_.pending_bytes() > 0) return;
  absl::string_view words[2];
  if (!PeekWords(data, absl::MakeSpan(words))) return;
  const Command* const command = server_.commands().Find(words[0]);
  if (command == nullptr || command->first_key != 1) return;
  worker_.expected_keys().Add(server_.store(), database_, words[1]);
}

void Session::OnData(absl::string_view data) {
  worker_.expected_keys().Fetch(server_.store());
  if (closing_) return;
  info_.last_interaction_ms.store(loop_.pass_wall_ms(), std::memory_order_relaxed);
  worker_.stats().input_bytes.Add(static_cast<int64_t>(data.size()));
  worker_.stats().reads_processed.Add(1);
  if (is_streaming()) {
    held_.clear();
    return;
  }
  parser_.limits().bulk_bytes_max = server_.config().integer(Parameter::proto_max_bulk_len);
  parser_.limits().query_buffer_bytes_max =
      static_cast<size_t>(server_.config().integer(Parameter::client_query_buffer_limit));
  parser_.Feed(data);
  ProcessInput();
  parser_.EndFeed();
  Flush();
}

void Session::OnWritable() {
  waiting_for_writable_ = false;
  Flush();
  if (output_held_ && output_.empty()) {
    output_held_ = false;
    ProcessInput();
    parser_.EndFeed();
    Flush();
  }
}

void Session::OnClosed(const absl::Status&) { Retire(); }

void Session::ProcessInput() {
  RunHeld();
  auto& batch = worker_.batch();
  RequestParser::Result result = RequestParser::Result::kCommand;
  while (CanExecute() && result == RequestParser::Result::kCommand) {
    // Whether the limits for strangers hold is decided command by command.
    const size_t batch_max = authenticated() ? Worker::kBatchMax : 1;
    parser_.limits().authenticated = batch_max != 1;
    size_t count = 0;
    while (count < batch_max) {
      result = parser_.Next(&batch[count].request);
      if (result != RequestParser::Result::kCommand) break;
      ++count;
    }
    if (count > 0) ExecuteBatch(count);
    parser_.Release();
    if (output_.size() >= kFlushBytes) Flush();
  }
  if (result == RequestParser::Result::kProtocolError ||
      result == RequestParser::Result::kBufferLimit) {
    if (!closing_ && !blocked_ && !paused_ && !is_streaming()) HandleParserFailure(result);
  }
  // Of a flow it is heard when the peer hangs up. So it is of a client that waits for keys: what
  // there will be for it would be lost.
  const bool listens = waiting_ != nullptr && parser_.pending_bytes() < kHeardBytesMax;
  const bool stop_reading = !CanExecute() && !closing_ && !is_streaming() && !listens;
  if (stop_reading != reading_paused_ && !retired_) {
    reading_paused_ = stop_reading;
    stop_reading ? stream_->PauseReading() : stream_->ResumeReading();
  }
}

void Session::HandleParserFailure(RequestParser::Result result) {
  if (result == RequestParser::Result::kBufferLimit) {
    CloseForQueryBuffer();
    return;
  }
  Refuse(nullptr, absl::StrCat("ERR ", parser_.error()));
  CloseAfterReply();
}

void Session::CloseForQueryBuffer() {
  worker_.stats().query_buffer_limit_disconnections.Add(1);
  server_.runtime().Log(Runtime::Severity::kWarning,
                        absl::StrCat("Closing client that reached max query buffer length: id=",
                                     id(), " addr=", info_.address));
  Kill();
}

void Session::RunHeld() {
  const Clock& clock = server_.runtime().clock();
  while (!held_.empty() && CanExecute()) {
    const OwnedRequest& request = held_.front();
    const absl::string_view* args = request.args().data();
    Key key;
    Call call{request.command(), request.args(), request.blobs(), {}};
    const Command* command = request.command();
    if (command != nullptr && command->first_key > 0 &&
        static_cast<size_t>(command->first_key) < request.args().size()) {
      key = server_.store().MakeKey(args[command->first_key]);
      call.keys = absl::MakeConstSpan(&key, 1);
      call.first_key_index = command->first_key;
    }
    alone_ns_ = 0;
    executed_ = nullptr;
    BeginRunning();
    const int64_t begin_ns = clock.MonotonicNs();
    const bool done = Dispatch(call);
    EndRunning();
    if (!done) return;
    if (executed_ != nullptr && executed_->IsBrief(request.args().size())) {
      Account(*executed_, request.args(), clock.MonotonicNs() - begin_ns);
    }
    held_.pop_front();
  }
}

void Session::HoldBack(const BatchItem& item) {
  const size_t count = item.request.args.size();
  absl::InlinedVector<BlobRef, 4> blobs;
  if (item.request.wire_bytes >= RequestParser::kBlobBytesMin) {
    for (size_t i = 0; i < count; ++i) blobs.push_back(item.request.TakeBlob(i));
  }
  held_.emplace_back(item.command, item.request.args, blobs);
}

void Session::BeginRunning() {
  executing_ = true;
  worker_.set_running(this);
}

void Session::EndRunning() {
  PlaceLatePushes();
  executing_ = false;
  worker_.set_running(nullptr);
}

bool Session::NeedsPassword() const {
  const Config& config = server_.config();
  return config.has_password() && !(is_admin() && config.boolean(Parameter::admin_nopass));
}

void Session::Flush() {
  if (retired_) return;
  if (pushed_too_much_) {
    CloseForOutput();
    return;
  }
  Send();
  if (is_streaming() && !SendFromSource()) return;
  if (output_.empty()) {
    over_soft_limit_since_ms_ = 0;
    stuck_since_ms_ = 0;
    if (close_after_reply_) {
      Retire();
      return;
    }
  } else {
    CheckOutputLimits();
  }
  PublishInfo();
}

void Session::Send() {
  while (!output_.empty() && !waiting_for_writable_) {
    if (output_.is_contiguous()) {
      const absl::string_view bytes = output_.contiguous();
      SendPieces(absl::MakeConstSpan(&bytes, 1));
    } else {
      SendGathered();
    }
  }
}

void Session::SendGathered() {
  absl::string_view pieces[OutputBuffer::kPiecesMax];
  SendPieces(absl::MakeConstSpan(pieces, output_.Gather(absl::MakeSpan(pieces))));
}

void Session::SendPieces(absl::Span<const absl::string_view> pieces) {
  size_t offered = 0;
  for (absl::string_view piece : pieces) offered += piece.size();
  const size_t taken = stream_->Write(pieces);
  worker_.stats().output_bytes.Add(static_cast<int64_t>(taken));
  worker_.stats().writes_processed.Add(1);
  output_.Consume(taken);
  const int64_t now_ms = loop_.pass_wall_ms();
  if (taken > 0) info_.last_interaction_ms.store(now_ms, std::memory_order_relaxed);
  if (taken > 0 || stuck_since_ms_ == 0) stuck_since_ms_ = now_ms;
  waiting_for_writable_ = taken < offered;
}

void Session::CheckOutputLimits() {
  const int64_t unsent_bytes = static_cast<int64_t>(output_.size());
  const int64_t pause_bytes = server_.config().integer(Parameter::client_output_pause_bytes);
  // What has been pushed and is sent in a later pass waits for nobody: no one would resume it.
  const bool waits = waiting_for_writable_ && !is_streaming();
  if (pause_bytes > 0 && unsent_bytes >= pause_bytes && waits && !output_held_) {
    output_held_ = true;
    if (!reading_paused_ && !closing_) {
      reading_paused_ = true;
      stream_->PauseReading();
    }
  }
  const OutputLimits limits =
      server_.config().output_limits(is_replica()      ? ClientClass::kReplica
                                     : is_subscribed() ? ClientClass::kPubSub
                                                       : ClientClass::kNormal);
  const int64_t now_ms = loop_.pass_wall_ms();
  bool over = limits.hard_bytes > 0 && unsent_bytes >= limits.hard_bytes;
  if (limits.soft_bytes > 0 && unsent_bytes >= limits.soft_bytes) {
    if (over_soft_limit_since_ms_ == 0) over_soft_limit_since_ms_ = now_ms;
    over = over || limits.IsOverSoftTime(now_ms - over_soft_limit_since_ms_);
  } else {
    over_soft_limit_since_ms_ = 0;
  }
  if (over) CloseForOutput();
}

void Session::CloseForOutput() {
  worker_.stats().output_buffer_limit_disconnections.Add(1);
  server_.runtime().Log(Runtime::Severity::kWarning,
                        absl::StrCat("Client id=", id(), " addr=", info_.address,
                                     " closed for overcoming of output buffer limits: ",
                                     output_.size(), " bytes unsent"));
  Kill();
}

void Session::CheckLimits(int64_t now_ms) {
  if (retired_) return;
  if (!output_.empty()) CheckOutputLimits();
  if (retired_ || CloseIfStuck(now_ms)) return;
  const int64_t timeout_s = server_.config().integer(Parameter::timeout);
  const int64_t idle_ms = now_ms - info_.last_interaction_ms.load(std::memory_order_relaxed);
  if (timeout_s > 0 && idle_ms > timeout_s * 1000 && !blocked_ && !paused_ && !is_monitor() &&
      !is_subscribed() && !is_replica()) {
    Kill();
    return;
  }
  // A quiet connection gives back what a burst has made it hold.
  if (idle_ms > 2000 && !executing_) {
    parser_.ShrinkIdle();
    output_.ShrinkIdle();
    PublishInfo();
  }
}

void Session::PublishInfo() {
  if (retired_) return;
  const auto relaxed = std::memory_order_relaxed;
  info_.query_buffer_bytes.store(static_cast<int64_t>(parser_.pending_bytes()), relaxed);
  info_.output_bytes.store(static_cast<int64_t>(output_.size()), relaxed);
  const size_t output_memory_bytes = output_.memory_bytes();
  info_.output_memory_bytes.store(static_cast<int64_t>(output_memory_bytes), relaxed);
  info_.multi_bytes.store(static_cast<int64_t>(transaction_.memory_bytes()), relaxed);
  info_.total_memory_bytes.store(
      static_cast<int64_t>(sizeof(Session) + output_memory_bytes + parser_.memory_bytes() +
                           transaction_.memory_bytes() +
                           (subscriptions_ != nullptr ? subscriptions_->memory_bytes() : 0)),
      relaxed);
}

void Session::SelectDatabase(int index) {
  database_ = index;
  info_.database.store(index, std::memory_order_relaxed);
}

void Session::SetProtocol(int version) {
  reply_.set_protocol(version);
  info_.protocol.store(version, std::memory_order_relaxed);
}

bool Session::IsLocal() const {
  if (!stream_->local().unix_path.empty()) return true;
  const std::string& host = stream_->peer().host;
  return absl::StartsWith(host, "127.") || host == "::1" || host == "localhost";
}

void Session::CloseAfterReply() {
  closing_ = true;
  close_after_reply_ = true;
  info_.SetFlag(ClientInfo::kCloseAfterReply, true);
  // Whoever has read the last reply must not be counted by a PUBLISH elsewhere, as in Redis.
  UnsubscribeAll();
}

void Session::Kill() {
  closing_ = true;
  info_.SetFlag(ClientInfo::kCloseSoon, true);
  Retire();
}

void Session::KillSoon() { executing_ ? CloseAfterReply() : Kill(); }

void Session::SetReplyMode(ReplyMode mode) {
  reply_mode_ = mode;
  no_reply_ = mode != ReplyMode::kOn;
  if (mode == ReplyMode::kOn) skip_reply_ = false;
}

void Session::SetMonitor(bool on) {
  if (on == is_monitor()) return;
  info_.SetFlag(ClientInfo::kMonitor, on);
  server_.monitor_count.fetch_add(on ? 1 : -1, std::memory_order_relaxed);
  on ? worker_.AddMonitor(id()) : worker_.RemoveMonitor(id());
}

void Session::SendMonitorLine(absl::string_view line) {
  if (closing_ || !is_monitor() || muted()) return;
  reply_.SimpleString(line);
  if (!executing_) Flush();
}

void Session::Reset() {
  transaction_.Discard();
  info_.SetQueuedCount(-1);
  SetMonitor(false);
  UnsubscribeAll();
  DisableTracking();
  SelectDatabase(0);
  SetProtocol(2);
  reply_mode_ = ReplyMode::kOn;
  SetAuthenticated(!NeedsPassword());
  info_.SetFlag(ClientInfo::kNoEvict, false);
  std::lock_guard<std::mutex> guard(server_.clients().mutex());
  info_.name.clear();
}

void Session::Retire() {
  if (retired_) return;
  retired_ = true;
  // From here on nothing is served to it; where it waits, it is taken away with the session.
  if (blocked_) info_.TakeAnswer();
  closing_ = true;
  UnsubscribeAll();
  DisableTracking();
  stream_->Close();
  worker_.Retire(this);
}

}  // namespace damselfly
