#include "sim/world/decider.h"

#include "server/base/hash.h"

namespace damselfly::sim {

uint64_t DeriveSeed(uint64_t seed, absl::string_view purpose, uint64_t instance) {
  // Two rounds, so that neighbouring seeds and instances share nothing.
  return HashBytes(purpose,
                   Random(HashBytes(purpose, seed) ^ (instance * 0x9e3779b97f4a7c15ull)).Next());
}

Decider::StreamId SeededDecider::OpenStream(absl::string_view purpose, uint64_t instance) {
  const uint64_t seed = DeriveSeed(seed_, purpose, instance);
  streams_.push_back({seed, Random(seed)});
  return static_cast<StreamId>(streams_.size() - 1);
}

void SeededDecider::BeginUnit(StreamId stream, uint64_t unit) {
  Stream& of = streams_[stream];
  of.random = Random(Random(of.seed ^ (unit * 0xbf58476d1ce4e5b9ull)).Next());
}

}  // namespace damselfly::sim
