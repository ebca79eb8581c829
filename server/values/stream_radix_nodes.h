#ifndef DAMSELFLY_SERVER_VALUES_STREAM_RADIX_NODES_H_
#define DAMSELFLY_SERVER_VALUES_STREAM_RADIX_NODES_H_

#include <cstddef>
#include <cstdint>

#include "server/values/stream_id.h"

namespace damselfly {

// Counts the nodes that a radix tree of IDs has, as Redis builds it: a node for each ID's end, one
// for each place where paths part, and one for each stretch of bytes between those that no other
// path shares. A place of parting keeps the first byte behind it of each path.
class StreamRadixNodes {
 public:
  // IDs come in ascending order.
  void Add(const StreamId& id);
  size_t Count() const;

 private:
  static constexpr int kLength = StreamId::kEncodedBytes;

  // Counts what is between the places of parting on the last path that lie deeper than `depth`, and
  // forgets them. Returns where the topmost of them is; its end, if there is none.
  int CloseBelow(int depth);
  // Counts the stretch between a place of parting and the next place, or end, behind it.
  void AddStretch(int from, int to) { nodes_ += to > from + 1 ? 1 : 0; }

  size_t nodes_ = 0;
  char last_[kLength];
  // Where paths part along the last path, in bytes from the top, ascending.
  uint8_t partings_[kLength];
  uint8_t parting_count_ = 0;
  bool has_last_ = false;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_STREAM_RADIX_NODES_H_
