#include "server/resp/request_parser.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/resp/inline_command.h"
#include "server/resp/short_bulk.h"

namespace damselfly {
namespace {

// A hostile count must not reserve memory that its sender has not paid for with bytes.
constexpr int64_t kReservedArgsMax = 1024;

// Emptied buffers larger than this are freed at once: most connections are idle most of the time.
constexpr size_t kKeptBytesMax = 4096;

// Reads a plain number at `p` and its line end. Returns what follows the line, or null when the
// number is cut off by `end`, is not in canonical form or has more than nine digits: the slow path
// knows what to do.
inline const char* ReadLength(const char* p, const char* end, int64_t* value) {
  if (end - p < 3) return nullptr;
  uint32_t digit = static_cast<unsigned char>(*p) - uint32_t{'0'};
  if (digit > 9) return nullptr;
  uint32_t number = digit;
  ++p;
  if (*p != '\r') {
    if (number == 0) return nullptr;
    const char* const limit = p + std::min<ptrdiff_t>(end - 2 - p, 8);
    do {
      digit = static_cast<unsigned char>(*p) - uint32_t{'0'};
      if (digit > 9 || p >= limit) return nullptr;
      number = number * 10 + digit;
      ++p;
    } while (*p != '\r');
  }
  *value = number;
  return p + 2;
}

void EmptyBuffer(std::string* buffer) {
  if (buffer->capacity() > kKeptBytesMax) {
    std::string().swap(*buffer);  // assigning an empty string would keep the memory
  } else {
    buffer->clear();
  }
}

}  // namespace

BlobRef Request::TakeBlob(size_t i) const {
  const absl::string_view arg = args[i];
  if (arg.size() < static_cast<size_t>(RequestParser::kBlobBytesMin)) return BlobRef();
  for (const RequestParser::HeldBlob& held : parser_->blobs_) {
    if (held.blob->data() == arg.data()) return held.blob;
  }
  return BlobRef();
}

void RequestParser::SetInput(absl::string_view input, size_t parsed_bytes) {
  input_ = input.data();
  cursor_ = input_ + parsed_bytes;
  end_ = input_ + input.size();
}

void RequestParser::Feed(absl::string_view data) {
  DFLY_CHECK(!in_feed_);
  in_feed_ = true;
  if (data.empty()) return;
  starved_ = false;
  const uint64_t position = stream_position();
  if (unparsed_bytes() == 0) {
    SetInput(data, 0);
    input_is_tail_ = false;
    input_position_ = position;
    return;
  }
  const size_t parsed_bytes = static_cast<size_t>(cursor_ - input_);
  tail_.append(data.data(), data.size());
  SetInput(tail_, parsed_bytes);
}

RequestParser::Result RequestParser::Next(Request* out) {
  if (failure_ != Result::kCommand) return failure_;
  in_feed_ = true;
  if (args_left_ == 0 && TakeWholeCommand(out)) return Result::kCommand;
  for (;;) {
    if (args_left_ == 0) {
      if (cursor_ == end_) return Result::kNeedMore;
      command_position_ = stream_position();
      if (*cursor_ != '*') {
        bool empty = false;
        const Result result = NextInline(out, &empty);
        if (empty) continue;
        return result;
      }
      const Result result = StartMultibulk();
      if (result != Result::kCommand) return result;
      if (args_left_ == 0) continue;
    }
    return NextMultibulk(out);
  }
}

// Most commands: an array of few arguments, each shorter than a hundred bytes, all of it there.
// Takes it in one go, or leaves everything as it was. Requires to stand between commands.
inline bool RequestParser::TakeWholeCommand(Request* out) {
  const char* const end = end_;
  const char* p = cursor_;
  if (end - p < kArrayHeadBytes || p[0] != '*' || p[2] != '\r') return false;
  if (limits_.bulk_bytes_max < kShortBulkBytesMax) return false;
  const size_t count = static_cast<unsigned char>(p[1]) - size_t{'0'};
  if (count - 1 > 8) return false;  // one digit, and not 0
  p += kArrayHeadBytes;
  absl::string_view* const to = args_.Reserve(count);
  for (size_t i = 0; i < count; ++i) {
    p = TakeShortBulk(p, end, &to[i]);
    if (p == nullptr) return false;
  }
  args_.AddReserved(count);
  out->args = args_.Close();
  out->wire_bytes = static_cast<size_t>(p - cursor_);
  out->parser_ = this;
  cursor_ = p;
  line_scanned_bytes_ = 0;
  return true;
}

RequestParser::Result RequestParser::NextMultibulk(Request* out) {
  for (;;) {
    if (bulk_bytes_ < 0) TakeWholeArgs();
    if (args_left_ == 0) {
      Finish(out);
      return Result::kCommand;
    }
    const Result result = TakeOneArg();
    if (result != Result::kCommand) return result;
  }
}

RequestParser::Result RequestParser::StartMultibulk() {
  int64_t count;
  if (const char* next = ReadLength(cursor_ + 1, end_, &count)) {
    cursor_ = next;
    line_scanned_bytes_ = 0;
  } else {
    const char* line_end = FindLineEnd('\r', "Protocol error: too big mbulk count string");
    if (line_end == nullptr || line_end + 1 == end_) return Starve();
    if (!TakeLengthLine(line_end, &count) || count > kMultibulkCountMax) {
      return Fail("Protocol error: invalid multibulk length");
    }
  }
  if (count > kUnauthenticatedMultibulkCountMax && !limits_.authenticated) {
    return Fail("Protocol error: unauthenticated multibulk length");
  }
  if (count > 0) args_left_ = count;
  return Result::kCommand;
}

// The hot loop: takes the arguments that are whole, well-formed and within the limits.
void RequestParser::TakeWholeArgs() {
  const int64_t bytes_max = limits_.authenticated
                                ? limits_.bulk_bytes_max
                                : std::min(limits_.bulk_bytes_max, kUnauthenticatedBulkBytesMax);
  const size_t room = static_cast<size_t>(std::min(args_left_, kReservedArgsMax));
  absl::string_view* const to = args_.Reserve(room);
  const char* const end = end_;
  const char* p = cursor_;
  size_t taken = 0;
  while (taken < room && p != end && *p == '$') {
    int64_t length;
    const char* const bytes = ReadLength(p + 1, end, &length);
    if (bytes == nullptr || length > bytes_max || end - bytes < length + 2) break;
    to[taken++] = absl::string_view(bytes, static_cast<size_t>(length));
    p = bytes + length + 2;
  }
  if (taken == 0) return;
  args_.AddReserved(taken);
  args_left_ -= static_cast<int64_t>(taken);
  cursor_ = p;
  line_scanned_bytes_ = 0;
}

// Takes the next argument however it comes: cut, large, or wrong.
RequestParser::Result RequestParser::TakeOneArg() {
  if (bulk_bytes_ < 0) {
    const Result result = StartBulk();
    if (result != Result::kCommand) return result;
  }
  if (receiving_) return ReceiveBlob();
  const size_t size = static_cast<size_t>(bulk_bytes_);
  if (unparsed_bytes() < size + 2) return Starve();
  args_.Add(absl::string_view(cursor_, size));
  cursor_ += size + 2;
  bulk_bytes_ = -1;
  --args_left_;
  return Result::kCommand;
}

RequestParser::Result RequestParser::StartBulk() {
  const char* line_end = FindLineEnd('\r', "Protocol error: too big bulk count string");
  if (line_end == nullptr || line_end + 1 == end_) return Starve();
  if (*cursor_ != '$') {
    std::string error = "Protocol error: expected '$', got ' '";
    error[error.size() - 2] = *cursor_;
    return Fail(std::move(error));
  }
  int64_t length;
  if (!TakeLengthLine(line_end, &length) || length < 0 || length > limits_.bulk_bytes_max) {
    return Fail("Protocol error: invalid bulk length");
  }
  if (length > kUnauthenticatedBulkBytesMax && !limits_.authenticated) {
    return Fail("Protocol error: unauthenticated bulk length");
  }
  bulk_bytes_ = length;
  const size_t size = static_cast<size_t>(length);
  if (length >= kBlobBytesMin && unparsed_bytes() < size + 2) {
    receiving_ = Blob::TryCreate(size);
    if (!receiving_) return failure_ = Result::kBufferLimit;
  }
  return Result::kCommand;
}

RequestParser::Result RequestParser::ReceiveBlob() {
  const size_t filled = receiving_->size();
  const size_t count = std::min(unparsed_bytes(), static_cast<size_t>(bulk_bytes_) - filled);
  if (count > 0) {
    std::memcpy(receiving_->mutable_data() + filled, cursor_, count);
    receiving_->set_size(filled + count);
    cursor_ += count;
  }
  // Only when all bytes are there can two be left: the line end.
  if (unparsed_bytes() < 2) return Starve();
  cursor_ += 2;
  open_blob_bytes_ += receiving_->size();
  blobs_.push_back(HeldBlob{std::move(receiving_), args_.open_count()});
  args_.Add(blobs_.back().blob->view());
  bulk_bytes_ = -1;
  --args_left_;
  return Result::kCommand;
}

RequestParser::Result RequestParser::NextInline(Request* out, bool* empty) {
  const char* line_end = FindLineEnd('\n', "Protocol error: too big inline request");
  if (line_end == nullptr) return Starve();
  absl::string_view line(cursor_, static_cast<size_t>(line_end - cursor_));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!SplitInlineCommand(line, &args_, &unescaped_)) {
    args_.Discard();
    return Fail("Protocol error: unbalanced quotes in request");
  }
  cursor_ = line_end + 1;
  line_scanned_bytes_ = 0;
  if (args_.open_count() == 0) {
    *empty = true;
  } else {
    Finish(out);
  }
  return Result::kCommand;
}

