#ifndef DAMSELFLY_SERVER_SESSION_FREED_MEMORY_H_
#define DAMSELFLY_SERVER_SESSION_FREED_MEMORY_H_

#include <algorithm>
#include <cstdint>

namespace damselfly {

// Says when so much has been freed that allocators should be asked to give it back to the system:
// they keep what becomes free for what is written next, as long as nobody asks. Of one thread.
class FreedMemory {
 public:
  // Less than this is not worth the time.
  static constexpr int64_t kBytesMin = int64_t{32} << 20;

  // To be called now and then with the bytes that data takes; `is_freeing` while more is being
  // freed. True once for each fall, when it is over: of kBytesMin at least, and to half of what was
  // in use before it.
  bool Note(int64_t used_bytes, bool is_freeing) {
    peak_bytes_ = std::max(peak_bytes_, used_bytes);
    const bool is_over = !is_freeing && used_bytes >= last_bytes_;
    last_bytes_ = used_bytes;
    const int64_t fallen_bytes = peak_bytes_ - used_bytes;
    if (!is_over || fallen_bytes < kBytesMin || fallen_bytes < peak_bytes_ / 2) return false;
    peak_bytes_ = used_bytes;
    return true;
  }

 private:
  int64_t peak_bytes_ = 0;  // since the last fall
  int64_t last_bytes_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_FREED_MEMORY_H_
