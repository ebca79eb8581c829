#ifndef DAMSELFLY_SERVER_STORE_AWAITED_KEYS_H_
#define DAMSELFLY_SERVER_STORE_AWAITED_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace damselfly {

struct AwaitedKey;

// That somebody waits for a key to change. Owned by whoever waits; while it is linked into an
// AwaitedKeys, all of it is guarded by the slot's lock.
struct KeyWait {
  AwaitedKey* at = nullptr;  // null: not linked
  KeyWait* previous = nullptr;
  KeyWait* next = nullptr;
  // That the key has gone, or holds another type, is of interest too. Set before it is linked.
  bool also_without_value = false;
};

// A key that somebody waits for; lives as long as somebody does.
struct AwaitedKey {
  static constexpr int kNobody = -1;

  const std::pair<int, std::string>* name = nullptr;  // database and key
  KeyWait* first = nullptr;                           // in the order in which they have come
  KeyWait* last = nullptr;
  size_t also_without_value_count = 0;
  // The worker that has the key among its ready keys, and has not looked at it since.
  int noted_by = kNobody;
};

// A key that has changed while somebody waited for it.
struct ReadyKey {
  int database = 0;
  uint16_t slot = 0;
  std::string key;
};

// The awaited keys of one slot. Guarded by its lock.
class AwaitedKeys {
 public:
  AwaitedKeys() = default;
  AwaitedKeys(const AwaitedKeys&) = delete;
  AwaitedKeys& operator=(const AwaitedKeys&) = delete;

  bool empty() const { return keys_.empty(); }
  // Null: nobody waits for it.
  AwaitedKey* Find(int database, absl::string_view key);
  // Behind all others that wait for the key. Requires that `wait` is not linked.
  void Add(int database, absl::string_view key, KeyWait* wait);
  // Requires that it is linked here.
  void Remove(KeyWait* wait);
  // Those of one database, in the order of their bytes. `visitor` adds and removes none.
  void ForEach(int database, absl::FunctionRef<void(AwaitedKey&)> visitor);

 private:
  using Name = std::pair<int, std::string>;
  using Wanted = std::pair<int, absl::string_view>;
  struct Less {
    using is_transparent = void;
    static Wanted View(const Name& name) { return {name.first, name.second}; }
    static Wanted View(const Wanted& name) { return name; }
    template <typename Left, typename Right>
    bool operator()(const Left& left, const Right& right) const {
      return View(left) < View(right);
    }
  };

  std::map<Name, AwaitedKey, Less> keys_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_AWAITED_KEYS_H_
