#ifndef DAMSELFLY_SERVER_VALUES_LIST_LIMITS_H_
#define DAMSELFLY_SERVER_VALUES_LIST_LIMITS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace damselfly {

// How much one pack of a list may hold, from the parameter list-max-listpack-size: positive, so
// many elements and no more than 8 KiB; -1 to -5, 4 to 64 KiB in however many elements. The rules
// are Redis 7.0's to the byte, so that its dumps and ours have the same packs.
class ListLimits {
 public:
  explicit ListLimits(int64_t parameter)
      : elements_max_(parameter < 0 ? 0 : std::min<int64_t>(parameter, kElementsMax)),
        counts_(parameter >= 0),
        bytes_max_(counts_ ? kCountedBytesMax
                           : size_t{2048} << std::min<int64_t>(-parameter, kLargestSize)) {}

  // The most bytes that a pack of several elements grows to.
  size_t bytes_max() const { return bytes_max_; }

  // Whether text of this size fits into no pack beside anything else: such elements are kept as
  // they are, outside packs.
  bool IsBig(size_t text_bytes) const {
    return text_bytes + kElementOverhead + kPackOverhead > bytes_max_;
  }

  // Whether an element of so much text may join a pack of `pack_bytes` in all and `count` elements.
  bool AllowsInsert(size_t pack_bytes, size_t count, size_t text_bytes) const {
    return Allows(pack_bytes + text_bytes + kElementOverhead, count + 1);
  }

  // Whether a pack may become so long because one of its elements is replaced. Redis sets no limit
  // there; ours is far enough to split few packs that Redis does not.
  bool AllowsReplace(size_t bytes) const { return bytes <= 2 * bytes_max_; }

  // Whether two neighbours may become one.
  bool AllowsMerge(size_t bytes, size_t count, size_t other_bytes, size_t other_count) const {
    return Allows(bytes + other_bytes - kPackOverhead, count + other_count);
  }

 private:
  static constexpr int64_t kElementsMax = 32767;
  static constexpr int64_t kLargestSize = 5;
  static constexpr size_t kCountedBytesMax = 8192;
  // What an element is taken to need besides its text.
  static constexpr size_t kElementOverhead = 8;
  // A pack's header and end.
  static constexpr size_t kPackOverhead = 7;

  bool Allows(size_t bytes, size_t count) const {
    return bytes <= bytes_max_ && (!counts_ || count <= static_cast<size_t>(elements_max_));
  }

  int64_t elements_max_;
  bool counts_;
  size_t bytes_max_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_LIST_LIMITS_H_
