#ifndef DAMSELFLY_TESTING_COMPAT_DIFFERENTIAL_H_
#define DAMSELFLY_TESTING_COMPAT_DIFFERENTIAL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "testing/harness/server_process.h"

namespace damselfly {

struct DifferentialOptions {
  uint64_t seed = 1;
  int64_t commands = 100000;
  int protocol = 2;                   // RESP version
  int64_t commands_per_round = 5000;  // between two FLUSHALLs
  size_t batch = 100;                 // pipelined together
  int differences_max = 10;           // reported before it gives up
  // Where the commands of the round with the first difference are written to, in wire form, if not
  // empty: `redis-cli --pipe` plays them again.
  std::string record_path;
  std::vector<std::string> families;  // of templates.h to play; all if empty
};

struct DifferentialResult {
  int64_t commands = 0;
  int64_t known_differences = 0;
  // Each with the command, both replies, and the commands before it that name the same keys.
  std::vector<std::string> differences;
};

// A pair of servers to play to.
struct DifferentialServers {
  std::unique_ptr<ServerProcess> ours;
  std::unique_ptr<ServerProcess> theirs;
};

// Starts both. With `small_limits`, compact forms end after a few elements, so that values change
// their form all the time.
absl::StatusOr<DifferentialServers> StartServers(int threads, bool small_limits);

// Plays the same random commands to our server and to a real redis-server, and compares all
// replies; after each round also everything that both hold. A round that differs is described so
// that it can be played again: seed and round.
absl::StatusOr<DifferentialResult> RunDifferential(ServerProcess& ours, ServerProcess& theirs,
                                                   const DifferentialOptions& options);

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_DIFFERENTIAL_H_
