#ifndef DAMSELFLY_TESTING_HARNESS_SERVER_PROCESS_H_
#define DAMSELFLY_TESTING_HARNESS_SERVER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace damselfly {

// A server of the Redis protocol as a child process on a free loopback port: ours, or a real
// redis-server beside it as the oracle. Ended when the object goes.
class ServerProcess {
 public:
  // Our server, from the test's runfiles. `flags` such as "--threads=4"; the port is chosen here.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> StartDamselfly(
      const std::vector<std::string>& flags);
  // Debian's redis-server, without persistence.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> StartRedis(
      const std::vector<std::string>& arguments);
  // Any command line in which "{port}" stands for the port.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(
      std::vector<std::string> command_line);

  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  int port() const { return port_; }
  pid_t process_id() const { return process_id_; }
  // What the child has written to its standard output and error so far.
  std::string Log() const;
  bool IsRunning();

  // Sends a signal and waits (30 s) for the end; returns the exit code, or minus the signal that
  // ended it.
  int Stop(int signal_number);

 private:
  ServerProcess(pid_t process_id, int port, std::string log_path);
  pid_t process_id_;
  const int port_;
  const std::string log_path_;
  int exit_code_ = 0;
};

// The path of a file of this repository in the test's runfiles ("server/server").
std::string RunfilePath(absl::string_view path);

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_HARNESS_SERVER_PROCESS_H_
