#ifndef DAMSELFLY_SERVER_POSIX_PROCESS_H_
#define DAMSELFLY_SERVER_POSIX_PROCESS_H_

#include <cstdint>
#include <string>

#include "server/runtime/runtime.h"

namespace damselfly {

// What RaiseOpenFilesLimit reached.
struct ClientLimit {
  int clients_max = 0;
  std::string warning;  // empty: as many as wanted
};

// Raises the process's limit on open descriptors (RLIMIT_NOFILE; hard limit too where that is
// permitted) to what `clients_wanted` clients and `workers` loops need, and says how many clients
// it allows. Never lowers a limit. Requires clients_wanted > 0 and workers > 0.
ClientLimit RaiseOpenFilesLimit(int clients_wanted, int workers);

namespace posix {

// Cores that this process may run on; at least 1.
int AvailableCores();

ProcessFacts ReadProcessFacts(std::string working_directory);
ProcessUsage ReadProcessUsage();
// Of this process; 0 where the system does not say.
int64_t ResidentBytes();

}  // namespace posix
}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_POSIX_PROCESS_H_
