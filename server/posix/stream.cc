#include "server/posix/stream.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/check.h"
#include "server/posix/errno_status.h"

namespace damselfly::posix {
namespace {

// Writability is watched from the start: edge-triggered, it raises an event only after a send was
// cut short, so there is nothing to arm and to disarm.
constexpr uint32_t kStreamEvents = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;

// What a Write holds back at most: the replies to a pipeline of short commands. More is worth a
// send of its own.
constexpr size_t kHeldBytesMax = 4096;
constexpr size_t kHeldBytesKept = 128;

// A peer that takes nothing for so long loses what was held for it.
constexpr int64_t kDrainNsMax = 5'000'000'000;

// Close() reads and drops this much of the peer's bytes at most.
constexpr size_t kDiscardBytes = 16 * 1024;
constexpr int kDiscardReadsMax = 64;

// Closing a TCP socket with unread bytes resets the connection, and the reset may overtake what was
// written last, such as the error reply that explains the close (RFC 2525, section 2.17). So the
// unread bytes go first.
void DiscardUnread(int socket) {
  char dropped[kDiscardBytes];
  for (int i = 0; i < kDiscardReadsMax; ++i) {
    if (recv(socket, dropped, sizeof(dropped), 0) < static_cast<ssize_t>(sizeof(dropped))) return;
  }
}

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

StreamSocket::StreamSocket(Loop& loop, Descriptor socket)
    : EventSource(Kind::kStream), loop_(loop), socket_(std::move(socket)) {
  DFLY_CHECK(socket_.valid());
  loop_.AddOpenStreams(1);
}

StreamSocket::~StreamSocket() {
  Close();
  if (state_ != State::kClosed) CloseSocket();
}

void StreamSocket::Start(StreamHandler* handler) {
  DFLY_CHECK(handler != nullptr && handler_ == nullptr);
  DFLY_CHECK(state_ == State::kOpen);
  DFLY_DCHECK(loop_.OnLoopThread());
  handler_ = handler;
  broken_ = loop_.Watch(socket_.get(), kStreamEvents, this);
  if (!broken_.ok()) QueueAgain();
}

void StreamSocket::OnEvents(uint32_t epoll_events) {
  if (state_ == State::kDraining) {
    if ((epoll_events & EPOLLOUT) != 0) send_blocked_ = false;
    SendHeld();
    if (held_.empty() || !broken_.ok() || (epoll_events & (EPOLLHUP | EPOLLERR)) != 0)
      EndDraining();
    return;
  }
  if (state_ != State::kOpen || !broken_.ok()) return;  // broken: RunQueued says so
  if ((epoll_events & EPOLLOUT) != 0 && send_blocked_) {
    send_blocked_ = false;
    SendHeld();
    if (!send_blocked_ && std::exchange(owes_writable_, false)) {
      handler_->OnWritable();
      if (state_ != State::kOpen) return;
    }
  }
  if ((epoll_events & EPOLLPRI) != 0) urgent_ = true;
  constexpr uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if ((epoll_events & (EPOLLIN | kEnd)) == 0) return;
  readable_ = true;
  if ((epoll_events & kEnd) != 0) {
    peer_finished_ = true;
    if ((epoll_events & (EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
    if (paused_) return CheckEndWhilePaused();
  }
  if (!paused_ && !queued_) ReadOnce();
}

void StreamSocket::RunQueued() {
  DFLY_CHECK(queued_);
  queued_ = false;
  if (state_ != State::kOpen) return;
  if (!broken_.ok()) return End(broken_);
  if (paused_) {
    if (peer_finished_) CheckEndWhilePaused();
    return;
  }
  if (readable_) ReadOnce();
}

void StreamSocket::QueueAgain() {
  if (queued_) return;
  queued_ = true;
  loop_.QueueAgain(this);
}

void StreamSocket::ReadOnce() {
  if (received_early_ != nullptr) {
    const std::unique_ptr<const std::string> data = std::move(received_early_);
    return Deliver(*data);
  }
  ssize_t count;
  do {
    count = recv(socket_.get(), loop_.read_room(), ReadGroup::kReadBytesMax, 0);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    const size_t bytes = static_cast<size_t>(count);
    readable_ = bytes == ReadGroup::kReadBytesMax || peer_finished_ || urgent_;
    loop_.DeliverSoon(this, bytes);
  } else if (count == 0) {
    End(absl::OkStatus());
  } else if (WouldBlock(errno)) {
    readable_ = false;
  } else {
    End(ErrnoStatus(errno, "Could not read from the peer"));
  }
}

void StreamSocket::Announce(absl::string_view data) {
  if (state_ == State::kOpen && !paused_) handler_->OnDataSoon(data);
}

void StreamSocket::Deliver(absl::string_view data) {
  if (state_ != State::kOpen) return;
  if (paused_) {
    // By the handler of another stream, which has had its bytes before.
    DFLY_CHECK(received_early_ == nullptr);
    received_early_ = std::make_unique<const std::string>(data.data(), data.size());
    readable_ = true;
    return;
  }
  handler_->OnData(data);
  if (readable_ && !paused_ && state_ == State::kOpen) QueueAgain();
}

void StreamSocket::CheckEndWhilePaused() {
  // A peer that is wholly gone is reported at once: nobody is left to answer. One that has only
  // finished sending is reported once its last bytes have been delivered.
  if (hung_up_) return End(TakeSocketError());
  if (received_early_ != nullptr) return;
  int unread_bytes = 0;
  if (ioctl(socket_.get(), FIONREAD, &unread_bytes) == 0 && unread_bytes == 0)
    End(absl::OkStatus());
}

void StreamSocket::ResumeReading() {
  if (!std::exchange(paused_, false)) return;
  // No event repeats what came during the pause; the next pass looks.
  if (readable_ && state_ == State::kOpen && started()) QueueAgain();
}

void StreamSocket::End(const absl::Status& reason) {
  DFLY_CHECK(state_ == State::kOpen);
  state_ = State::kEnded;
  handler_->OnClosed(reason);
}

absl::Status StreamSocket::TakeSocketError() {
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "The connection broke");
}

size_t StreamSocket::Write(absl::Span<const absl::string_view> pieces) {
  DFLY_DCHECK(loop_.OnLoopThread());
  if (state_ == State::kClosed || !broken_.ok()) return 0;
  size_t bytes = 0;
  for (absl::string_view piece : pieces) bytes += piece.size();
  if (!send_blocked_) {
    if (HoldBack(pieces, bytes)) return bytes;
    SendHeld();
  }
  size_t taken_bytes = 0;
  if (!send_blocked_ && broken_.ok()) taken_bytes = SendPieces(pieces);
  if (taken_bytes < bytes) owes_writable_ = true;
  return taken_bytes;
}

bool StreamSocket::HoldBack(absl::Span<const absl::string_view> pieces, size_t bytes) {
  // What is no connection of the loop's yet, or is not any more, is not called back by it.
  if (!started() || held_.size() + bytes > kHeldBytesMax) return false;
  const bool is_first = held_.empty();
  for (absl::string_view piece : pieces) held_.append(piece.data(), piece.size());
  if (is_first && !held_.empty()) loop_.SendSoon(this);
  return true;
}

void StreamSocket::SendHeld() {
  if (held_.empty() || send_blocked_ || !broken_.ok()) return;
  const absl::string_view bytes(held_);
  held_.erase(0, SendPieces(absl::MakeConstSpan(&bytes, 1)));
  // Most connections are idle most of the time.
  if (held_.empty() && held_.capacity() > kHeldBytesKept) std::string().swap(held_);
}

size_t StreamSocket::SendPieces(absl::Span<const absl::string_view> pieces) {
  size_t taken_bytes = 0;
  while (!pieces.empty()) {
    const absl::Span<const absl::string_view> group = pieces.subspan(0, IOV_MAX);
    size_t group_bytes = 0;
    for (absl::string_view piece : group) group_bytes += piece.size();
    pieces.remove_prefix(group.size());
    if (group_bytes == 0) continue;
    const ssize_t sent = Send(group);
    if (sent < 0) {
      if (WouldBlock(errno)) {
        send_blocked_ = true;
      } else {
        broken_ = ErrnoStatus(errno, "Could not write to the peer");
        if (state_ == State::kOpen && started()) QueueAgain();
      }
      return taken_bytes;
    }
    taken_bytes += static_cast<size_t>(sent);
    if (static_cast<size_t>(sent) < group_bytes) {
      send_blocked_ = true;
      return taken_bytes;
    }
  }
  return taken_bytes;
}

ssize_t StreamSocket::Send(absl::Span<const absl::string_view> pieces) {
  ssize_t sent;
  if (pieces.size() == 1) {
    do {
      sent = send(socket_.get(), pieces[0].data(), pieces[0].size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent;
  }
  iovec vectors[IOV_MAX];  // only what is used is touched
  for (size_t i = 0; i < pieces.size(); ++i) {
    vectors[i] = {.iov_base = const_cast<char*>(pieces[i].data()), .iov_len = pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors;
  message.msg_iovlen = pieces.size();
  do {
    sent = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

void StreamSocket::Close() {
  if (state_ == State::kClosed || state_ == State::kDraining) return;
  SendHeld();
  if (!held_.empty() && broken_.ok()) {
    state_ = State::kDraining;
  } else {
    CloseSocket();
  }
}

void StreamSocket::CloseSocket() {
  if (state_ != State::kEnded && started()) DiscardUnread(socket_.get());
  state_ = State::kClosed;
  socket_.Reset();
  loop_.AddOpenStreams(-1);
}

void StreamSocket::DrainAlone(std::unique_ptr<StreamSocket> socket) {
  StreamSocket& self = *socket;
  DFLY_CHECK(self.draining() && !self.drains_alone_);
  self.drains_alone_ = true;
  self.drain_timer_ = self.loop_.StartTimer(kDrainNsMax, [&self] {
    self.drain_timer_ = EventLoop::kNoTimer;
    self.EndDraining();
  });
  self.loop_.Adopt(std::move(socket));
}

void StreamSocket::EndDraining() {
  CloseSocket();
  if (!drains_alone_) return;
  if (drain_timer_ != EventLoop::kNoTimer) loop_.CancelTimer(drain_timer_);
  loop_.Release(this);
}

PosixStream::PosixStream(Loop& loop, Descriptor socket, Endpoint local, Endpoint peer)
    : loop_(loop),
      socket_(std::make_unique<StreamSocket>(loop, std::move(socket))),
      descriptor_(socket_->descriptor()),
      local_(std::move(local)),
      peer_(std::move(peer)) {}

PosixStream::~PosixStream() {
  if (!socket_->started()) return;  // the loop has never seen it
  socket_->Close();
  if (socket_->draining()) {
    StreamSocket::DrainAlone(std::move(socket_));
  } else {
    loop_.Retire(std::move(socket_));
  }
}

}  // namespace damselfly::posix
