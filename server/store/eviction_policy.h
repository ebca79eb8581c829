#ifndef DAMSELFLY_SERVER_STORE_EVICTION_POLICY_H_
#define DAMSELFLY_SERVER_STORE_EVICTION_POLICY_H_

#include <cstdint>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace damselfly {

// Which keys go when memory is short.
enum class EvictionPolicy : uint8_t {
  kVolatileLru,
  kVolatileLfu,
  kVolatileRandom,
  kVolatileTtl,
  kAllKeysLru,
  kAllKeysLfu,
  kAllKeysRandom,
  kNoEviction,
};

// In the order of the enumeration, which is the one that Redis names them in.
inline constexpr absl::string_view kEvictionPolicyNames[] = {
    "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
    "allkeys-lru",  "allkeys-lfu",  "allkeys-random",  "noeviction"};

inline absl::string_view NameOf(EvictionPolicy policy) {
  return kEvictionPolicyNames[static_cast<int>(policy)];
}

// In any case; nothing for other words.
inline std::optional<EvictionPolicy> EvictionPolicyOf(absl::string_view name) {
  int index = 0;
  for (const absl::string_view each : kEvictionPolicyNames) {
    if (absl::EqualsIgnoreCase(each, name)) return static_cast<EvictionPolicy>(index);
    ++index;
  }
  return std::nullopt;
}

// It takes keys with deadlines only.
inline bool IsVolatile(EvictionPolicy policy) { return policy <= EvictionPolicy::kVolatileTtl; }
inline bool IsLru(EvictionPolicy policy) {
  return policy == EvictionPolicy::kVolatileLru || policy == EvictionPolicy::kAllKeysLru;
}
inline bool IsLfu(EvictionPolicy policy) {
  return policy == EvictionPolicy::kVolatileLfu || policy == EvictionPolicy::kAllKeysLfu;
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_EVICTION_POLICY_H_
