#include "server/base/hash.h"

namespace damselfly::hash_internal {

// Takes in all of the first `size` bytes but the last 1 to 16, which the caller adds. Two lanes, so
// that one multiplication need not wait for the other.
uint64_t HashLong(const char* data, uint64_t size, uint64_t state) {
  uint64_t other = MultiplyFold(state ^ kWord3, kWord0);
  while (size > 32) {
    state = MultiplyFold(Load64(data) ^ kWord2, Load64(data + 8) ^ state);
    other = MultiplyFold(Load64(data + 16) ^ kWord1, Load64(data + 24) ^ other);
    data += 32;
    size -= 32;
  }
  state ^= other;
  if (size > 16) state = MultiplyFold(Load64(data) ^ kWord2, Load64(data + 8) ^ state);
  return state;
}

}  // namespace damselfly::hash_internal
