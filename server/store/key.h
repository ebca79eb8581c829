#ifndef DAMSELFLY_SERVER_STORE_KEY_H_
#define DAMSELFLY_SERVER_STORE_KEY_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace damselfly {

class Bucket;

// Where a look-up of a key is likely to end, found while its memory was asked for ahead (see
// Store::Prefetch). It may be followed while all buckets of then are still there and in the same
// table, which the store says; what it leads to may be another key by then, or an empty place.
struct KeyGuess {
  Bucket* bucket = nullptr;   // null: none
  uint32_t bucket_epoch = 0;  // Store::Holds compares
  uint16_t database = 0;
  uint16_t place = 0;
};

// A key with what is derived from its bytes, computed once a command: the slot (Redis Cluster's
// function, so the same on every node) and the table hash (keyed by the node's own seed, see
// Store::MakeKey).
struct Key {
  absl::string_view bytes;
  uint64_t hash = 0;
  uint16_t slot = 0;
  KeyGuess guess = {};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_KEY_H_
