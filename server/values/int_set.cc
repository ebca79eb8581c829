#include "server/values/int_set.h"

#include <cstdlib>
#include <utility>

#include "server/base/check.h"

namespace damselfly {

IntSet::~IntSet() { std::free(bytes_); }

IntSet& IntSet::operator=(IntSet&& other) noexcept {
  if (this != &other) {
    std::free(bytes_);
    bytes_ = other.Release();
  }
  return *this;
}

char* IntSet::Release() { return std::exchange(bytes_, nullptr); }

bool IntSet::Validate(absl::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return false;
  const auto width = Load<uint32_t>(bytes.data());
  const auto size = Load<uint32_t>(bytes.data() + 4);
  if (width != 2 && width != 4 && width != 8) return false;
  if (size > kSizeMax || bytes.size() != kHeaderBytes + size_t{width} * size) return false;
  const IntSet copy = FromBytes(bytes);
  for (size_t i = 1; i < size; ++i) {
    if (copy.At(i - 1) >= copy.At(i)) return false;
  }
  return true;
}

IntSet IntSet::FromBytes(absl::string_view bytes) {
  auto* copy = static_cast<char*>(std::malloc(bytes.size()));
  DFLY_CHECK(copy != nullptr);
  std::memcpy(copy, bytes.data(), bytes.size());
  return IntSet(copy);
}

absl::string_view IntSet::bytes() const {
  static constexpr char kEmpty[kHeaderBytes] = {2, 0, 0, 0, 0, 0, 0, 0};
  return bytes_ != nullptr ? absl::string_view(bytes_, memory_bytes())
                           : absl::string_view(kEmpty, kHeaderBytes);
}

int64_t IntSet::At(size_t index) const { return Read(index, width()); }

bool IntSet::Contains(int64_t value) const {
  if (bytes_ == nullptr || WidthOf(value) > width()) return false;
  const size_t index = LowerBound(value);
  return index < size() && At(index) == value;
}

bool IntSet::Insert(int64_t value) {
  if (bytes_ == nullptr) {
    Resize(0, WidthOf(value));
    SetHeader(WidthOf(value), 0);
  } else if (WidthOf(value) > width()) {
    Widen(value);
    return true;
  }
  const size_t size = this->size();
  // Integers that come in ascending order need no search.
  const size_t index = size == 0 || At(size - 1) < value ? size : LowerBound(value);
  if (index < size && At(index) == value) return false;
  DFLY_CHECK(size < kSizeMax);
  const auto width = static_cast<size_t>(this->width());
  Resize(size + 1, this->width());
  char* const to = bytes_ + kHeaderBytes + index * width;
  std::memmove(to + width, to, (size - index) * width);
  SetHeader(this->width(), size + 1);
  Write(index, value);
  return true;
}

bool IntSet::Erase(int64_t value) {
  if (!Contains(value)) return false;
  const size_t size = this->size();
  const size_t index = LowerBound(value);
  const auto width = static_cast<size_t>(this->width());
  char* const to = bytes_ + kHeaderBytes + index * width;
  std::memmove(to, to + width, (size - index - 1) * width);
  SetHeader(this->width(), size - 1);
  Resize(size - 1, this->width());
  return true;
}

int IntSet::WidthOf(int64_t value) {
  return value == static_cast<int16_t>(value) ? 2 : value == static_cast<int32_t>(value) ? 4 : 8;
}

int64_t IntSet::Read(size_t index, int width) const {
  const char* const from = bytes_ + kHeaderBytes + index * static_cast<size_t>(width);
  if (width == 2) return Load<int16_t>(from);
  if (width == 4) return Load<int32_t>(from);
  return Load<int64_t>(from);
}

// Little-endian: the low bytes are the narrower integer.
void IntSet::Write(size_t index, int64_t value) {
  const auto width = static_cast<size_t>(this->width());
  std::memcpy(bytes_ + kHeaderBytes + index * width, &value, width);
}

void IntSet::SetHeader(int width, size_t size) {
  const auto width_word = static_cast<uint32_t>(width);
  const auto size_word = static_cast<uint32_t>(size);
  std::memcpy(bytes_, &width_word, sizeof(width_word));
  std::memcpy(bytes_ + 4, &size_word, sizeof(size_word));
}

void IntSet::Resize(size_t size, int width) {
  bytes_ =
      static_cast<char*>(std::realloc(bytes_, kHeaderBytes + size * static_cast<size_t>(width)));
  DFLY_CHECK(bytes_ != nullptr);
}

size_t IntSet::LowerBound(int64_t value) const {
  size_t low = 0, high = size();
  const int width = this->width();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (Read(middle, width) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Makes all integers as wide as `value`, which does not fit yet and so goes to one of the ends.
void IntSet::Widen(int64_t value) {
  const size_t size = this->size();
  DFLY_CHECK(size < kSizeMax);
  const int narrow = width();
  Resize(size + 1, WidthOf(value));
  SetHeader(WidthOf(value), size + 1);
  const size_t shift = value < 0 ? 1 : 0;
  for (size_t i = size; i-- > 0;) Write(i + shift, Read(i, narrow));
  Write(value < 0 ? 0 : size, value);
}

}  // namespace damselfly
