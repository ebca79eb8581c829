#include "server/posix/huge_page_region.h"

#include <sys/mman.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <thread>

#include "gtest/gtest.h"
#include "server/posix/test_wait.h"

namespace damselfly::posix {
namespace {

constexpr size_t kPage = HugePageRegion::kPageBytes;
constexpr size_t kBlock = HugePageRegion::kBlockBytes;

bool IsResident(char* page) {
  unsigned char state = 0;
  EXPECT_EQ(mincore(page, 1, &state), 0);
  return (state & 1) != 0;
}

size_t ResidentPages(const HugePageRegion& region) {
  size_t pages = 0;
  for (size_t offset = 0; offset < region.bytes(); offset += kPage)
    pages += IsResident(region.data() + offset) ? 1 : 0;
  return pages;
}

// MADV_POPULATE_WRITE came with Linux 5.14. Without it nothing is made ready.
bool KernelPopulates() {
  void* const page =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool does = madvise(page, 4096, 23) == 0;
  munmap(page, 4096);
  return does;
}

TEST(HugePageRegion, IsWholeAlignedBlocksOfZeros) {
  const auto region = HugePageRegion::Create(kBlock + 1, 1);
  ASSERT_TRUE(region.ok());
  EXPECT_EQ((*region)->bytes(), 2 * kBlock);
  EXPECT_EQ(reinterpret_cast<uintptr_t>((*region)->data()) % kBlock, 0u);
  EXPECT_EQ((*region)->data()[(*region)->bytes() - 1], 0);
}

// Or each of the users would make its first page, a millisecond or more, when it begins.
TEST(HugePageRegion, EachUserFindsItsFirstPagesReadyAndNothingMoreTakesMemory) {
  if (!KernelPopulates()) return;
  const auto region = HugePageRegion::Create(4 * kBlock, 3);
  ASSERT_TRUE(region.ok());
  char* const data = (*region)->data();
  for (size_t block = 0; block < 3; ++block) {
    EXPECT_TRUE(IsResident(data + block * kBlock)) << block;
    EXPECT_TRUE(IsResident(data + block * kBlock + kPage)) << block;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(ResidentPages(**region), 6u);
}

TEST(HugePageRegion, EachUserFindsThePageThatItsNextBlockBeginsWith) {
  if (!KernelPopulates()) return;
  const auto region = HugePageRegion::Create(6 * kBlock, 2);
  ASSERT_TRUE(region.ok());
  char* const data = (*region)->data();
  // As far as the first page of the second half.
  std::memset(data, 'x', kBlock / 2 + kPage);
  EXPECT_TRUE(WithinSeconds([&] { return IsResident(data + kBlock); }));
  std::memset(data + kBlock, 'x', kBlock / 2 + kPage);
  for (size_t block = 2; block < 4; ++block)
    EXPECT_TRUE(WithinSeconds([&] { return IsResident(data + block * kBlock); })) << block;
  EXPECT_FALSE(IsResident(data + 4 * kBlock));
}

TEST(HugePageRegion, PagesAreReadyBeforeTheyAreUsedAndFewMoreThanThat) {
  if (!KernelPopulates()) return;
  const auto region = HugePageRegion::Create(4 * kBlock, 1);
  ASSERT_TRUE(region.ok());
  char* const data = (*region)->data();
  for (size_t offset = 0; offset < 2 * kBlock; offset += kPage) {
    EXPECT_TRUE(WithinSeconds([&] { return IsResident(data + offset); })) << offset / kPage;
    std::memset(data + offset, 'x', kPage);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LE(ResidentPages(**region), 2 * kBlock / kPage + 8);
}

// By a worker that is as fast as the thread, at the very word that makes a page ready.
TEST(HugePageRegion, WhatIsWrittenWhileAPageIsMadeReadyStays) {
  if (!KernelPopulates()) return;
  for (int round = 0; round < 50; ++round) {
    const auto region = HugePageRegion::Create(2 * kBlock, 1);
    ASSERT_TRUE(region.ok());
    char* const data = (*region)->data();
    for (size_t offset = 0; offset < 2 * kBlock; offset += kPage) {
      auto* const word = reinterpret_cast<volatile uint64_t*>(data + offset);
      constexpr uint64_t kWrites = 100000;
      for (uint64_t i = 0; i < kWrites; ++i) *word = *word + 1;
      ASSERT_EQ(*word, kWrites) << "round " << round << " page " << offset / kPage;
    }
    // The address space stays mapped, its memory need not.
    madvise(data, 2 * kBlock, MADV_DONTNEED);
  }
}

// As an allocator with a heap a thread does it.
TEST(HugePageRegion, SeveralBlocksAreFilledAtATime) {
  if (!KernelPopulates()) return;
  const auto region = HugePageRegion::Create(4 * kBlock, 3);
  ASSERT_TRUE(region.ok());
  char* const data = (*region)->data();
  for (size_t block = 0; block < 3; ++block) std::memset(data + block * kBlock, 'x', 1);
  for (size_t block = 0; block < 3; ++block)
    EXPECT_TRUE(WithinSeconds([&] { return IsResident(data + block * kBlock + kPage); })) << block;
}

TEST(HugePageRegion, ABlockThatWasGivenBackIsMadeReadyAnewWhenItIsUsedAgain) {
  if (!KernelPopulates()) return;
  const auto region = HugePageRegion::Create(2 * kBlock, 1);
  ASSERT_TRUE(region.ok());
  char* const data = (*region)->data();
  std::memset(data, 'x', kBlock);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  ASSERT_EQ(madvise(data, kBlock, MADV_DONTNEED), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_FALSE(IsResident(data));
  EXPECT_FALSE(IsResident(data + kPage));
  std::memset(data, 'x', 1);
  EXPECT_TRUE(WithinSeconds([&] { return IsResident(data + kPage); }));
}

TEST(HugePageRegion, MoreAddressSpaceThanThereIsIsRefused) {
  const auto region = HugePageRegion::Create(size_t{1} << 60, 1);
  EXPECT_FALSE(region.ok());
}

}  // namespace
}  // namespace damselfly::posix
