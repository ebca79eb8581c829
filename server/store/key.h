#ifndef DAMSELFLY_SERVER_STORE_KEY_H_
#define DAMSELFLY_SERVER_STORE_KEY_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace damselfly {

// A key with what is derived from its bytes, computed once a command: the slot (Redis Cluster's
// function, so the same on every node) and the table hash (keyed by the node's own seed, see
// Store::MakeKey).
struct Key {
  absl::string_view bytes;
  uint64_t hash = 0;
  uint16_t slot = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_KEY_H_
