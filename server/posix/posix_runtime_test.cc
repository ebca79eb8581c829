#include "server/posix/posix_runtime.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/posix/process.h"
#include "server/posix/test_peer.h"

namespace damselfly {
namespace {

std::unique_ptr<PosixRuntime> CreateRuntime(int workers) {
  return *PosixRuntime::Create({.workers = workers, .directory = "", .on_signal = nullptr});
}

TEST(PosixRuntime, RunReturnsTheFirstExitCodeThatWasAskedFor) {
  const auto runtime = CreateRuntime(3);
  runtime->loop(2).Post([&] {
    runtime->RequestExit(7);
    runtime->RequestExit(8);
  });
  EXPECT_EQ(runtime->Run(), 7);
}

TEST(PosixRuntime, AnExitAskedForBeforeRunRunsNothing) {
  const auto runtime = CreateRuntime(2);
  runtime->loop(0).Post([] { FAIL(); });
  runtime->RequestExit(3);
  EXPECT_EQ(runtime->Run(), 3);
}

TEST(PosixRuntime, EveryLoopRunsOnAThreadOfItsOwnWithItsName) {
  const auto runtime = CreateRuntime(3);
  ASSERT_EQ(runtime->worker_count(), 3);
  std::vector<std::string> names(3);
  std::vector<std::thread::id> threads(3);
  std::atomic<int> left = 3;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(runtime->loop(i).index(), i);
    runtime->loop(i).Post([&, i] {
      char name[16];
      pthread_getname_np(pthread_self(), name, sizeof(name));
      names[static_cast<size_t>(i)] = name;
      threads[static_cast<size_t>(i)] = std::this_thread::get_id();
      if (--left == 0) runtime->RequestExit(0);
    });
  }
  EXPECT_EQ(runtime->Run(), 0);
  EXPECT_EQ(names, (std::vector<std::string>{"dfly-0", "dfly-1", "dfly-2"}));
  EXPECT_EQ(std::set<std::thread::id>(threads.begin(), threads.end()).size(), 3u);
}

TEST(PosixRuntime, HasAsManyWorkersAsCoresUnlessTold) {
  EXPECT_EQ(CreateRuntime(0)->worker_count(), posix::AvailableCores());
}

TEST(PosixRuntime, ANodeMayCloseItsStreamsAfterRunHasReturned) {
  std::vector<std::unique_ptr<posix::TestPeer>> peers;
  posix::TestNode node(2);
  std::atomic<int> closed = 0;
  const Endpoint listening = node.Listen([&](posix::TestSession& session) {
    session.on_data = [&](absl::string_view data) { session.Send(data); };
    session.on_closed = [&](const absl::Status&) { ++closed; };
  });
  node.RunWhile([&] {
    for (int i = 0; i < 20; ++i) {
      peers.push_back(std::make_unique<posix::TestPeer>(listening));
      peers.back()->Send("x");
      EXPECT_EQ(peers.back()->Receive(1), "x");
    }
  });
  EXPECT_EQ(closed, 0);
  // The node's destructor destroys 20 open streams on this thread.
}

TEST(PosixRuntime, TheFirstSignalCallsBackOnLoopZero) {
  for (const int sent : {SIGTERM, SIGINT}) {
    PosixRuntime* running = nullptr;
    int received = 0;
    PosixOptions options{.workers = 2, .directory = "", .on_signal = nullptr};
    options.on_signal = [&](int signal) {
      received = signal;
      char name[16];
      pthread_getname_np(pthread_self(), name, sizeof(name));
      EXPECT_STREQ(name, "dfly-0");
      running->RequestExit(0);
    };
    const auto runtime = *PosixRuntime::Create(std::move(options));
    running = runtime.get();
    runtime->loop(1).Post([sent] { kill(getpid(), sent); });
    EXPECT_EQ(runtime->Run(), 0);
    EXPECT_EQ(received, sent);
  }
}

TEST(PosixRuntime, SignalsAreAsBeforeOnceItIsGone) {
  {
    PosixOptions options{.workers = 1, .directory = "", .on_signal = nullptr};
    options.on_signal = [](int) {};
    const auto runtime = *PosixRuntime::Create(std::move(options));
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    EXPECT_EQ(sigismember(&blocked, SIGTERM), 1);
  }
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 0);
}

