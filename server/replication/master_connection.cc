#include "server/replication/master_connection.h"

#include <coroutine>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/resp/request_writer.h"
#include "server/session/config.h"
#include "server/session/server_state.h"

namespace damselfly {
namespace {

constexpr size_t kLineBytesMax = 64 * 1024;
// A flow is paused early: what piles up here has left the master's account of what is unsent.
constexpr size_t kUnreadBytesMax = 256 * 1024;

// Connect, for so long at most.
class [[nodiscard]] ConnectWithin {
 public:
  ConnectWithin(Network& network, EventLoop& loop, const Endpoint& endpoint, int64_t timeout_ns)
      : network_(network), loop_(loop), endpoint_(endpoint), timeout_ns_(timeout_ns) {}
  ~ConnectWithin() {
    if (pending_ != nullptr) pending_->awaiting = nullptr;
    if (timer_ != EventLoop::kNoTimer) loop_.CancelTimer(timer_);
  }
  ConnectWithin(const ConnectWithin&) = delete;
  ConnectWithin& operator=(const ConnectWithin&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    pending_ = std::make_shared<Pending>();
    pending_->awaiting = awaiting;
    timer_ = loop_.StartTimer(timeout_ns_, [this, pending = pending_] {
      timer_ = EventLoop::kNoTimer;
      pending->Finish(absl::DeadlineExceededError("connection timed out"));
    });
    network_.Connect(loop_, endpoint_,
                     [pending = pending_](absl::StatusOr<std::unique_ptr<Stream>> result) {
                       pending->Finish(std::move(result));
                     });
  }
  absl::StatusOr<std::unique_ptr<Stream>> await_resume() { return std::move(pending_->result); }

 private:
  // Shared with the network's handler, which may come after all is over.
  struct Pending {
    void Finish(absl::StatusOr<std::unique_ptr<Stream>> outcome) {
      if (awaiting == nullptr) return;
      result = std::move(outcome);
      std::exchange(awaiting, nullptr).resume();
    }
    std::coroutine_handle<> awaiting;
    absl::StatusOr<std::unique_ptr<Stream>> result = absl::UnknownError("not connected yet");
  };

  Network& network_;
  EventLoop& loop_;
  const Endpoint& endpoint_;
  const int64_t timeout_ns_;
  std::shared_ptr<Pending> pending_;
  EventLoop::TimerId timer_ = EventLoop::kNoTimer;
};

// Closes the stream when its time is over: whoever waits on it goes on with an error.
class Deadline {
 public:
  Deadline(EventLoop& loop, CoroutineStream* stream, int64_t timeout_ns) : loop_(loop) {
    timer_ = loop.StartTimer(timeout_ns, [this, stream] {
      timer_ = EventLoop::kNoTimer;
      expired_ = true;
      stream->Close();
    });
  }
  ~Deadline() {
    if (timer_ != EventLoop::kNoTimer) loop_.CancelTimer(timer_);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  absl::Status Explain(absl::Status status) const {
    return expired_ ? absl::DeadlineExceededError("the master does not answer") : status;
  }

 private:
  EventLoop& loop_;
  EventLoop::TimerId timer_;
  bool expired_ = false;
};

}  // namespace

std::string MasterAuthRequest(const Config& config) {
  const std::string password = config.text(Parameter::masterauth);
  if (password.empty()) return "";
  const std::string user = config.text(Parameter::masteruser);
  return user.empty() ? MakeCommand({"AUTH", password}) : MakeCommand({"AUTH", user, password});
}

Task<absl::Status> MasterConnection::Open(Endpoint master, std::string auth_request,
                                          int64_t timeout_ns) {
  absl::StatusOr<std::unique_ptr<Stream>> stream =
      co_await ConnectWithin(network_, loop_, master, timeout_ns);
  if (!stream.ok()) co_return stream.status();
  stream_ = std::make_unique<CoroutineStream>(*std::move(stream), kUnreadBytesMax);
  if (auth_request.empty()) co_return absl::OkStatus();
  co_return co_await Ask(std::move(auth_request), timeout_ns);
}

MasterConnection::~MasterConnection() {
  if (server_ != nullptr) server_->clients().Remove(&info_);
}

void MasterConnection::ShowAsClient(ServerState* server) {
  const Stream& stream = stream_->stream();
  info_.created_ms = loop_.pass_wall_ms();
  info_.address = stream.peer().ToString();
  info_.local_address = stream.local().ToString();
  info_.descriptor = stream.descriptor();
  // What maxclients does not count.
  info_.port = ClientPort::kAdmin;
  info_.last_interaction_ms.store(info_.created_ms, std::memory_order_relaxed);
  info_.SetFlag(ClientInfo::kMaster, true);
  server_ = server;
  server_->clients().Add(&info_);
}

Task<absl::Status> MasterConnection::Ask(std::string request, int64_t timeout_ns) {
  const Deadline deadline(loop_, stream_.get(), timeout_ns);
  absl::Status written = co_await stream_->WriteAll(request);
  if (!written.ok()) co_return deadline.Explain(std::move(written));
  const absl::StatusOr<std::string> line = co_await ReadLine();
  if (!line.ok()) co_return deadline.Explain(line.status());
  if (!line->empty() && line->front() == '+') co_return absl::OkStatus();
  if (!line->empty() && line->front() == '-') co_return absl::AbortedError(line->substr(1));
  co_return absl::DataLossError("a reply that no master of ours gives");
}

Task<absl::StatusOr<std::string>> MasterConnection::ReadLine() {
  size_t scanned_bytes = 0;
  while (true) {
    const size_t end = unread_.find("\r\n", scanned_bytes);
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 2);
      co_return line;
    }
    if (unread_.size() > kLineBytesMax) co_return absl::DataLossError("a reply without an end");
    scanned_bytes = unread_.empty() ? 0 : unread_.size() - 1;
    absl::StatusOr<std::string> more = co_await stream_->ReadSome();
    if (!more.ok()) co_return more.status();
    unread_ += *more;
  }
}

Task<absl::StatusOr<Reply>> MasterConnection::Call(std::string request, int64_t timeout_ns) {
  const Deadline deadline(loop_, stream_.get(), timeout_ns);
  absl::Status written = co_await stream_->WriteAll(request);
  if (!written.ok()) co_return deadline.Explain(std::move(written));
  absl::StatusOr<Reply> reply = co_await NextReply();
  if (!reply.ok()) co_return deadline.Explain(reply.status());
  co_return reply;
}

Task<absl::Status> MasterConnection::Send(std::string request, int64_t timeout_ns) {
  const Deadline deadline(loop_, stream_.get(), timeout_ns);
  absl::Status written = co_await stream_->WriteAll(request);
  co_return written.ok() ? written : deadline.Explain(std::move(written));
}

Task<absl::StatusOr<Reply>> MasterConnection::NextReply() {
  replies_.Feed(TakeUnread());
  while (true) {
    Reply reply;
    switch (replies_.Next(&reply)) {
      case ReplyReader::Result::kReply:
        co_return reply;
      case ReplyReader::Result::kProtocolError:
        co_return absl::DataLossError(absl::StrCat("not a reply: ", replies_.error()));
      case ReplyReader::Result::kNeedMore:
        break;
    }
    absl::StatusOr<std::string> more = co_await stream_->ReadSome();
    if (!more.ok()) co_return more.status();
    replies_.Feed(*more);
  }
}

std::string MasterConnection::TakeUnread() { return std::exchange(unread_, std::string()); }

}  // namespace damselfly
