#ifndef DAMSELFLY_SERVER_REPLICATION_RECORD_BUFFER_H_
#define DAMSELFLY_SERVER_REPLICATION_RECORD_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/blob.h"
#include "server/base/varint.h"
#include "server/replication/frame.h"
#include "server/store/change.h"

namespace damselfly {

// Values from here on are kept by reference to their blob; what is smaller is copied.
inline constexpr size_t kReferenceBytesMin = 16 * 1024;

// A whole kRecord frame, ready to be appended to a log: text, with blobs in between.
struct FramedRecord {
  struct Reference {
    size_t text_offset;  // stands before this byte of the text; ascending
    BlobRef blob;
  };

  absl::string_view header;  // of the frame, and what else may not be cut in two
  absl::string_view text;
  absl::Span<const Reference> references;
};

// One lane's part of a group while it grows. Reused: no allocation a record once it is warm. One
// thread at a time.
class RecordBuffer {
 public:
  RecordBuffer() = default;
  RecordBuffer(const RecordBuffer&) = delete;
  RecordBuffer& operator=(const RecordBuffer&) = delete;

  bool empty() const { return text_end_ == kHeadBytes && references_.empty(); }

  // Shares the change's blob if it is big, copies all else.
  void Add(const Change& change);
  // Adds a short change that has been written already (WriteChange), with its value.
  void AddWritten(absl::string_view change);
  // Adds all of `other` behind what is here, and clears `other`.
  void TakeFrom(RecordBuffer* other);

  // Puts the record's head and the frame's header in front. The frame is valid until the next
  // change of this buffer, which may only be Clear.
  FramedRecord Frame(uint64_t transaction_id, uint64_t lane_count);

  void Clear() {
    text_end_ = segment_begin_ = kHeadBytes;
    if (capacity_ > kKeptBytesMax || !references_.empty()) ClearBig();
  }

 private:
  // Room in front of the changes for all that Frame writes.
  static constexpr size_t kHeadBytes = kFrameHeaderBytesMax + 2 * kVarintBytesMax;
  static constexpr size_t kFirstCapacity = 512;
  // A cleared buffer keeps up to this much for reuse: there is one a worker and lane.
  static constexpr size_t kKeptBytesMax = 4096;
  static constexpr size_t kKeptReferencesMax = 16;

  char* Reserve(size_t bytes) {
    if (capacity_ < text_end_ + bytes) Grow(bytes);
    return text_.get() + text_end_;
  }
  void Grow(size_t bytes);
  void ClearBig();
  void AddReference(BlobRef blob);
  void SpillText();
  // The record's bytes are [begin, text_end_) of the text, and the references.
  uint32_t Checksum(size_t begin, uint64_t record_bytes) const;

  std::unique_ptr<char[]> text_;
  size_t capacity_ = 0;
  size_t text_end_ = kHeadBytes;
  // Where the text behind the last reference begins.
  size_t segment_begin_ = kHeadBytes;
  uint64_t referenced_bytes_ = 0;
  // Offsets count from the start of text_.
  std::vector<FramedRecord::Reference> references_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_RECORD_BUFFER_H_
