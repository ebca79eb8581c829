#ifndef DAMSELFLY_SERVER_COMMANDS_VALUE_NAMES_H_
#define DAMSELFLY_SERVER_COMMANDS_VALUE_NAMES_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/store/entry.h"

namespace damselfly {

// A value's type in the words of TYPE.
constexpr absl::string_view TypeName(ValueType type) {
  constexpr absl::string_view kNames[] = {"string", "list", "hash", "set", "zset", "stream"};
  return kNames[static_cast<int>(type)];
}

// The number of references to a value, as OBJECT REFCOUNT tells it. Redis shares one object among
// all keys that hold the same integer in [0, 10000), and tells INT_MAX for it. Tests and tools look
// at that.
inline int64_t ReferenceCount(const Entry& entry) {
  constexpr int64_t kSharedIntegersEnd = 10000;
  constexpr int64_t kSharedReferences = 2147483647;
  int64_t value;
  const bool shared = entry.type() == ValueType::kString && entry.IntegerValue(&value) &&
                      value >= 0 && value < kSharedIntegersEnd;
  return shared ? kSharedReferences : 1;
}

// How an entry keeps its value, in the words of OBJECT ENCODING.
inline absl::string_view EncodingName(const Entry& entry) {
  if (entry.type() != ValueType::kString) return entry.traits().encoding(entry.collection_word());
  constexpr absl::string_view kNames[] = {"int", "embstr", "raw"};
  return kNames[static_cast<int>(entry.string_encoding())];
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_VALUE_NAMES_H_