void RequestParser::Finish(Request* out) {
  if (stashed_count_ > 0) ResolveStashedArgs();
  closed_blobs_ = blobs_.size();
  open_blob_bytes_ = 0;
  out->args = args_.Close();
  out->wire_bytes = static_cast<size_t>(stream_position() - command_position_);
  out->parser_ = this;
}

RequestParser::Result RequestParser::Fail(std::string error) {
  error_ = std::move(error);
  failure_ = Result::kProtocolError;
  return failure_;
}

RequestParser::Result RequestParser::Starve() {
  if (failure_ != Result::kCommand) return failure_;
  starved_ = true;
  if (held_bytes() > limits_.query_buffer_bytes_max) {
    failure_ = Result::kBufferLimit;
    return failure_;
  }
  return Result::kNeedMore;
}

const char* RequestParser::FindLineEnd(char mark, absl::string_view too_long) {
  const char* p = cursor_ + line_scanned_bytes_;
  while (p != end_ && *p != mark && *p != '\0') ++p;
  line_scanned_bytes_ = static_cast<size_t>(p - cursor_);
  if (p != end_ && *p == mark) return p;
  if (unparsed_bytes() > kInlineBytesMax) Fail(std::string(too_long));
  return nullptr;
}

bool RequestParser::TakeLengthLine(const char* line_end, int64_t* value) {
  const absl::string_view digits(cursor_ + 1, static_cast<size_t>(line_end - cursor_ - 1));
  // Redis skips the byte behind '\r' without a look.
  cursor_ = line_end + 2;
  line_scanned_bytes_ = 0;
  return ParseInt64(digits, value);
}

