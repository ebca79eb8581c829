#ifndef DAMSELFLY_SERVER_RESP_ARG_ARENA_H_
#define DAMSELFLY_SERVER_RESP_ARG_ARENA_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// Argument lists of a batch of commands: one list is open at the end and grows; closed lists never
// move. Memory is reused from batch to batch. Adding an argument costs constant time on average,
// and releasing batches while a long list is still open does not move that list more than once.
class ArgArena {
 public:
  ArgArena() = default;
  ArgArena(const ArgArena&) = delete;
  ArgArena& operator=(const ArgArena&) = delete;

  // Makes room for `count` more arguments in the open list and returns where they go; AddReserved(n
  // <= count) then makes the first n of them part of it.
  absl::string_view* Reserve(size_t count) {
    if (static_cast<size_t>(limit_ - next_) < count) Grow(count);
    return next_;
  }
  void AddReserved(size_t count) { next_ += count; }
  void Add(absl::string_view arg) {
    *Reserve(1) = arg;
    AddReserved(1);
  }

  // Empties the open list.
  void Discard() { next_ = open_; }

  // The open list.
  absl::Span<absl::string_view> open() { return {open_, static_cast<size_t>(next_ - open_)}; }
  size_t open_count() const { return static_cast<size_t>(next_ - open_); }

  // Closes the open list and starts an empty one. The result stays valid until Release().
  absl::Span<const absl::string_view> Close() {
    absl::Span<const absl::string_view> list(open_, static_cast<size_t>(next_ - open_));
    open_ = next_;
    return list;
  }

  // Forgets the closed lists; the open one stays.
  void Release() {
    if (open_ == base_ && spent_.empty()) return;
    ReleaseSlow();
  }

  // Gives all memory back. Requires an empty open list and no closed list in use.
  void Shrink();

  size_t memory_bytes() const;

 private:
  // Lists start small: a connection that sends short commands one at a time needs no more.
  static constexpr size_t kChunkArgsMin = 64;
  // Larger chunks are not kept for reuse.
  static constexpr size_t kKeptArgsMax = 1024;

  void Grow(size_t count);
  void ReleaseSlow();

  std::unique_ptr<absl::string_view[]> chunk_;
  absl::string_view* base_ = nullptr;  // chunk_'s beginning
  absl::string_view* open_ = nullptr;
  absl::string_view* next_ = nullptr;
  absl::string_view* limit_ = nullptr;
  std::vector<std::unique_ptr<absl::string_view[]>>
      spent_;  // full chunks with closed lists in them
  size_t spent_args_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_ARG_ARENA_H_
