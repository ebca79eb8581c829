#ifndef DAMSELFLY_SERVER_CLUSTER_CONFIG_PATH_H_
#define DAMSELFLY_SERVER_CLUSTER_CONFIG_PATH_H_

#include <cstddef>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace damselfly {

// A place in a cluster configuration, as `shards[1].slot_ranges[0]`. Cheap to make and to copy: the
// text is put together only when there is something to say about the place.
class ConfigPath {
 public:
  // The array of all shards, `shards`.
  ConfigPath();

  // The member `name` of the object that is here. Requires: a name that outlives every path made
  // from it, so a literal.
  ConfigPath Member(const char* name) const;
  // The element `index` of the array that is here.
  ConfigPath Element(size_t index) const;

  std::string ToString() const;

 private:
  // A member if it has a name, an element otherwise.
  struct Step {
    const char* name;
    size_t index;
  };
  absl::InlinedVector<Step, 6> steps_;
};

// Why a configuration is refused: "<path>: <reason>".
absl::Status Refusal(const ConfigPath& path, absl::string_view reason);

// Foreign text as a reason shows it: in double quotes, cut after kQuotedBytesMax bytes, and what
// is not printable ASCII escaped as in C. Never longer than 4 * kQuotedBytesMax + 5.
inline constexpr size_t kQuotedBytesMax = 40;
std::string Quoted(absl::string_view text);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CONFIG_PATH_H_
