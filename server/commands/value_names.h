#ifndef DAMSELFLY_SERVER_COMMANDS_VALUE_NAMES_H_
#define DAMSELFLY_SERVER_COMMANDS_VALUE_NAMES_H_

#include "absl/strings/string_view.h"
#include "server/base/check.h"
#include "server/store/entry.h"

namespace damselfly {

// A value's type in the words of TYPE.
constexpr absl::string_view TypeName(ValueType type) {
  constexpr absl::string_view kNames[] = {"string", "list", "hash", "set", "zset", "stream"};
  return kNames[static_cast<int>(type)];
}

// How an entry keeps its value, in the words of OBJECT ENCODING.
inline absl::string_view EncodingName(const Entry& entry) {
  DFLY_CHECK(entry.type() == ValueType::kString);
  constexpr absl::string_view kNames[] = {"int", "embstr", "raw"};
  return kNames[static_cast<int>(entry.string_encoding())];
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_VALUE_NAMES_H_
