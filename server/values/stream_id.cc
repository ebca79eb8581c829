#include "server/values/stream_id.h"

#include <bit>
#include <cstring>

#include "server/base/numbers.h"

namespace damselfly {
namespace {

static_assert(std::endian::native == std::endian::little);

void StoreBigEndian(uint64_t word, char* to) {
  word = __builtin_bswap64(word);
  std::memcpy(to, &word, sizeof(word));
}

uint64_t LoadBigEndian(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return __builtin_bswap64(word);
}

}  // namespace

bool StreamId::Increment() {
  if (++seq != 0) return true;
  return ++ms != 0;
}

bool StreamId::Decrement() {
  if (seq-- != 0) return true;
  return ms-- != 0;
}

size_t StreamId::Format(char* buffer) const {
  size_t size = FormatUint64(ms, buffer);
  buffer[size++] = '-';
  return size + FormatUint64(seq, buffer + size);
}

void StreamId::EncodeTo(char* to) const {
  StoreBigEndian(ms, to);
  StoreBigEndian(seq, to + 8);
}

StreamId StreamId::Decode(const char* from) {
  return {LoadBigEndian(from), LoadBigEndian(from + 8)};
}

}  // namespace damselfly
