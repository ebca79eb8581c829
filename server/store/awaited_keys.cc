#include "server/store/awaited_keys.h"

#include "server/base/check.h"

namespace damselfly {

AwaitedKey* AwaitedKeys::Find(int database, absl::string_view key) {
  const auto found = keys_.find(Wanted(database, key));
  return found == keys_.end() ? nullptr : &found->second;
}

void AwaitedKeys::Add(int database, absl::string_view key, KeyWait* wait) {
  DFLY_CHECK(wait->at == nullptr);
  AwaitedKey* awaited = Find(database, key);
  if (awaited == nullptr) {
    const auto made = keys_.emplace(Name(database, std::string(key)), AwaitedKey()).first;
    awaited = &made->second;
    awaited->name = &made->first;
  }
  wait->at = awaited;
  wait->next = nullptr;
  wait->previous = awaited->last;
  (awaited->last == nullptr ? awaited->first : awaited->last->next) = wait;
  awaited->last = wait;
  if (wait->also_without_value) ++awaited->also_without_value_count;
}

void AwaitedKeys::Remove(KeyWait* wait) {
  AwaitedKey* const awaited = wait->at;
  DFLY_CHECK(awaited != nullptr);
  (wait->previous == nullptr ? awaited->first : wait->previous->next) = wait->next;
  (wait->next == nullptr ? awaited->last : wait->next->previous) = wait->previous;
  wait->at = nullptr;
  wait->previous = wait->next = nullptr;
  if (wait->also_without_value) --awaited->also_without_value_count;
  if (awaited->first == nullptr) keys_.erase(keys_.find(*awaited->name));
}

void AwaitedKeys::ForEach(int database, absl::FunctionRef<void(AwaitedKey&)> visitor) {
  for (auto at = keys_.lower_bound(Wanted(database, ""));
       at != keys_.end() && at->first.first == database; ++at) {
    visitor(at->second);
  }
}

}  // namespace damselfly
