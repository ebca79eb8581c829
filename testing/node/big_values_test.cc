// Values of 512 MiB: no quadratic work, no second copy.

#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "testing/harness/client.h"
#include "testing/harness/process_memory.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

constexpr int64_t kMiB = 1 << 20;

TEST(BigValues, HalfAGibibyteGoesInAndOutWithOneCopyInMemory) {
  auto server = *ServerProcess::StartDamselfly({"--threads=1"});
  auto client = *Client::Connect(server->port());
  const int64_t idle_bytes = ResidentBytes(server->process_id());
  const auto begin = std::chrono::steady_clock::now();
  {
    const std::string value(512 * kMiB, 'v');
    EXPECT_EQ(client->Run({"SET", "big", value}), "+OK\r\n");
  }
  EXPECT_EQ(client->Run({"STRLEN", "big"}), absl::StrCat(":", 512 * kMiB, "\r\n"));
  EXPECT_EQ(client->Run({"GET", "big"}).size(), 512 * kMiB + 14);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  EXPECT_LT(ResidentBytesPeak(server->process_id()) - idle_bytes, 600 * kMiB);
  EXPECT_EQ(client->Run({"APPEND", "big", "x"}),
            "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
  EXPECT_EQ(client->Run({"DEL", "big"}), ":1\r\n");
  EXPECT_EQ(client->Run({"PING"}), "+PONG\r\n");
  EXPECT_LT(ResidentBytes(server->process_id()) - idle_bytes, 100 * kMiB);
  EXPECT_EQ(server->Stop(15), 0) << server->Log();
}

}  // namespace
}  // namespace damselfly