void RequestParser::Release() {
  args_.Release();
  if (closed_blobs_ > 0) {
    blobs_.erase(blobs_.begin(), blobs_.begin() + static_cast<ptrdiff_t>(closed_blobs_));
    closed_blobs_ = 0;
  }
  if (!unescaped_.empty()) unescaped_.clear();
  if (stashed_count_ == 0 && !stash_.empty()) EmptyBuffer(&stash_);
}

void RequestParser::EndFeed() {
  Release();
  if (args_.open_count() > stashed_count_) StashArgs();
  KeepTail();
  in_feed_ = false;
}

// Copies the arguments that lie in the input, which is about to go. Each is copied once, whatever
// the number of feeds its command takes.
void RequestParser::StashArgs() {
  absl::Span<absl::string_view> args = args_.open();
  auto blob = std::lower_bound(
      blobs_.begin() + static_cast<ptrdiff_t>(closed_blobs_), blobs_.end(), stashed_count_,
      [](const HeldBlob& held, size_t index) { return held.arg_index < index; });
  for (size_t i = stashed_count_; i < args.size(); ++i) {
    if (blob != blobs_.end() && blob->arg_index == i) {
      ++blob;
      continue;
    }
    stash_.append(args[i].data(), args[i].size());
    args[i] = absl::string_view(nullptr, args[i].size());
  }
  stashed_count_ = args.size();
}

void RequestParser::ResolveStashedArgs() {
  const char* bytes = stash_.data();
  for (absl::string_view& arg : args_.open().first(stashed_count_)) {
    if (arg.data() != nullptr) continue;
    arg = absl::string_view(bytes, arg.size());
    bytes += arg.size();
  }
  stashed_count_ = 0;
}

// Moves the unparsed bytes to tail_. Bytes already there are moved to its beginning only when that
// frees at least as many: a session that takes little at a time from a long tail does no quadratic
// work.
void RequestParser::KeepTail() {
  const size_t parsed = static_cast<size_t>(cursor_ - input_);
  const size_t unparsed = unparsed_bytes();
  if (input_is_tail_ && parsed < unparsed) return;
  input_position_ += parsed;
  if (unparsed == 0) {
    EmptyBuffer(&tail_);
  } else if (input_is_tail_) {
    tail_.erase(0, parsed);
  } else {
    tail_.assign(cursor_, unparsed);
  }
  SetInput(tail_, 0);
  input_is_tail_ = true;
}

size_t RequestParser::held_bytes() const {
  return pending_bytes() + args_.open_count() * sizeof(absl::string_view);
}

size_t RequestParser::pending_bytes() const {
  size_t bytes = unparsed_bytes() + open_blob_bytes_;
  if (stashed_count_ > 0) bytes += stash_.size();
  if (receiving_) bytes += receiving_->size();
  return bytes;
}

size_t RequestParser::memory_bytes() const {
  size_t bytes = args_.memory_bytes() + stash_.capacity() + tail_.capacity() +
                 blobs_.capacity() * sizeof(HeldBlob);
  if (receiving_) bytes += receiving_->size();
  for (const HeldBlob& held : blobs_) bytes += held.blob->memory_bytes();
  return bytes;
}

void RequestParser::ShrinkIdle() {
  DFLY_CHECK(!in_feed_);
  if (args_left_ > 0 || unparsed_bytes() > 0) return;
  args_.Shrink();
  blobs_.shrink_to_fit();
  unescaped_.shrink_to_fit();
  std::string().swap(stash_);
  std::string().swap(tail_);
  SetInput(tail_, 0);
}

}  // namespace damselfly
