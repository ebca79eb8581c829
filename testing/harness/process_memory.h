#ifndef DAMSELFLY_TESTING_HARNESS_PROCESS_MEMORY_H_
#define DAMSELFLY_TESTING_HARNESS_PROCESS_MEMORY_H_

#include <sys/types.h>

#include <cstdint>

namespace damselfly {

// Resident bytes of a process now, and at its highest so far; -1 if it is gone.
int64_t ResidentBytes(pid_t process_id);
int64_t ResidentBytesPeak(pid_t process_id);

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_HARNESS_PROCESS_MEMORY_H_
