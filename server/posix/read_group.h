#ifndef DAMSELFLY_SERVER_POSIX_READ_GROUP_H_
#define DAMSELFLY_SERVER_POSIX_READ_GROUP_H_

#include <array>
#include <cstddef>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/check.h"

namespace damselfly::posix {

class StreamSocket;

// What several streams of a loop have read, one behind the other in one buffer, before any of them
// is given its bytes: each handler is first told what comes, so that the memory that all of them
// need is fetched at once (StreamHandler::OnDataSoon).
//
// On the loop's thread. A socket that is added outlives its turn, closed or not: see Loop::Retire.
class ReadGroup {
 public:
  // How much one recv takes at most. Streams share the buffer: it stays in the cache.
  static constexpr size_t kReadBytesMax = 64 * 1024;
  // The group is full with so many streams, or so many bytes: the first of them waits no longer
  // for its turn than it takes to receive these, and much input gains nothing from a neighbour's.
  static constexpr size_t kStreamsMax = 16;
  static constexpr size_t kGroupBytesMax = 4096;

  struct Read {
    StreamSocket* socket;
    absl::string_view data;  // in the buffer, until Clear()
  };

  // Where the next stream receives its bytes: kReadBytesMax of them at most. Requires !full().
  char* room() { return buffer_.get() + used_bytes_; }
  // `bytes` (> 0) have been received there for `socket`.
  void Add(StreamSocket* socket, size_t bytes) {
    DFLY_CHECK(!full() && bytes > 0 && bytes <= kReadBytesMax);
    reads_[count_++] = {socket, absl::string_view(room(), bytes)};
    used_bytes_ += bytes;
  }
  bool full() const { return count_ == kStreamsMax || used_bytes_ > kGroupBytesMax; }

  // In the order in which they have come.
  absl::Span<const Read> reads() const { return absl::MakeConstSpan(reads_.data(), count_); }
  void Clear() {
    count_ = 0;
    used_bytes_ = 0;
  }

 private:
  const std::unique_ptr<char[]> buffer_{new char[kGroupBytesMax + kReadBytesMax]};
  size_t used_bytes_ = 0;
  size_t count_ = 0;
  std::array<Read, kStreamsMax> reads_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_READ_GROUP_H_
