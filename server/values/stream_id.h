#ifndef DAMSELFLY_SERVER_VALUES_STREAM_ID_H_
#define DAMSELFLY_SERVER_VALUES_STREAM_ID_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/strings/string_view.h"

namespace damselfly {

// The ID of a stream's entry: a time in milliseconds and a number within it. Ordered by both.
struct StreamId {
  uint64_t ms = 0;
  uint64_t seq = 0;

  static constexpr StreamId Min() { return {}; }
  static constexpr StreamId Max() {
    return {std::numeric_limits<uint64_t>::max(), std::numeric_limits<uint64_t>::max()};
  }

  bool is_zero() const { return ms == 0 && seq == 0; }

  // The ID behind or before this one. At the last or the first one there is none: returns false,
  // and the ID has gone round to the other end.
  bool Increment();
  bool Decrement();

  // Enough for Format.
  static constexpr size_t kTextBytesMax = 41;
  // "ms-seq"; returns the number of bytes. No NUL.
  size_t Format(char* buffer) const;
  // The same as a view of the buffer.
  absl::string_view Text(char* buffer) const { return absl::string_view(buffer, Format(buffer)); }

  // Sixteen bytes, big-endian: their order as bytes is the order of the IDs. So Redis's files have
  // them.
  static constexpr size_t kEncodedBytes = 16;
  void EncodeTo(char* to) const;
  static StreamId Decode(const char* from);

  friend constexpr auto operator<=>(const StreamId&, const StreamId&) = default;
};

static_assert(sizeof(StreamId) == 16);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_STREAM_ID_H_
