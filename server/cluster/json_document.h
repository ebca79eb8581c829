#ifndef DAMSELFLY_SERVER_CLUSTER_JSON_DOCUMENT_H_
#define DAMSELFLY_SERVER_CLUSTER_JSON_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace damselfly {

// One JSON value with all that is in it.
struct JsonValue {
  enum class Type : uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

  // The member `name` of an object; null if there is none, or if this is no object.
  const JsonValue* Find(absl::string_view name) const;

  Type type = Type::kNull;
  // A number written as digits alone, below 2^64; `integer` is its value.
  bool is_unsigned_integer = false;
  uint64_t integer = 0;
  // Of a string; valid UTF-8.
  std::string text;
  // Of an array, or the values of an object's members.
  std::vector<JsonValue> elements;
  // Of an object's members, in the order of `elements`; no two are equal.
  std::vector<std::string> names;
};

// Arrays and objects inside each other. A configuration has six levels.
inline constexpr size_t kDepthMax = 16;
// Values of any kind, members and elements counted. Enough for 16384 shards of one slot, each with
// four replicas, which is about what fits into the default of cluster_config_bytes_max.
inline constexpr size_t kValuesMax = 512 * 1024;

// The document of `text`: one JSON value by the letter of RFC 8259, in valid UTF-8 and without a
// byte order mark, no deeper than kDepthMax, of no more than kValuesMax values, no object with two
// members of one name, no number beyond what a double can hold.
//
// Otherwise kInvalidArgument for the first fault, with its offset in bytes: "json: offset 17: ...",
// printable ASCII of less than 300 bytes. Nothing behind the fault is looked at.
absl::StatusOr<JsonValue> ParseJson(absl::string_view text);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_JSON_DOCUMENT_H_
