#ifndef DAMSELFLY_SERVER_RESP_OUTPUT_BUFFER_H_
#define DAMSELFLY_SERVER_RESP_OUTPUT_BUFFER_H_

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/blob.h"

namespace damselfly {

// Bytes that wait to be sent on one connection: one contiguous buffer, and big values spliced in by
// reference. Not thread-safe.
class OutputBuffer {
 public:
  // A place in the buffer. Void after Consume() and Clear(), and when it is truncated away.
  struct Mark {
    size_t text = 0;
    size_t splices = 0;
  };

  // Pieces that Gather gives at most.
  static constexpr size_t kPiecesMax = 64;
  // A drained buffer keeps up to this much for reuse.
  static constexpr size_t kKeptBytesMax = 64 * 1024;

  OutputBuffer() = default;
  ~OutputBuffer();
  OutputBuffer(const OutputBuffer&) = delete;
  OutputBuffer& operator=(const OutputBuffer&) = delete;

  void Append(absl::string_view bytes) {
    char* to = Reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    Commit(bytes.size());
  }

  // Room for `count` contiguous bytes; Commit(n <= count) makes the first n of them part of the
  // buffer. Any other call in between voids the pointer.
  char* Reserve(size_t count) {
    if (capacity_ - text_end_ < count) Grow(count);
    return text_ + text_end_;
  }
  void Commit(size_t count) { text_end_ += count; }

  // Appends bytes [offset, offset + length) of `blob` without copying them. Requires that they lie
  // within the blob, and that nobody changes it while it is shared.
  void AppendBlob(BlobRef blob, size_t offset, size_t length);

  // Appends all that waits in `other`, which is empty then. Big values are not copied.
  void TakeFrom(OutputBuffer* other);

  // All bytes waiting.
  size_t size() const { return text_end_ - text_begin_ + spliced_bytes_; }
  bool empty() const { return size() == 0; }

  // The first bytes waiting, in order, as at most min(kPiecesMax, pieces.size()) pieces, none of
  // them empty; returns how many. The pieces are valid until the next change.
  size_t Gather(absl::Span<absl::string_view> pieces) const;

  // All bytes waiting lie in one piece: mostly.
  bool is_contiguous() const { return first_splice_ == splices_.size(); }
  // Requires is_contiguous(). Valid until the next change.
  absl::string_view contiguous() const { return {text_ + text_begin_, text_end_ - text_begin_}; }

  // Drops the first `count` bytes (they were sent). Requires count <= size().
  void Consume(size_t count);

  // The end of the buffer as it is now; TruncateTo(mark) takes away all that was appended since.
  Mark End() const { return Mark{text_end_, splices_.size()}; }
  void TruncateTo(const Mark& mark);

  // Puts `bytes` at `mark`, in front of what was appended since. Costs time in proportion to what
  // was appended since.
  void Insert(const Mark& mark, absl::string_view bytes);

  // Drops everything.
  void Clear();

  // Gives back memory kept for reuse if nothing waits: for connections that have been idle.
  void ShrinkIdle();

  // Memory held beside this object. Of a spliced blob's bytes it is the part that came to this
  // reference among all that there were when it was appended, the store's included: n readers of
  // one value that the store has are charged ln(n) times its bytes, not n times what is there once.
  size_t memory_bytes() const;

  // All bytes waiting, copied into one string: for tests and for small scripts.
  std::string ToString() const;

 private:
  struct Splice {
    size_t position;  // stands before text_[position]
    BlobRef blob;
    size_t offset;
    size_t length;
    size_t charged_bytes;
  };

  void Grow(size_t count);
  void ConsumeSpliced(size_t count);
  void Compact();

  // text_[text_begin_, text_end_) waits, with the splices of splices_[first_splice_, ...) in
  // between; splice positions ascend. Only Consume and Clear drop what lies before text_begin_ and
  // first_splice_, so marks outlive all else.
  char* text_ = nullptr;
  size_t text_begin_ = 0;
  size_t text_end_ = 0;
  size_t capacity_ = 0;
  size_t spliced_bytes_ = 0;
  size_t charged_bytes_ = 0;  // of all splices
  size_t first_splice_ = 0;
  std::vector<Splice> splices_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_OUTPUT_BUFFER_H_
