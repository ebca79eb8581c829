#ifndef DAMSELFLY_SERVER_VALUES_INT_SET_H_
#define DAMSELFLY_SERVER_VALUES_INT_SET_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace damselfly {

// A set of integers, ascending, in Redis's intset format, in one allocation:
//
//   | bytes an integer, 4, LE: 2, 4 or 8 | integers, 4, LE | integer ... |
//
// One pointer to malloc'd bytes, exactly as many as the set has; a new one has none. Integers
// become wider when one comes that needs it, and stay so. Not thread-safe.
class IntSet {
 public:
  // What the format's own arithmetic is good for.
  static constexpr size_t kSizeMax = size_t{1} << 30;

  IntSet() = default;
  ~IntSet();
  IntSet(IntSet&& other) noexcept : bytes_(other.Release()) {}
  IntSet& operator=(IntSet&& other) noexcept;
  IntSet(const IntSet&) = delete;
  IntSet& operator=(const IntSet&) = delete;

  // Whether the bytes, which may come from anywhere, are exactly one set in this format.
  static bool Validate(absl::string_view bytes);
  // Requires Validate(bytes).
  static IntSet FromBytes(absl::string_view bytes);
  IntSet Clone() const { return bytes_ != nullptr ? FromBytes(bytes()) : IntSet(); }

  // For owners that keep the pointer in a word of their own, as Pack.
  char* Release();
  static IntSet Adopt(char* bytes) { return IntSet(bytes); }

  size_t size() const { return bytes_ != nullptr ? Load<uint32_t>(bytes_ + 4) : 0; }
  bool empty() const { return size() == 0; }
  absl::string_view bytes() const;
  // Asked of the allocator.
  size_t memory_bytes() const {
    return bytes_ != nullptr ? kHeaderBytes + size() * static_cast<size_t>(width()) : 0;
  }

  // The integer with this index. Requires index < size().
  int64_t At(size_t index) const;
  bool Contains(int64_t value) const;
  // Returns whether it was new. Requires size() < kSizeMax.
  bool Insert(int64_t value);
  // Returns whether it was there.
  bool Erase(int64_t value);

 private:
  static constexpr size_t kHeaderBytes = 8;

  explicit IntSet(char* bytes) : bytes_(bytes) {}

  template <typename Word>
  static Word Load(const char* from) {
    Word word;
    std::memcpy(&word, from, sizeof(word));
    return word;
  }
  static int WidthOf(int64_t value);
  // Bytes an integer. Requires bytes_.
  int width() const { return static_cast<int>(Load<uint32_t>(bytes_)); }
  int64_t Read(size_t index, int width) const;
  void Write(size_t index, int64_t value);
  void SetHeader(int width, size_t size);
  void Resize(size_t size, int width);
  // The first index whose integer is not below `value`. Requires bytes_.
  size_t LowerBound(int64_t value) const;
  void Widen(int64_t value);

  char* bytes_ = nullptr;
};

static_assert(sizeof(IntSet) == 8);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_INT_SET_H_
