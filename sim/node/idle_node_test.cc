#include <malloc.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sim/node/sim_node.h"
#include "sim/world/decider.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

// Bytes that the process has allocated and not freed, as glibc counts them.
int64_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<int64_t>(info.uordblks + info.hblkhd);
}

// Requires glibc's allocator: sanitizers have their own, and mallinfo2 tells nothing of it.
bool CanMeasure() {
  const int64_t before = AllocatedBytes();
  const std::unique_ptr<char[]> block(new char[1 << 20]);
  // The compiler must not leave the allocation out.
  asm volatile("" : : "r"(block.get()) : "memory");
  return AllocatedBytes() - before >= 1 << 20;
}

void ExpectLessThanAMebibyte(const SimNode::Parameters& parameters) {
  constexpr int kNodeCount = 100;
  constexpr int64_t kBytesMax = 1 << 20;
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  const int64_t before = AllocatedBytes();
  std::vector<std::unique_ptr<SimNode>> nodes;
  for (int i = 0; i < kNodeCount; ++i) {
    Host& host = world.AddHost(absl::StrCat("node ", i), 2, 0);
    nodes.push_back(std::make_unique<SimNode>(&host, parameters));
    nodes.back()->Start();
  }
  world.RunUntil(5 * kSecond);
  const int64_t bytes_per_node = (AllocatedBytes() - before) / kNodeCount;
  if (!CanMeasure()) return;
  std::printf("an idle node of 2 workers costs %lld KiB\n",
              static_cast<long long>(bytes_per_node / 1024));
  EXPECT_GT(bytes_per_node, 0);
  EXPECT_LT(bytes_per_node, kBytesMax);
}

TEST(IdleNode, CostsLessThanAMebibyte) { ExpectLessThanAMebibyte({}); }

TEST(IdleNode, CostsLessThanAMebibyteAsAMemberOfACluster) {
  ExpectLessThanAMebibyte({{"cluster_mode", "yes"}});
}

}  // namespace
}  // namespace damselfly::sim
