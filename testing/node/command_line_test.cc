// The program as a person starts and stops it: flags, bad flags, signals, sockets.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

struct Outcome {
  int exit_code;
  std::string output;
};

// Runs the server with `arguments` to its end (it must refuse them).
Outcome RunToEnd(const std::string& arguments) {
  FILE* pipe = popen(
      absl::StrCat("timeout 20 ", RunfilePath("server/server"), " ", arguments, " 2>&1").c_str(),
      "r");
  Outcome outcome{-1, ""};
  char buffer[4096];
  while (size_t count = fread(buffer, 1, sizeof(buffer), pipe))
    outcome.output.append(buffer, count);
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

// A place for a socket that no other run of the test uses. Not below the test's own folder, whose
// name may be longer than a socket's may.
class SocketPlace {
 public:
  SocketPlace() { EXPECT_NE(mkdtemp(folder_.data()), nullptr); }
  ~SocketPlace() { std::filesystem::remove_all(folder_); }
  SocketPlace(const SocketPlace&) = delete;
  SocketPlace& operator=(const SocketPlace&) = delete;

  std::string path() const { return folder_ + "/socket"; }

 private:
  std::string folder_ = "/tmp/damselfly-test-XXXXXX";
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void ExpectOneClearLine(const std::string& arguments, absl::string_view expected) {
  const Outcome outcome = RunToEnd(arguments);
  EXPECT_EQ(outcome.exit_code, 1) << arguments << ": " << outcome.output;
  EXPECT_TRUE(absl::StrContains(outcome.output, expected)) << arguments << ": " << outcome.output;
  const std::vector<absl::string_view> lines =
      absl::StrSplit(outcome.output, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 1u) << arguments << ": " << outcome.output;
}

TEST(CommandLine, BadInputEndsWithOneClearLineAndExitCodeOne) {
  ExpectOneClearLine("--nosuchflag", "nosuchflag");
  ExpectOneClearLine("--port=abc", "--port=abc");
  ExpectOneClearLine("--port=70000", "between 0 and 65535");
  ExpectOneClearLine("--cluster_mode=maybe",
                     "--cluster_mode=maybe: argument must be emulated or yes");
  const SocketPlace place;
  const std::string socket = absl::StrCat("--port=0 --unixsocket=", place.path());
  ExpectOneClearLine(absl::StrCat(socket, " --cluster_mode=emulated --cluster_node_id=a"),
                     "Setting --cluster_node_id in emulated mode is unsupported");
  ExpectOneClearLine(absl::StrCat(socket, " --restricted_commands=get,nosuch"),
                     "--restricted_commands: there is no command 'nosuch'");
  ExpectOneClearLine("--admin_nopass=maybe", "--admin_nopass=maybe");
  ExpectOneClearLine("--threads=-1", "--threads=-1");
  ExpectOneClearLine("--maxclients=0", "--maxclients=0");
  ExpectOneClearLine("--unixsocketperm=9", "--unixsocketperm");
  ExpectOneClearLine("--bind=300.1.2.3 --port=0", "300.1.2.3");
  ExpectOneClearLine("--config_file=/nonexistent/file", "/nonexistent/file");
  ExpectOneClearLine("--dir=/nonexistent/dir", "/nonexistent/dir");
  ExpectOneClearLine("stray", "stray");
}

TEST(CommandLine, APortInUseIsNamed) {
  auto server = *ServerProcess::StartDamselfly({});
  ExpectOneClearLine(absl::StrCat("--bind=127.0.0.1 --port=", server->port()),
                     absl::StrCat("127.0.0.1:", server->port()));
}

TEST(CommandLine, ABadLineOfTheParameterFileIsNamed) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/bad.conf");
  std::ofstream(path) << "# comment\nmaxclients 100\nnosuchparameter 5\n";
  ExpectOneClearLine(absl::StrCat("--config_file=", path), "3");
}

TEST(CommandLine, TheCommandLineWinsOverTheParameterFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/good.conf");
  std::ofstream(path) << "maxclients 123\ntimeout 7\n";
  auto server =
      *ServerProcess::StartDamselfly({absl::StrCat("--config_file=", path), "--timeout=9"});
  auto client = *Client::Connect(server->port());
  EXPECT_EQ(client->Run({"CONFIG", "GET", "maxclients"}),
            "*2\r\n$10\r\nmaxclients\r\n$3\r\n123\r\n");
  EXPECT_EQ(client->Run({"CONFIG", "GET", "timeout"}), "*2\r\n$7\r\ntimeout\r\n$1\r\n9\r\n");
  EXPECT_EQ(client->Run({"CONFIG", "SET", "timeout", "11"}), "+OK\r\n");
  EXPECT_EQ(client->Run({"CONFIG", "REWRITE"}), "+OK\r\n");
  std::string text((std::istreambuf_iterator<char>(*std::make_unique<std::ifstream>(path))), {});
  EXPECT_TRUE(absl::StrContains(text, "timeout 11")) << text;
}

TEST(CommandLine, AnEmptyValueWinsOverTheParameterFileToo) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/password.conf");
  std::ofstream(path) << "requirepass secret\n";
  auto server =
      *ServerProcess::StartDamselfly({absl::StrCat("--config_file=", path), "--requirepass="});
  auto client = *Client::Connect(server->port());
  EXPECT_EQ(client->Run({"PING"}), "+PONG\r\n");
  ExpectOneClearLine("--bind=", "--bind names no address");
}

