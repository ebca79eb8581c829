#ifndef DAMSELFLY_BENCHMARKS_INSTRUCTIONS_CASES_H_
#define DAMSELFLY_BENCHMARKS_INSTRUCTIONS_CASES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/instructions/counted_node.h"

namespace damselfly {

// Keys that a node is filled with before anything is counted.
inline constexpr uint64_t kFilledKeys = 10000;

// Appends a request that concerns the key of that number.
using RequestWriter = void (*)(std::string* out, uint64_t key);

// One command that is counted.
struct Case {
  // Which keys it is given.
  enum class Keys {
    kRandom,  // filled ones, again and again
    kOnce,    // filled ones, each at most once
    kNew,     // others, each once
  };

  absl::string_view name;
  Setting setting;
  Keys keys;
  RequestWriter fill;  // null: nothing is filled in
  RequestWriter request;
  // A reply to it. All have the same size.
  absl::string_view reply;
};

absl::Span<const Case> AllCases();

}  // namespace damselfly

#endif  // DAMSELFLY_BENCHMARKS_INSTRUCTIONS_CASES_H_
