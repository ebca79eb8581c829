#ifndef DAMSELFLY_SERVER_VALUES_VALUE_TYPE_H_
#define DAMSELFLY_SERVER_VALUES_VALUE_TYPE_H_

#include <cstdint>

namespace damselfly {

// Numbers are on the wire between nodes: they never change their meaning.
enum class ValueType : uint8_t { kString, kList, kHash, kSet, kSortedSet, kStream };

inline constexpr int kValueTypeCount = 6;

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_VALUE_TYPE_H_
