#include "server/posix/process_heap.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/posix/huge_page_region.h"
#include "server/posix/process.h"
#include "server/posix/test_wait.h"

namespace damselfly::posix {
namespace {

TEST(ProcessHeap, KnowsItsModesByName) {
  EXPECT_EQ(ProcessHeap::Parse("no"), ProcessHeap::HugePages::kNo);
  EXPECT_EQ(ProcessHeap::Parse("auto"), ProcessHeap::HugePages::kAuto);
  EXPECT_EQ(ProcessHeap::Parse("yes"), ProcessHeap::HugePages::kYes);
}

#if defined(DAMSELFLY_MIMALLOC)

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr size_t kEntryBytes = 1024;
// The allocator takes memory in blocks of this size. One may stay whole for what little is left in
// it, of each kind of pages.
constexpr int64_t kBlockKeptBytes = 32 * kMiB;

// Blocks of a heap, as entries are: written, all of a kind.
class Blocks {
 public:
  void Add(int64_t bytes) {
    for (int64_t done = 0; done < bytes; done += kEntryBytes) {
      blocks_.push_back(static_cast<char*>(std::malloc(kEntryBytes)));
      std::memset(blocks_.back(), 'x', kEntryBytes);
    }
  }
  void Free() {
    for (char* block : blocks_) std::free(block);
    blocks_.clear();
    blocks_.shrink_to_fit();
  }
  ~Blocks() { Free(); }

 private:
  std::vector<char*> blocks_;
};

// Whether the kernel leaves pages small unless it is asked ("always [madvise] never").
bool OnlyWhereAsked() {
  std::ifstream file(HugePageRegion::kSetting);
  std::string setting;
  return std::getline(file, setting) && setting.find("[madvise]") != std::string::npos;
}

int64_t HugePageBytes() {
  std::ifstream file("/proc/self/smaps");
  int64_t kilobytes = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    int64_t count = 0;
    if (words >> name >> count && name == "AnonHugePages:") kilobytes += count;
  }
  return kilobytes * 1024;
}

TEST(ProcessHeap, WhatIsFreeGoesBackWhenAsked) {
  ProcessHeap heap(ProcessHeap::HugePages::kNo, 1);
  EXPECT_TRUE(heap.status().ok());
  const int64_t before = ResidentBytes();
  Blocks blocks;
  blocks.Add(128 * kMiB);
  EXPECT_GT(ResidentBytes(), before + 128 * kMiB);
  if (OnlyWhereAsked()) {
    EXPECT_EQ(HugePageBytes(), 0);
  }
  blocks.Free();
  heap.ReleaseFreed();
  const int64_t kept = before + kBlockKeptBytes + 16 * kMiB;
  EXPECT_TRUE(WithinSeconds([&] { return ResidentBytes() < kept; }));
}

// The last test: what it changes stays so for the process.
TEST(ProcessHeap, ALargeHeapGoesOnInHugePagesAndGivesThemBackToo) {
  ProcessHeap heap(ProcessHeap::HugePages::kAuto, 1);
  const int64_t before = ResidentBytes();
  Blocks small, large;
  small.Add(ProcessHeap::kHugeFromBytesAWorker / 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  if (OnlyWhereAsked()) {
    EXPECT_EQ(HugePageBytes(), 0);
  }
  small.Add(ProcessHeap::kHugeFromBytesAWorker / 2);
  if (HugePageRegion::IsSupported()) {
    EXPECT_TRUE(WithinSeconds([&] {
      if (ResidentBytes() < before + 512 * kMiB) large.Add(4 * kMiB);
      return HugePageBytes() >= 64 * kMiB;
    }));
  }
  large.Add(64 * kMiB);
  EXPECT_GT(ResidentBytes(), before + 128 * kMiB);
  small.Free();
  large.Free();
  heap.ReleaseFreed();
  const int64_t kept = before + 2 * kBlockKeptBytes + 16 * kMiB;
  EXPECT_TRUE(WithinSeconds([&] { return ResidentBytes() < kept; }));
}

#else

TEST(ProcessHeap, ASanitizersHeapIsLeftAlone) {
  EXPECT_FALSE(ProcessHeap(ProcessHeap::HugePages::kYes, 1).status().ok());
  ProcessHeap heap(ProcessHeap::HugePages::kAuto, 1);
  EXPECT_TRUE(heap.status().ok());
  heap.ReleaseFreed();
}

#endif

}  // namespace
}  // namespace damselfly::posix
