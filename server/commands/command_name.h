#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_NAME_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_NAME_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace damselfly {

// A command's name, without regard to case, in three words: its length, and its first and last
// eight bytes in lower case (of a name of up to eight bytes, all of it). Two names of up to 16
// bytes are equal, but for case, exactly when these are.
class CommandName {
 public:
  CommandName() = default;
  explicit CommandName(absl::string_view name) : size_(static_cast<uint32_t>(name.size())) {
    const char* const bytes = name.data();
    const size_t size = name.size();
    if (size >= 8) {
      head_ = ToLower(Load64(bytes));
      tail_ = ToLower(Load64(bytes + size - 8));
    } else if (size >= 4) {
      // Two loads that may overlap: together with the length they tell all bytes.
      head_ = ToLower(Load32(bytes) | static_cast<uint64_t>(Load32(bytes + size - 4)) << 32);
    } else if (size > 0) {
      head_ = ToLower(static_cast<uint8_t>(bytes[0]) |
                      static_cast<uint64_t>(static_cast<uint8_t>(bytes[size / 2])) << 8 |
                      static_cast<uint64_t>(static_cast<uint8_t>(bytes[size - 1])) << 16);
    }
  }

  friend bool operator==(const CommandName& a, const CommandName& b) {
    return a.head_ == b.head_ && a.tail_ == b.tail_ && a.size_ == b.size_;
  }

  // True of names over 16 bytes: there are bytes that the words do not hold.
  bool has_middle() const { return size_ > 16; }

  // Multiplicative hashing (Knuth, volume 3, 6.4) of the words; the well mixed upper bits.
  uint32_t hash() const {
    return static_cast<uint32_t>(((head_ ^ (tail_ << 1) ^ size_) * 0x9e3779b97f4a7c15ull) >> 40);
  }

 private:
  static uint64_t Load64(const char* bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof(word));
    return word;
  }
  static uint32_t Load32(const char* bytes) {
    uint32_t word;
    std::memcpy(&word, bytes, sizeof(word));
    return word;
  }

  // Turns each byte 'A'..'Z' into its lower case, all eight at once: per byte, adding 0x80 - 'A'
  // sets the top bit from 'A' on and adding 0x7f - 'Z' sets it above 'Z'; bytes over 0x7f are left
  // alone.
  static uint64_t ToLower(uint64_t word) {
    constexpr uint64_t kEach = 0x0101010101010101ull;
    const uint64_t low_bits = word & (0x7f * kEach);
    const uint64_t from_a = low_bits + (0x80 - 'A') * kEach;
    const uint64_t above_z = low_bits + (0x7f - 'Z') * kEach;
    const uint64_t upper = (from_a ^ above_z) & ~word & (0x80 * kEach);
    return word | (upper >> 2);
  }

  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  uint32_t size_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_NAME_H_
