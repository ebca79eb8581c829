#ifndef DAMSELFLY_SERVER_POSIX_HUGE_PAGE_REGION_H_
#define DAMSELFLY_SERVER_POSIX_HUGE_PAGE_REGION_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"

namespace damselfly::posix {

// Address space for a heap, in pages of 2 MB that are made ready before they are needed.
//
// Lookups in a table of many small pages miss the TLB each time; with pages of 2 MB they hardly
// ever do. But the first touch of such a page takes a millisecond or so, which must not be a
// worker's: a thread of the region's own touches some pages ahead of whoever allocates. Where the
// kernel has no huge pages, or no MADV_POPULATE_WRITE (Linux 5.14), it is memory like any other.
//
// The allocator is to take blocks of kBlockBytes, lowest first, and to fill each from its
// beginning; what it has used is told by bytes that are not zero, and that it has given a block
// back (MADV_DONTNEED) by its first page. Being wrong about that costs time only.
class HugePageRegion {
 public:
  static constexpr size_t kBlockBytes = size_t{32} << 20;
  static constexpr size_t kPageBytes = size_t{2} << 20;

  // "always [madvise] never", as the administrator has it (Linux: admin-guide/mm/transhuge.rst).
  static constexpr char kSetting[] = "/sys/kernel/mm/transparent_hugepage/enabled";
  // Whether the kernel has such pages and does not refuse them.
  static bool IsSupported();

  // Reserves `bytes` (rounded up to whole blocks) of address space, aligned to a block, and begins
  // to watch it. `user_count`, at least 1, threads will fill a block each at a time: the first
  // pages of so many blocks are ready when this returns, after some milliseconds for each, and
  // nothing else has memory behind it. The region stays mapped until the process ends: memory of a
  // heap may be in use for so long.
  static absl::StatusOr<std::unique_ptr<HugePageRegion>> Create(size_t bytes, size_t user_count);
  // Ends the thread; the address space stays.
  ~HugePageRegion();
  HugePageRegion(const HugePageRegion&) = delete;
  HugePageRegion& operator=(const HugePageRegion&) = delete;

  char* data() const { return data_; }
  size_t bytes() const { return blocks_.size() * kBlockBytes; }

 private:
  static constexpr size_t kPagesPerBlock = kBlockBytes / kPageBytes;

  // In pages from the block's beginning. Of the watching thread.
  struct Block {
    uint8_t ready = 0;  // touched by us, or by whoever was faster
    uint8_t used = 0;
  };

  HugePageRegion(char* data, size_t block_count, size_t user_count);

  void Watch();
  // The pages that are to be there before anybody comes. False as with Populate.
  bool MakeFirstPagesReady();
  void AwaitFirstPages();
  // One look at all blocks that are or may soon be in use. Returns whether anything has changed.
  bool Pass();
  void NoteUse(size_t block);
  // Blocks that nobody uses yet and somebody will soon.
  size_t CountSpares() const;
  // Looks at the next block in turn: what the allocator has given back is made ready anew.
  void NoteEnd();
  // Makes the block's next page ready. False: the kernel does not do that.
  bool Populate(size_t block);
  char* PageAt(size_t block, size_t page) const {
    return data_ + block * kBlockBytes + page * kPageBytes;
  }

  char* const data_;
  std::vector<Block> blocks_;
  const size_t user_count_;
  size_t blocks_watched_;  // up to the last in use, and the next ones
  size_t looked_back_at_ = 0;
  bool can_populate_ = true;

  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  bool first_pages_are_ready_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_HUGE_PAGE_REGION_H_
