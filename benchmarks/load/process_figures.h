#ifndef DAMSELFLY_BENCHMARKS_LOAD_PROCESS_FIGURES_H_
#define DAMSELFLY_BENCHMARKS_LOAD_PROCESS_FIGURES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace damselfly::load {

// What the system has counted of a process until now.
struct ProcessFigures {
  int64_t cpu_ns = 0;  // that its threads have run
  int64_t resident_bytes = 0;
  int64_t minor_faults = 0;
  int64_t major_faults = 0;
  int64_t voluntary_switches = 0;  // of its threads
  int64_t involuntary_switches = 0;
};

// Threads that have ended since an earlier call are missing from its cpu_ns and switches.
absl::StatusOr<ProcessFigures> ReadProcessFigures(int process_id);

// The parts of it, for tests: /proc/PID/stat and /proc/PID/task/TID/status.
bool ParseStat(absl::string_view text, int64_t page_bytes, ProcessFigures* out);
bool AddSwitches(absl::string_view status_text, ProcessFigures* out);

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_PROCESS_FIGURES_H_
