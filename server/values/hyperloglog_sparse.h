#ifndef DAMSELFLY_SERVER_VALUES_HYPERLOGLOG_SPARSE_H_
#define DAMSELFLY_SERVER_VALUES_HYPERLOGLOG_SPARSE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace damselfly {

// The registers of a sparse HyperLogLog: runs that cover all of them in order.
//
//     00nnnnnn             n+1 zeros
//     01nnnnnn nnnnnnnn    n+1 zeros
//     1rrrrrnn             n+1 registers of r+1
struct HllRun {
  uint8_t value = 0;    // of each register
  uint32_t length = 0;  // registers
  size_t bytes = 1;     // of the run itself
};

inline constexpr uint8_t kHllSparseValueMax = 32;

// Reads the run at `at`, which must be less than the size; false if it is cut short.
bool ReadHllRun(absl::string_view runs, size_t at, HllRun* run);

// Appends runs of `length` registers of `value` in the fewest bytes: one run. At most 16384 zeros
// or 4 others.
void AppendHllRun(uint8_t value, uint32_t length, std::string* out);

// Where a register stands among the runs.
struct HllRunPlace {
  size_t at = 0;       // of the run that has it
  size_t before = 0;   // of the run before that; the same for the first
  uint32_t first = 0;  // register of the run
  HllRun run;
};

// False if the runs end before register `index`.
bool FindHllRun(absl::string_view runs, uint32_t index, HllRunPlace* place);

// Sets register `index`, which is at `place` and is lower, to `value` (at most
// kHllSparseValueMax), and joins runs around it. Returns false, and changes nothing, if the state
// would outgrow `bytes_max`; the runs begin at `offset` of *state.
bool SetSparseHllRegister(std::string* state, size_t offset, const HllRunPlace& place,
                          uint32_t index, uint8_t value, size_t bytes_max);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_HYPERLOGLOG_SPARSE_H_
