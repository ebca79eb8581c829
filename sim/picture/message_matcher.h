#ifndef DAMSELFLY_SIM_PICTURE_MESSAGE_MATCHER_H_
#define DAMSELFLY_SIM_PICTURE_MESSAGE_MATCHER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace damselfly::sim {

// Finds out which writes a read has its bytes from: a stream is in order, so that counting does.
// Where a mutant adds bytes to a stream or takes some away, it is off by so many.
class MessageMatcher {
 public:
  // `side` has written `size` bytes in the event `number`. Numbers ascend.
  void OnWrite(uint64_t connection, uint32_t side, uint64_t size, uint64_t number);

  // `side` has read `size` bytes. Returns the numbers of the writes that they are from, in order;
  // those of them that are known.
  std::vector<uint64_t> OnRead(uint64_t connection, uint32_t side, uint64_t size);

  // An end is closed: nothing more is read there.
  void OnClosed(uint64_t connection, uint32_t side);

 private:
  struct Written {
    uint64_t number;
    uint64_t unread_bytes;
  };
  // By connection and the side that writes.
  std::map<std::pair<uint64_t, uint32_t>, std::deque<Written>> under_way_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_PICTURE_MESSAGE_MATCHER_H_
