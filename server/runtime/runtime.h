#ifndef DAMSELFLY_SERVER_RUNTIME_RUNTIME_H_
#define DAMSELFLY_SERVER_RUNTIME_RUNTIME_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/runtime/clock.h"
#include "server/runtime/event_loop.h"
#include "server/runtime/files.h"
#include "server/runtime/mutant.h"
#include "server/runtime/network.h"

namespace damselfly {

// What INFO, MEMORY and DEBUG tell about the process that a node runs in.
struct ProcessUsage {
  int64_t resident_bytes = 0;
  int64_t resident_bytes_peak = 0;
  int64_t system_memory_bytes = 0;
  double cpu_system_seconds = 0;
  double cpu_user_seconds = 0;
  double cpu_children_system_seconds = 0;
  double cpu_children_user_seconds = 0;
};

// What never changes while the process runs.
struct ProcessFacts {
  int64_t process_id = 0;
  std::string os;  // as INFO's os field: "Linux 6.1.0 x86_64"
  std::string executable_path;
  std::string working_directory;
  std::string multiplexing_api;           // "epoll", "simulated"
  std::string compiler_version;           // INFO's gcc_version
  std::string memory_allocator = "libc";  // INFO's mem_allocator
};

// Everything that a node gets from outside, in one place: the seam. One implementation runs on the
// operating system (server/posix), one in the simulator (sim). It outlives the node.
class Runtime {
 public:
  virtual ~Runtime() = default;

  // At least 1; constant.
  virtual int worker_count() const = 0;
  // `index` in [0, worker_count()).
  virtual EventLoop& loop(int index) = 0;
  // Whether workers run on threads of their own; else one after the other, and nobody ever finds a
  // lock taken. Constant.
  virtual bool has_threads() const { return worker_count() > 1; }

  virtual const Clock& clock() const = 0;
  virtual Network& network() = 0;
  virtual Files& files() = 0;

  // The seed of a random stream of its own for each purpose: unpredictable in production, a
  // function of the simulation's seed and the purpose in the simulator. Any thread.
  virtual uint64_t RandomSeed(absl::string_view purpose) = 0;

  virtual const ProcessFacts& facts() const = 0;
  virtual ProcessUsage Usage() const = 0;

  // Gives the system back, soon, the memory that the calling thread's allocations have left free.
  // Takes time in proportion to what is in use. Called on a worker's loop, for that worker.
  virtual void ReleaseFreedMemory() {}

  // Asks for the end of the process (in the simulator: of this node) with an exit code, after the
  // current call-back. Any thread.
  virtual void RequestExit(int exit_code) = 0;

  // One line for the operator's log. Any thread.
  enum class Severity { kInfo, kWarning, kError };
  virtual void Log(Severity severity, absl::string_view message) = 0;

  // Whether this process has that deliberate bug: in the simulator, when it is asked to. Any
  // thread.
  virtual bool HasMutant(ServerMutant) const { return false; }
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_RUNTIME_H_
