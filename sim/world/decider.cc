#include "sim/world/decider.h"

#include "server/base/hash.h"

namespace damselfly::sim {

uint64_t DeriveSeed(uint64_t seed, absl::string_view purpose, uint64_t instance) {
  // Two rounds, so that neighbouring seeds and instances share nothing.
  return HashBytes(purpose,
                   Random(HashBytes(purpose, seed) ^ (instance * 0x9e3779b97f4a7c15ull)).Next());
}

Decider::StreamId SeededDecider::OpenStream(absl::string_view purpose, uint64_t instance) {
  streams_.emplace_back(DeriveSeed(seed_, purpose, instance));
  return static_cast<StreamId>(streams_.size() - 1);
}

}  // namespace damselfly::sim
