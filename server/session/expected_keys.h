#ifndef DAMSELFLY_SERVER_SESSION_EXPECTED_KEYS_H_
#define DAMSELFLY_SERVER_SESSION_EXPECTED_KEYS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/store/store.h"

namespace damselfly {

// The keys of the first commands of several sessions of a worker, which come in the same pass: a
// client that waits for each reply has no batch of its own whose memory could be fetched at a time.
//
// On the worker's thread.
class ExpectedKeys {
 public:
  // As many as the streams that a loop reads from before it delivers. More keys are forgotten.
  static constexpr size_t kKeysMax = 16;

  // Nothing but the fetching comes of it: the command derives its key anew.
  void Add(const Store& store, int database, absl::string_view key) {
    if (count_ == kKeysMax) return;
    const Key derived = store.MakeKey(key);
    store.PrefetchSlot(derived.slot);
    keys_[count_++] = {derived.hash, database, derived.slot};
  }

  // How many wait to be fetched.
  size_t size() const { return count_; }

  // Before the first of the commands runs.
  void Fetch(const Store& store) {
    if (count_ > 0) FetchAll(store);
  }

 private:
  // The bytes do not last.
  struct Expected {
    uint64_t hash;
    int32_t database;
    uint16_t slot;
  };
  static_assert(kKeysMax <= Store::kPrefetchedKeysMax);

  void FetchAll(const Store& store) {
    Key keys[kKeysMax];
    for (size_t begin = 0; begin < count_;) {
      const int database = keys_[begin].database;
      size_t count = 0;
      for (; begin < count_ && keys_[begin].database == database; ++begin, ++count) {
        keys[count].hash = keys_[begin].hash;
        keys[count].slot = keys_[begin].slot;
      }
      store.Prefetch(database, absl::MakeSpan(keys, count));
    }
    count_ = 0;
  }

  size_t count_ = 0;
  std::array<Expected, kKeysMax> keys_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_EXPECTED_KEYS_H_
