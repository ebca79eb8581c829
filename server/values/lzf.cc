#include "server/values/lzf.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace damselfly {
namespace {

constexpr size_t kLiteralsMax = 32;
constexpr size_t kDistanceMax = 1 << 13;
constexpr size_t kMatchMax = 264;
// Matches are found by their first three bytes.
constexpr size_t kMatchMin = 3;
constexpr int kSlotBits = 16;

// Where the bytes that hash to a slot were last seen. Behaves as an array of 2^16 positions, but is
// as small as the input: most inputs are, and clearing a quarter of a megabyte costs more than
// compressing them.
class Positions {
 public:
  explicit Positions(size_t input_size) : mask_(CapacityFor(input_size) - 1), places_(mask_ + 1) {}

  // Notes `position` for `slot`; returns the position noted before, or 0 if none was. (Position 0
  // is never matched.)
  size_t Exchange(uint16_t slot, size_t position) {
    size_t i = slot & mask_;
    while (places_[i].used && places_[i].slot != slot) i = (i + 1) & mask_;
    const size_t before = places_[i].position;
    places_[i] = {.position = static_cast<uint32_t>(position), .slot = slot, .used = true};
    return before;
  }

 private:
  struct Place {
    uint32_t position = 0;
    uint16_t slot = 0;
    bool used = false;
  };

  // At most half full; with one place for each slot, each slot has its own.
  static size_t CapacityFor(size_t input_size) {
    size_t capacity = 64;
    while (capacity < input_size * 2 && capacity < size_t{1} << kSlotBits) capacity *= 2;
    return capacity;
  }

  size_t mask_;
  std::vector<Place> places_;
};

class Compressor {
 public:
  Compressor(absl::string_view in, size_t limit, std::string* out)
      : in_(in), limit_(limit), base_(out->size()), out_(*out), positions_(in.size()) {}

  bool Run() {
    size_t at = 0;
    while (at + kMatchMin <= in_.size()) {
      const size_t match = FindMatch(at);
      if (match == 0) {
        if (written() >= limit_) return false;
        AddLiteral(at++);
        continue;
      }
      if (written() - (literals_ == 0 ? 1 : 0) + 4 >= limit_) return false;
      at = AddMatch(at, match);
    }
    if (written() + 3 > limit_) return false;
    while (at < in_.size()) AddLiteral(at++);
    FlushLiterals(at);
    return true;
  }

 private:
  uint8_t byte(size_t at) const { return static_cast<uint8_t>(in_[at]); }

  // Bytes of output so far, with those of a run of literals that is open, and with its length.
  size_t written() const { return out_.size() - base_ + 1 + literals_; }

  uint16_t SlotAt(size_t at) const {
    const uint32_t bytes = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    return static_cast<uint16_t>((bytes >> 8) - bytes * 5);
  }

  // The position of at least three bytes like those at `at`, or 0.
  size_t FindMatch(size_t at) {
    const size_t found = positions_.Exchange(SlotAt(at), at);
    if (found == 0 || at - found > kDistanceMax) return 0;
    return in_.substr(found, kMatchMin) == in_.substr(at, kMatchMin) ? found : 0;
  }

  void AddLiteral(size_t at) {
    if (++literals_ == kLiteralsMax) FlushLiterals(at + 1);
  }

  // Writes the run of literals that ends before `end`.
  void FlushLiterals(size_t end) {
    if (literals_ == 0) return;
    out_.push_back(static_cast<char>(literals_ - 1));
    out_.append(in_.data() + end - literals_, literals_);
    literals_ = 0;
  }

  // Writes the longest match of what stands at `at` with `match`; returns where it ends.
  size_t AddMatch(size_t at, size_t match) {
    FlushLiterals(at);
    // The last two bytes are left as literals, except where liblzf, which begins with sixteen bytes
    // at once, does not.
    size_t longest = std::min(in_.size() - at - 2, kMatchMax);
    if (longest == 17 || longest == 18) longest = 19;
    size_t length = kMatchMin;
    while (length < longest && byte(match + length) == byte(at + length)) ++length;

    const size_t distance = at - match - 1;
    const size_t code = length - 2;
    const auto high = static_cast<uint8_t>(distance >> 8);
    if (code < 7) {
      out_.push_back(static_cast<char>(code << 5 | high));
    } else {
      out_.push_back(static_cast<char>(7 << 5 | high));
      out_.push_back(static_cast<char>(code - 7));
    }
    out_.push_back(static_cast<char>(distance & 0xff));

    const size_t end = at + length;
    if (end + kMatchMin <= in_.size()) {
      positions_.Exchange(SlotAt(end - 2), end - 2);
      positions_.Exchange(SlotAt(end - 1), end - 1);
    }
    return end;
  }

  const absl::string_view in_;
  const size_t limit_;
  const size_t base_;
  std::string& out_;
  Positions positions_;
  size_t literals_ = 0;
};

}  // namespace

bool LzfCompress(absl::string_view in, size_t min_gain, std::string* out) {
  // Positions are of 32 bits.
  if (in.size() <= min_gain || in.size() > UINT32_MAX) return false;
  const size_t before = out->size();
  if (Compressor(in, in.size() - min_gain, out).Run()) return true;
  out->resize(before);
  return false;
}

namespace {

bool Decompress(absl::string_view in, size_t size, std::string& out) {
  const size_t start = out.size();
  size_t at = 0;
  while (at < in.size()) {
    const auto control = static_cast<uint8_t>(in[at++]);
    const size_t room = size - (out.size() - start);
    if (control < kLiteralsMax) {
      const size_t count = control + 1u;
      if (count > in.size() - at || count > room) return false;
      out.append(in.data() + at, count);
      at += count;
      continue;
    }
    size_t length = control >> 5;
    const size_t more = length == 7 ? 2 : 1;
    if (in.size() - at < more) return false;
    if (length == 7) length += static_cast<uint8_t>(in[at++]);
    length += 2;
    const size_t distance = (control & 0x1fu) << 8 | static_cast<uint8_t>(in[at++]);
    if (distance >= out.size() - start || length > room) return false;
    // Byte by byte: what is copied may overlap what it makes.
    for (size_t from = out.size() - distance - 1; length > 0; --length) out.push_back(out[from++]);
  }
  return out.size() - start == size;
}

}  // namespace

bool LzfDecompress(absl::string_view in, size_t size, std::string* out) {
  if (size > LzfDecompressedBytesMax(in.size())) return false;
  const size_t before = out->size();
  out->reserve(before + size);
  if (Decompress(in, size, *out)) return true;
  out->resize(before);
  return false;
}

}  // namespace damselfly
