#include "server/resp/arg_arena.h"

#include <algorithm>
#include <utility>

namespace damselfly {

// The open list moves to a chunk twice as large as what it needs, so that each argument of a long
// list is moved about once. When closed lists have filled the chunk the next one is larger too: in
// the end one chunk takes a whole batch.
void ArgArena::Grow(size_t count) {
  const size_t open_count = this->open_count();
  const size_t needed = open_count + count;
  const size_t chunk_args = static_cast<size_t>(limit_ - base_);
  const size_t capacity = std::max({kChunkArgsMin, open_count == 0 ? needed : 2 * needed,
                                    std::min(2 * chunk_args, kKeptArgsMax)});
  auto chunk = std::make_unique<absl::string_view[]>(capacity);
  std::copy(open_, next_, chunk.get());
  if (open_ != base_) {
    spent_args_ += chunk_args;
    spent_.push_back(std::move(chunk_));
  }
  chunk_ = std::move(chunk);
  base_ = open_ = chunk_.get();
  next_ = open_ + open_count;
  limit_ = base_ + capacity;
}

void ArgArena::ReleaseSlow() {
  spent_.clear();
  spent_args_ = 0;
  const size_t open_count = this->open_count();
  if (open_count == 0 && static_cast<size_t>(limit_ - base_) > kKeptArgsMax) {
    Shrink();
    return;
  }
  std::copy(open_, next_, base_);
  open_ = base_;
  next_ = base_ + open_count;
}

void ArgArena::Shrink() {
  spent_.clear();
  spent_args_ = 0;
  chunk_.reset();
  base_ = open_ = next_ = limit_ = nullptr;
}

size_t ArgArena::memory_bytes() const {
  return (static_cast<size_t>(limit_ - base_) + spent_args_) * sizeof(absl::string_view) +
         spent_.capacity() * sizeof(spent_[0]);
}

}  // namespace damselfly
