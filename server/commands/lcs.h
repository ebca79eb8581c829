#ifndef DAMSELFLY_SERVER_COMMANDS_LCS_H_
#define DAMSELFLY_SERVER_COMMANDS_LCS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly {

// A run of bytes that two strings share: first[first_start, first_start + length) equals
// second[second_start, second_start + length).
struct LcsMatch {
  size_t first_start;
  size_t second_start;
  size_t length;
};

struct LcsResult {
  std::string text;               // the longest common subsequence
  std::vector<LcsMatch> matches;  // what it is made of, from the end of the strings to their start
};

// The longest common subsequence by dynamic programming over all pairs of prefixes (Wagner and
// Fischer, "The String-to-String Correction Problem", JACM 1974). Of several of the same length it
// is the one that Redis finds: followed from the ends, a shared byte is always taken, otherwise
// the first string is shortened if that loses less, else the second.
//
// Time: product of the sizes. Memory: one bit for each pair of bytes.
LcsResult FindLcs(absl::string_view first, absl::string_view second);

// Only its length. Memory: proportional to the shorter string.
size_t LcsLength(absl::string_view first, absl::string_view second);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_LCS_H_
