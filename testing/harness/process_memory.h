#ifndef DAMSELFLY_TESTING_HARNESS_PROCESS_MEMORY_H_
#define DAMSELFLY_TESTING_HARNESS_PROCESS_MEMORY_H_

#include <sys/types.h>

#include <cstdint>

namespace damselfly {

// Whether this test, and so the server that it starts, is built with a sanitizer that keeps what
// has been freed: resident bytes say little then.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kKeepsFreedMemory = true;
#else
inline constexpr bool kKeepsFreedMemory = false;
#endif
#else
inline constexpr bool kKeepsFreedMemory = false;
#endif

// Resident bytes of a process now, and at its highest so far; -1 if it is gone.
int64_t ResidentBytes(pid_t process_id);
int64_t ResidentBytesPeak(pid_t process_id);

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_HARNESS_PROCESS_MEMORY_H_
