#ifndef DAMSELFLY_SERVER_STORE_INVALIDATION_H_
#define DAMSELFLY_SERVER_STORE_INVALIDATION_H_

#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

namespace damselfly {

// A client that keeps what it has read (client-side caching), and the worker that it lives on.
struct KeyReader {
  uint64_t client = 0;
  int worker = 0;
};

// Of one key; ascending by client, each once.
using KeyReaders = absl::InlinedVector<KeyReader, 1>;

// Of one slot, whatever the database: caches of clients know keys by name only.
using TrackedKeys = absl::btree_map<std::string, KeyReaders>;

enum class InvalidationCause : uint8_t {
  kCommand,    // somebody has changed the key
  kDeadline,   // it has expired
  kForgotten,  // nothing has happened to it, but there are too many tracked keys
};

// Whoever tells readers that what they have read holds no more. Attached with
// Store::set_invalidation_sink. Short; must not touch the store.
class InvalidationSink {
 public:
  virtual ~InvalidationSink() = default;

  // `readers` of `key` were told to Store::Track since the last time, and are forgotten. Called by
  // worker `worker` in its own thread, with the slot's lock held.
  virtual void OnKeyInvalidated(int worker, absl::string_view key, const KeyReaders& readers,
                                InvalidationCause cause) = 0;
  // The keys of a slot, of which `keys` were tracked, are all gone or not this node's any more. In
  // any thread, with the slot's lock held.
  virtual void OnSlotLost(TrackedKeys keys) = 0;
  // A whole database is gone, and all readers are forgotten. In any thread, with all locks held.
  virtual void OnFlushed() = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_INVALIDATION_H_
