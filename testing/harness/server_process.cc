#include "testing/harness/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "testing/harness/client.h"

namespace damselfly {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(10);
// 30 s: sanitizer builds start slowly, and end slowly when there is much memory to give back.
constexpr int kPollsMax = 3000;

// Asks the system for a free loopback port. Another process may take it before the child does;
// Start tries again then.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  int port = 0;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    port = ntohs(address.sin_port);
  }
  close(fd);
  return port;
}

std::string TemporaryDirectory() {
  const char* test_directory = std::getenv("TEST_TMPDIR");
  return test_directory != nullptr ? test_directory : "/tmp";
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string RunfilePath(absl::string_view path) {
  const char* root = std::getenv("TEST_SRCDIR");
  const char* workspace = std::getenv("TEST_WORKSPACE");
  if (root != nullptr && workspace != nullptr) return absl::StrCat(root, "/", workspace, "/", path);
  const std::string here(path);
  if (access(here.c_str(), R_OK) == 0) return here;  // `bazel run` starts in the runfiles
  return absl::StrCat("bazel-bin/", path);
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::StartDamselfly(
    const std::vector<std::string>& flags) {
  std::vector<std::string> command_line = {RunfilePath("server/server"), "--port={port}",
                                           "--bind=127.0.0.1"};
  command_line.insert(command_line.end(), flags.begin(), flags.end());
  return Start(std::move(command_line));
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::StartRedis(
    const std::vector<std::string>& arguments) {
  std::vector<std::string> command_line = {"redis-server",
                                           "--port",
                                           "{port}",
                                           "--bind",
                                           "127.0.0.1",
                                           "--save",
                                           "",
                                           "--appendonly",
                                           "no",
                                           "--dir",
                                           TemporaryDirectory()};
  command_line.insert(command_line.end(), arguments.begin(), arguments.end());
  return Start(std::move(command_line));
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    std::vector<std::string> command_line) {
  const int port = FreePort();
  for (std::string& word : command_line)
    absl::StrReplaceAll({{"{port}", absl::StrCat(port)}}, &word);
  std::vector<char*> arguments;
  for (std::string& word : command_line) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string log_path =
      absl::StrCat(TemporaryDirectory(), "/server-", getpid(), "-", port, ".log");
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return absl::InternalError(absl::StrCat("fork: ", std::strerror(errno)));
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    dprintf(STDERR_FILENO, "exec %s: %s\n", arguments[0], std::strerror(errno));
    _exit(127);
  }
  std::unique_ptr<ServerProcess> server(new ServerProcess(child, port, log_path));
  for (int i = 0; i < kPollsMax && server->IsRunning(); ++i) {
    absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect(port);
    if (client.ok() && (*client)->Send("*1\r\n$4\r\nPING\r\n").ok() && (*client)->ReadReply().ok())
      return server;
    std::this_thread::sleep_for(kPoll);
  }
  return absl::UnavailableError(
      absl::StrCat("'", command_line[0], "' did not start:\n", server->Log()));
}

ServerProcess::ServerProcess(pid_t process_id, int port, std::string log_path)
    : process_id_(process_id), port_(port), log_path_(std::move(log_path)) {}

ServerProcess::~ServerProcess() {
  Stop(SIGTERM);
  unlink(log_path_.c_str());
}

std::string ServerProcess::Log() const { return ReadFile(log_path_); }

bool ServerProcess::IsRunning() {
  if (process_id_ <= 0) return false;
  int status = 0;
  if (waitpid(process_id_, &status, WNOHANG) != process_id_) return true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  process_id_ = 0;
  return false;
}

int ServerProcess::Stop(int signal_number) {
  if (!IsRunning()) return exit_code_;
  kill(process_id_, signal_number);
  for (int i = 0; i < kPollsMax && IsRunning(); ++i) std::this_thread::sleep_for(kPoll);
  if (IsRunning()) {
    kill(process_id_, SIGKILL);
    while (IsRunning()) std::this_thread::sleep_for(kPoll);
  }
  return exit_code_;
}

}  // namespace damselfly