// The first signal's call-back does not end the run; the second signal must not need it.
void RunThroughASignalAndSendASecond() {
  PosixOptions options{.workers = 2, .directory = "", .on_signal = nullptr};
  PosixRuntime* running = nullptr;
  options.on_signal = [&](int) {
    running->loop(1).Post([] { kill(getpid(), SIGTERM); });
    running->loop(0).Stall(20'000'000'000);
  };
  const auto runtime = *PosixRuntime::Create(std::move(options));
  running = runtime.get();
  runtime->loop(1).Post([] { kill(getpid(), SIGTERM); });
  runtime->Run();
}

TEST(PosixRuntimeDeathTest, ASecondSignalEndsTheProcessAtOnceThoughLoopZeroIsBusy) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(RunThroughASignalAndSendASecond(), testing::KilledBySignal(SIGTERM), "");
}

TEST(PosixRuntime, BadOptionsAreErrorsWithOneClearLine) {
  auto message = [](PosixOptions options) {
    return std::string(PosixRuntime::Create(std::move(options)).status().message());
  };
  EXPECT_EQ(message({.workers = 1, .directory = "/no/such/directory", .on_signal = nullptr}),
            "Could not use the directory /no/such/directory: No such file or directory");
  EXPECT_EQ(message({.workers = 1, .directory = "/dev/null", .on_signal = nullptr}),
            "Could not use the directory /dev/null: Not a directory");
  EXPECT_EQ(message({.workers = -1, .directory = "", .on_signal = nullptr}),
            "The number of workers must not be negative");
}

TEST(PosixRuntime, FilesStartInItsDirectory) {
  const std::string directory = testing::TempDir();
  const auto runtime =
      *PosixRuntime::Create({.workers = 1, .directory = directory, .on_signal = nullptr});
  char resolved[PATH_MAX];
  ASSERT_NE(realpath(directory.c_str(), resolved), nullptr);
  EXPECT_EQ(runtime->facts().working_directory, resolved);
  ASSERT_TRUE(runtime->files().Create("runtime_test.txt").ok());
  EXPECT_EQ(access(absl::StrCat(resolved, "/runtime_test.txt").c_str(), F_OK), 0);
  EXPECT_TRUE(runtime->files().Remove("runtime_test.txt").ok());
}

TEST(PosixRuntime, SeedsDifferFromPurposeToPurposeAndFromCallToCall) {
  const auto runtime = CreateRuntime(1);
  std::set<uint64_t> seeds;
  for (int i = 0; i < 100; ++i) {
    seeds.insert(runtime->RandomSeed("run id"));
    seeds.insert(runtime->RandomSeed("hash"));
  }
  EXPECT_EQ(seeds.size(), 200u);
}

TEST(PosixRuntime, ClockMovesForward) {
  const auto runtime = CreateRuntime(1);
  const int64_t before_ns = runtime->clock().MonotonicNs();
  runtime->loop(0).Stall(1'000'000);
  EXPECT_GE(runtime->clock().MonotonicNs(), before_ns + 1'000'000);
  EXPECT_GT(runtime->clock().WallUs(), 1'600'000'000'000'000);  // after September 2020
}

TEST(PosixRuntime, LogsOneLineToStandardError) {
  const auto runtime = CreateRuntime(1);
  testing::internal::CaptureStderr();
  runtime->Log(Runtime::Severity::kInfo, "hello info");
  runtime->Log(Runtime::Severity::kWarning, "hello warning");
  runtime->Log(Runtime::Severity::kError, "hello error");
  const std::string logged = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(absl::StartsWith(logged, "I")) << logged;
  EXPECT_TRUE(absl::StrContains(logged, "hello info\nW")) << logged;
  EXPECT_TRUE(absl::StrContains(logged, "hello warning\nE")) << logged;
  EXPECT_TRUE(absl::EndsWith(logged, "hello error\n")) << logged;
}

}  // namespace
}  // namespace damselfly
