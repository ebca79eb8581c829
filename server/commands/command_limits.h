#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_LIMITS_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_LIMITS_H_

#include <atomic>
#include <cstdint>

namespace damselfly {

// Limits that handlers keep by themselves. May be changed at any time by any thread.
struct CommandLimits {
  // Of a result that a command's arguments make long rather than its data; 0: no limit.
  std::atomic<int64_t> result_bytes_max{int64_t{256} << 20};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_LIMITS_H_