TEST(CommandLine, ARelativeParameterFileIsReadAndRewrittenWhereTheServerWasStarted) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/relative.conf");
  std::ofstream(path) << "maxclients 123\n";
  const std::string directory = absl::StrCat(::testing::TempDir(), "/relative.dir");
  std::filesystem::create_directories(directory);
  auto server = *ServerProcess::StartDamselfly(
      {absl::StrCat("--config_file=", std::filesystem::relative(path).string()),
       absl::StrCat("--dir=", directory)});
  auto client = *Client::Connect(server->port());
  EXPECT_EQ(client->Run({"CONFIG", "SET", "maxclients", "124"}), "+OK\r\n");
  EXPECT_EQ(client->Run({"CONFIG", "REWRITE"}), "+OK\r\n");
  EXPECT_TRUE(absl::StrContains(ReadFile(path), "maxclients 124")) << ReadFile(path);
}

TEST(CommandLine, RewritesOnSeveralWorkersAtATimeLoseNothingOfTheFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/concurrent.conf");
  const std::string comment = absl::StrCat("#", std::string(50000, 'c'), "\n");
  std::ofstream(path) << comment;
  auto server =
      *ServerProcess::StartDamselfly({absl::StrCat("--config_file=", path), "--threads=4"});
  std::vector<std::thread> operators;
  for (int i = 0; i < 4; ++i) {
    operators.emplace_back([&server] {
      auto client = *Client::Connect(server->port());
      for (int j = 0; j < 25; ++j) EXPECT_EQ(client->Run({"CONFIG", "REWRITE"}), "+OK\r\n");
    });
  }
  for (std::thread& thread : operators) thread.join();
  EXPECT_TRUE(absl::StartsWith(ReadFile(path), comment)) << ReadFile(path).size();
}

// A hundred megabytes: more blocks of the region than one, and more than what starts it by itself.
TEST(CommandLine, AServerWithHugePagesKeepsWhatItIsGiven) {
  for (const char* when : {"yes", "auto", "no"}) {
    auto server =
        *ServerProcess::StartDamselfly({absl::StrCat("--huge_pages=", when), "--threads=1"});
    auto client = *Client::Connect(server->port());
    for (const char* round : {"first", "second"}) {
      EXPECT_EQ(client->Run({"DEBUG", "POPULATE", "200000", round, "500"}), "+OK\r\n");
      EXPECT_EQ(client->Run({"DBSIZE"}), ":200000\r\n");
      EXPECT_EQ(client->Run({"STRLEN", absl::StrCat(round, ":199999")}), ":500\r\n");
      EXPECT_EQ(client->Run({"FLUSHALL"}), "+OK\r\n");
      EXPECT_EQ(client->Run({"MEMORY", "PURGE"}), "+OK\r\n");
    }
    EXPECT_EQ(client->Run({"SET", "key", "value"}), "+OK\r\n");
    EXPECT_EQ(client->Run({"GET", "key"}), "$5\r\nvalue\r\n");
    EXPECT_EQ(server->Stop(SIGTERM), 0);
  }
}

TEST(CommandLine, SigtermAndSigintEndTheServerWithExitCodeZero) {
  for (int signal_number : {SIGTERM, SIGINT}) {
    auto server = *ServerProcess::StartDamselfly({"--threads=3"});
    auto client = *Client::Connect(server->port());
    EXPECT_EQ(client->Run({"SET", "a", "1"}), "+OK\r\n");
    EXPECT_EQ(server->Stop(signal_number), 0) << server->Log();
  }
}

TEST(CommandLine, ShutdownEndsTheServerWithExitCodeZero) {
  auto server = *ServerProcess::StartDamselfly({});
  auto client = *Client::Connect(server->port());
  ASSERT_TRUE(client->Send("SHUTDOWN\r\n").ok());
  EXPECT_EQ(*client->ReadToEnd(), "");
  for (int i = 0; i < 500 && server->IsRunning(); ++i) usleep(10000);
  EXPECT_FALSE(server->IsRunning());
  EXPECT_EQ(server->Stop(SIGKILL), 0) << server->Log();
}

TEST(CommandLine, AUnixSocketServesBesideTcpAndIsRemovedAtTheEnd) {
  const SocketPlace place;
  const std::string path = place.path();
  auto server =
      *ServerProcess::StartDamselfly({absl::StrCat("--unixsocket=", path), "--unixsocketperm=700"});
  FILE* pipe = popen(absl::StrCat("redis-cli -s ", path, " ping").c_str(), "r");
  char buffer[100] = {};
  ASSERT_NE(fgets(buffer, sizeof(buffer), pipe), nullptr);
  pclose(pipe);
  EXPECT_STREQ(buffer, "PONG\n");
  EXPECT_EQ(server->Stop(SIGTERM), 0) << server->Log();
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST(CommandLine, VersionAndHelpEndWithoutStarting) {
  EXPECT_TRUE(absl::StrContains(RunToEnd("--version").output, "damselfly"));
  EXPECT_TRUE(absl::StrContains(RunToEnd("--help").output, "--port"));
}

}  // namespace
}  // namespace damselfly
