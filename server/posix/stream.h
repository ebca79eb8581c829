#ifndef DAMSELFLY_SERVER_POSIX_STREAM_H_
#define DAMSELFLY_SERVER_POSIX_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/posix/descriptor.h"
#include "server/posix/event_source.h"
#include "server/posix/loop.h"
#include "server/runtime/network.h"

namespace damselfly::posix {

// The half of a stream that epoll and the loop point to. It may outlive its PosixStream until the
// end of the pass.
//
// Reading relies on edge-triggered epoll's rule for byte streams (epoll(7), questions and answers):
// a recv that returns less than asked for has drained the socket, and the next bytes raise a new
// event. So one recv a readiness is enough, unless it filled the buffer, the end of the stream has
// been announced, or the peer sends urgent bytes, in front of which a recv stops (tcp(7)); then the
// socket queues itself for the next pass, behind the others.
//
// Short replies are held back until the loop has read from all sockets that had something (or from
// enough of them), and leave one behind the other: whoever waits for several of them is woken by
// the first and finds the others, where it would have gone to sleep in between. Waking costs both
// sides more than all the rest of a short command.
class StreamSocket final : public EventSource {
 public:
  // `socket` is a connected, non-blocking stream socket.
  StreamSocket(Loop& loop, Descriptor socket);
  ~StreamSocket() override;

  void Start(StreamHandler* handler);
  size_t Write(absl::Span<const absl::string_view> pieces);
  void PauseReading() { paused_ = true; }
  void ResumeReading();
  // Closes at once, unless the kernel does not take what Write has taken: then when it has.
  void Close();

  void OnEvents(uint32_t epoll_events) override;
  void RunQueued();
  // What ReadOnce has received, by the loop: first, if others have, too, told ahead of it, then
  // given it.
  void Announce(absl::string_view data);
  void Deliver(absl::string_view data);
  // Sends what Write has held back. By the loop, when it has asked it of StreamSocket::Write.
  void SendHeld();

  // Gives a socket whose stream has gone while it drains to its loop, which owns it until it has
  // drained, or has had its time.
  static void DrainAlone(std::unique_ptr<StreamSocket> socket);
  bool draining() const { return state_ == State::kDraining; }

  bool queued() const { return queued_; }
  void set_queued(bool queued) { queued_ = queued; }
  bool started() const { return handler_ != nullptr; }
  int descriptor() const { return socket_.get(); }

 private:
  enum class State : uint8_t {
    kOpen,      // call-backs come
    kEnded,     // OnClosed has been called; the peer may still read what is written
    kDraining,  // Close() has been called while the kernel takes no more: what is held goes first
    kClosed,    // the descriptor is gone
  };

  void QueueAgain();
  // One recv, or what an earlier one had taken, and what follows from it.
  void ReadOnce();
  // The peer has announced its end while reading is paused.
  void CheckEndWhilePaused();
  void End(const absl::Status& reason);
  void CloseSocket();
  void EndDraining();
  // Keeps all of the pieces for SendHeld and returns true, where they are short.
  bool HoldBack(absl::Span<const absl::string_view> pieces, size_t bytes);
  // Sends what the kernel takes; returns how much.
  size_t SendPieces(absl::Span<const absl::string_view> pieces);
  // Takes the bytes of up to IOV_MAX pieces; returns how many, or -1 with errno.
  ssize_t Send(absl::Span<const absl::string_view> pieces);
  absl::Status TakeSocketError();

  Loop& loop_;
  Descriptor socket_;
  StreamHandler* handler_ = nullptr;
  State state_ = State::kOpen;
  bool paused_ = false;
  bool readable_ = false;  // bytes or the end may wait in the kernel; no event will repeat that
  bool peer_finished_ = false;  // the peer sends no more: reads must go on until they see the end
  bool urgent_ = false;         // an urgent byte has come: a short recv need not be the last
  bool hung_up_ = false;        // both directions are gone
  bool send_blocked_ = false;   // a send was cut short: an event says when there is room again
  bool owes_writable_ = false;  // so was a Write: OnWritable is due then
  bool queued_ = false;         // stands in the loop's queue
  bool drains_alone_ = false;   // the loop owns it
  EventLoop::TimerId drain_timer_ = EventLoop::kNoTimer;
  // Received, but not to be delivered while reading is paused; null: nothing.
  std::unique_ptr<const std::string> received_early_;
  std::string held_;     // what Write has taken and SendHeld has not sent
  absl::Status broken_;  // a Write's error, reported by the next pass
};

// A Stream over a connected socket: TCP or Unix.
class PosixStream final : public Stream {
 public:
  // May be constructed on another thread than `loop`'s, and destroyed there as long as it has not
  // been started.
  PosixStream(Loop& loop, Descriptor socket, Endpoint local, Endpoint peer);
  ~PosixStream() override;

  void Start(StreamHandler* handler) override { socket_->Start(handler); }
  size_t Write(absl::Span<const absl::string_view> pieces) override {
    return socket_->Write(pieces);
  }
  void PauseReading() override { socket_->PauseReading(); }
  void ResumeReading() override { socket_->ResumeReading(); }
  void Close() override { socket_->Close(); }
  const Endpoint& local() const override { return local_; }
  const Endpoint& peer() const override { return peer_; }
  int descriptor() const override { return descriptor_; }

 private:
  Loop& loop_;
  std::unique_ptr<StreamSocket> socket_;
  const int descriptor_;
  const Endpoint local_;
  const Endpoint peer_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_STREAM_H_
