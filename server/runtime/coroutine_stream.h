#ifndef DAMSELFLY_SERVER_RUNTIME_COROUTINE_STREAM_H_
#define DAMSELFLY_SERVER_RUNTIME_COROUTINE_STREAM_H_

#include <coroutine>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/runtime/event_loop.h"
#include "server/runtime/network.h"

namespace damselfly {

// A Stream for coroutines: `co_await stream.ReadSome()` and `co_await stream.WriteAll(bytes)`. One
// reader and one writer may wait at a time. For links between nodes and for the control plane;
// client connections use StreamHandler directly.
//
// Everything on the stream's loop. A coroutine that waits may be destroyed: its await is then
// forgotten. If the CoroutineStream goes first, who waits on it is never resumed.
class CoroutineStream final : public StreamHandler {
 public:
  class Reader;
  class Writer;

  // Starts the stream. Bytes that nobody has read pile up to `buffer_bytes_max` (and one delivery
  // more), then reading is paused.
  explicit CoroutineStream(std::unique_ptr<Stream> stream, size_t buffer_bytes_max = 1 << 20);
  ~CoroutineStream() override;
  CoroutineStream(const CoroutineStream&) = delete;
  CoroutineStream& operator=(const CoroutineStream&) = delete;

  // co_await gives absl::StatusOr<std::string>: all bytes that are there, at least one. At the end
  // of the stream, after the last bytes: OutOfRange if the peer closed or Close() was called, else
  // the stream's error.
  Reader ReadSome();

  // co_await gives absl::Status: OK once the stream has taken all of `data`, which stays valid
  // until then. After the end of the stream: the same errors as ReadSome.
  Writer WriteAll(absl::string_view data);

  // Ends the stream. Whoever waits is resumed with OutOfRange, from within this call.
  void Close();

  const Stream& stream() const { return *stream_; }

  void OnData(absl::string_view data) override;
  void OnWritable() override;
  void OnClosed(const absl::Status& reason) override;

 private:
  void End(absl::Status reason);
  // Resumes the coroutine that waits, if any. It may destroy the CoroutineStream: returns false if
  // it did.
  bool ResumeReader();
  bool ResumeWriter();
  template <typename Waiter>
  bool Resume(Waiter*& waiter);
  // Takes what is buffered and lets more come.
  std::string TakeBuffered();
  // Writes as much as goes; returns true when nothing is left or the stream has ended.
  bool WriteMore(Writer& writer);

  const std::unique_ptr<Stream> stream_;
  const size_t buffer_bytes_max_;
  std::string buffered_;
  bool paused_ = false;
  bool ended_ = false;
  absl::Status end_;  // why, once ended_; never OK then
  Reader* reader_ = nullptr;
  Writer* writer_ = nullptr;
  bool* destroyed_ = nullptr;  // set while a coroutine is being resumed
};

class [[nodiscard]] CoroutineStream::Reader {
 public:
  explicit Reader(CoroutineStream& stream) : stream_(&stream) {}
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool await_ready() const { return !stream_->buffered_.empty() || stream_->ended_; }
  void await_suspend(std::coroutine_handle<> awaiting);
  absl::StatusOr<std::string> await_resume();

 private:
  friend CoroutineStream;
  CoroutineStream* stream_;  // nullptr once that is destroyed
  std::coroutine_handle<> awaiting_;
};

class [[nodiscard]] CoroutineStream::Writer {
 public:
  Writer(CoroutineStream& stream, absl::string_view data) : stream_(&stream), left_(data) {}
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  bool await_ready();
  void await_suspend(std::coroutine_handle<> awaiting);
  absl::Status await_resume() const;

 private:
  friend CoroutineStream;
  CoroutineStream* stream_;  // nullptr once that is destroyed
  absl::string_view left_;
  std::coroutine_handle<> awaiting_;
};

// co_await Connect(network, loop, endpoint) gives absl::StatusOr<std::unique_ptr<Stream>>. If the
// waiting coroutine is destroyed, a connection that still comes about is closed.
class [[nodiscard]] Connect {
 public:
  Connect(Network& network, EventLoop& loop, const Endpoint& endpoint)
      : network_(network), loop_(loop), endpoint_(endpoint) {}
  ~Connect();
  Connect(const Connect&) = delete;
  Connect& operator=(const Connect&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting);
  absl::StatusOr<std::unique_ptr<Stream>> await_resume();

 private:
  // Shared with the network's handler.
  struct Pending {
    std::coroutine_handle<> awaiting;  // none once the coroutine is destroyed
    absl::StatusOr<std::unique_ptr<Stream>> result = absl::UnknownError("not connected yet");
  };

  Network& network_;
  EventLoop& loop_;
  const Endpoint endpoint_;
  std::shared_ptr<Pending> pending_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_COROUTINE_STREAM_H_
