#include "server/runtime/coroutine_stream.h"

#include <coroutine>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/check.h"

namespace damselfly {

CoroutineStream::CoroutineStream(std::unique_ptr<Stream> stream, size_t buffer_bytes_max)
    : stream_(std::move(stream)), buffer_bytes_max_(buffer_bytes_max) {
  DFLY_CHECK(stream_ != nullptr);
  stream_->Start(this);
}

CoroutineStream::~CoroutineStream() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  if (reader_ != nullptr) reader_->stream_ = nullptr;
  if (writer_ != nullptr) writer_->stream_ = nullptr;
}

CoroutineStream::Reader CoroutineStream::ReadSome() { return Reader(*this); }

CoroutineStream::Writer CoroutineStream::WriteAll(absl::string_view data) {
  return Writer(*this, data);
}

void CoroutineStream::Close() {
  stream_->Close();
  if (!ended_) End(absl::OutOfRangeError("the stream has been closed"));
}

void CoroutineStream::OnData(absl::string_view data) {
  buffered_.append(data.data(), data.size());
  if (!ResumeReader()) return;
  if (buffered_.size() >= buffer_bytes_max_ && !paused_ && !ended_) {
    paused_ = true;
    stream_->PauseReading();
  }
}

void CoroutineStream::OnWritable() {
  if (writer_ != nullptr && WriteMore(*writer_)) ResumeWriter();
}

void CoroutineStream::OnClosed(const absl::Status& reason) {
  End(reason.ok() ? absl::OutOfRangeError("the peer has closed the stream") : reason);
}

void CoroutineStream::End(absl::Status reason) {
  DFLY_CHECK(!ended_);
  ended_ = true;
  end_ = std::move(reason);
  if (ResumeReader()) ResumeWriter();
}

bool CoroutineStream::ResumeReader() { return Resume(reader_); }
bool CoroutineStream::ResumeWriter() { return Resume(writer_); }

template <typename Waiter>
bool CoroutineStream::Resume(Waiter*& waiter) {
  if (waiter == nullptr) return true;
  const std::coroutine_handle<> awaiting = std::exchange(waiter, nullptr)->awaiting_;
  bool destroyed = false;
  // A coroutine that calls Close() gets here again, one inside the other; the outer one must learn
  // of the end too.
  bool* const outer = std::exchange(destroyed_, &destroyed);
  awaiting.resume();
  if (destroyed) {
    if (outer != nullptr) *outer = true;
    return false;
  }
  destroyed_ = outer;
  return true;
}

std::string CoroutineStream::TakeBuffered() {
  if (paused_ && !ended_) {
    paused_ = false;
    stream_->ResumeReading();
  }
  return std::exchange(buffered_, std::string());
}

bool CoroutineStream::WriteMore(Writer& writer) {
  if (ended_) return true;
  writer.left_.remove_prefix(stream_->Write({writer.left_}));
  return writer.left_.empty();
}

CoroutineStream::Reader::~Reader() {
  if (stream_ != nullptr && stream_->reader_ == this) stream_->reader_ = nullptr;
}

void CoroutineStream::Reader::await_suspend(std::coroutine_handle<> awaiting) {
  DFLY_CHECK(stream_->reader_ == nullptr);
  awaiting_ = awaiting;
  stream_->reader_ = this;
}

absl::StatusOr<std::string> CoroutineStream::Reader::await_resume() {
  if (!stream_->buffered_.empty()) return stream_->TakeBuffered();
  DFLY_CHECK(stream_->ended_);
  return stream_->end_;
}

CoroutineStream::Writer::~Writer() {
  if (stream_ != nullptr && stream_->writer_ == this) stream_->writer_ = nullptr;
}

bool CoroutineStream::Writer::await_ready() {
  DFLY_CHECK(stream_->writer_ == nullptr);
  return left_.empty() || stream_->WriteMore(*this);
}

void CoroutineStream::Writer::await_suspend(std::coroutine_handle<> awaiting) {
  awaiting_ = awaiting;
  stream_->writer_ = this;
}

absl::Status CoroutineStream::Writer::await_resume() const {
  return left_.empty() ? absl::OkStatus() : stream_->end_;
}

Connect::~Connect() {
  if (pending_ != nullptr) pending_->awaiting = nullptr;
}

void Connect::await_suspend(std::coroutine_handle<> awaiting) {
  pending_ = std::make_shared<Pending>();
  pending_->awaiting = awaiting;
  network_.Connect(loop_, endpoint_,
                   [pending = pending_](absl::StatusOr<std::unique_ptr<Stream>> result) {
                     if (pending->awaiting == nullptr) return;
                     pending->result = std::move(result);
                     pending->awaiting.resume();
                   });
}

absl::StatusOr<std::unique_ptr<Stream>> Connect::await_resume() {
  return std::move(pending_->result);
}

}  // namespace damselfly
