#include "sim/clients/shared_history.h"

namespace damselfly::sim {

void SharedHistory::CheckAll(OracleBoard* board) const {
  for (const auto& [incarnation, life] : lives_) {
    life.caches.Check(board);
    for (size_t i = 0; i < kKeysOfAKind && !flushed_; ++i) {
      life.registers[i].Check(RegisterKey(i), board);
      life.counters[i].Check(CounterKey(i), board);
    }
  }
}

}  // namespace damselfly::sim
