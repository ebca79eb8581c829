#include "server/posix/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <climits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(OpenFilesLimit, IsLeftAloneWhenItIsEnough) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const ClientLimit limit = RaiseOpenFilesLimit(1, 1);
  EXPECT_EQ(limit.clients_max, 1);
  EXPECT_EQ(limit.warning, "");
  rlimit after{};
  getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_EQ(after.rlim_cur, before.rlim_cur);
}

TEST(OpenFilesLimit, IsRaisedToWhatTheClientsNeed) {
  rlimit low{};
  getrlimit(RLIMIT_NOFILE, &low);
  low.rlim_cur = 128;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const ClientLimit limit = RaiseOpenFilesLimit(200, 20);
  EXPECT_EQ(limit.clients_max, 200);
  EXPECT_EQ(limit.warning, "");
  rlimit after{};
  getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_EQ(after.rlim_cur, 272u);
}

TEST(OpenFilesLimit, SaysHowManyClientsItAllowsWhenTheSystemRefusesMore) {
  // More than the kernel's default ceiling (fs.nr_open) for anybody.
  const ClientLimit limit = RaiseOpenFilesLimit(INT_MAX - 100, 1);
  rlimit after{};
  getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_EQ(limit.clients_max, static_cast<int>(after.rlim_cur) - 34);
  EXPECT_TRUE(
      absl::StrContains(limit.warning, absl::StrCat("maxclients is now ", limit.clients_max, ".")))
      << limit.warning;
}

TEST(Process, FactsAreThoseOfThisProcess) {
  const ProcessFacts facts = posix::ReadProcessFacts("/somewhere");
  EXPECT_EQ(facts.process_id, getpid());
  EXPECT_TRUE(absl::StartsWith(facts.os, "Linux ")) << facts.os;
  EXPECT_TRUE(absl::StrContains(facts.executable_path, "process_test")) << facts.executable_path;
  EXPECT_EQ(facts.working_directory, "/somewhere");
  EXPECT_EQ(facts.multiplexing_api, "epoll");
  EXPECT_GT(facts.compiler_version.size(), 4u);
}

TEST(Process, UsageGrowsWithUse) {
  const ProcessUsage before = posix::ReadProcessUsage();
  EXPECT_GT(before.resident_bytes, 0);
  EXPECT_GE(before.resident_bytes_peak, before.resident_bytes);
  EXPECT_GT(before.system_memory_bytes, before.resident_bytes);
  constexpr size_t kBytes = 64 << 20;
  std::vector<char> block(kBytes, 'x');
  volatile size_t sum = 0;
  do {
    for (const char byte : block) sum = sum + static_cast<size_t>(byte);
  } while (posix::ReadProcessUsage().cpu_user_seconds <= before.cpu_user_seconds);
  const ProcessUsage after = posix::ReadProcessUsage();
  EXPECT_GE(after.resident_bytes, before.resident_bytes + static_cast<int64_t>(kBytes / 2));
  EXPECT_GE(after.resident_bytes_peak, after.resident_bytes);
}

TEST(Process, HasAtLeastOneCore) { EXPECT_GE(posix::AvailableCores(), 1); }

}  // namespace
}  // namespace damselfly
