#include "server/posix/huge_page_region.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "server/base/check.h"
#include "server/posix/errno_status.h"
#include "server/posix/helper_thread.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23  // linux/mman.h
#endif

namespace damselfly::posix {
namespace {

// How far ahead pages are made ready: a sixteenth of what is used, within these bounds. A worker
// that fills 400 MB a second uses up two pages between two looks.
constexpr size_t kPagesAheadMin = 2;
constexpr size_t kPagesAheadMax = 8;
constexpr size_t kAheadShare = 16;

// Blocks that are asked at each look whether they are in use any more.
constexpr size_t kBlocksLookedBackAt = 16;

// From look to look, while pages are used up and while none is.
constexpr std::chrono::milliseconds kBusyDelay(10);
constexpr std::chrono::milliseconds kIdleDelay(50);

// Where it is looked for bytes that are not zero: the smallest unit in which an allocator hands
// out memory, at its beginning, and somewhat behind that, as objects need not begin with it.
constexpr size_t kSliceBytes = 64 * 1024;
constexpr size_t kProbeOffsets[] = {0, 1024};
constexpr size_t kProbeWords = 64;

// Others write there at the same time. Whatever is read will do.
__attribute__((no_sanitize("thread", "address"))) bool HasContent(const char* slice) {
  for (const size_t offset : kProbeOffsets) {
    const volatile uint64_t* const words =
        reinterpret_cast<const volatile uint64_t*>(slice + offset);
    for (size_t i = 0; i < kProbeWords; ++i) {
      if (words[i] != 0) return true;
    }
  }
  return false;
}

bool PageHasContent(const char* page) {
  for (size_t offset = 0; offset < HugePageRegion::kPageBytes; offset += kSliceBytes) {
    if (HasContent(page + offset)) return true;
  }
  return false;
}

// Has the kernel make the page, as a write would, and leaves what is there as it is, whoever else
// writes. Spelled out, as compilers make a mere load of an operation that changes nothing.
void Touch(char* page) {
  asm volatile("lock orl $0, %0" : "+m"(*reinterpret_cast<uint32_t*>(page)));
}

// Unlike a look at its content this makes no page.
bool IsResident(char* page) {
  unsigned char state = 0;
  return mincore(page, 1, &state) == 0 && (state & 1) != 0;
}

}  // namespace

bool HugePageRegion::IsSupported() {
  std::ifstream file(kSetting);
  std::string setting;
  return std::getline(file, setting) && !absl::StrContains(setting, "[never]");
}

absl::StatusOr<std::unique_ptr<HugePageRegion>> HugePageRegion::Create(size_t bytes,
                                                                       size_t user_count) {
  DFLY_CHECK_GE(user_count, 1u);
  const size_t block_count = std::max<size_t>(1, (bytes + kBlockBytes - 1) / kBlockBytes);
  // One block more, for the alignment.
  const size_t mapped_bytes = (block_count + 1) * kBlockBytes;
  void* const mapped = mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return ErrnoStatus(errno, "Could not reserve address space");
  const auto address = reinterpret_cast<uintptr_t>(mapped);
  char* const data =
      reinterpret_cast<char*>((address + kBlockBytes - 1) / kBlockBytes * kBlockBytes);
  // Without it, or where it is switched off, pages are small.
  (void)madvise(data, block_count * kBlockBytes, MADV_HUGEPAGE);
  std::unique_ptr<HugePageRegion> region(new HugePageRegion(data, block_count, user_count));
  region->AwaitFirstPages();
  return region;
}

HugePageRegion::HugePageRegion(char* data, size_t block_count, size_t user_count)
    : data_(data),
      blocks_(block_count),
      user_count_(std::min(user_count, block_count)),
      blocks_watched_(user_count_) {
  thread_ = StartHelperThread([this] { Watch(); });
}

HugePageRegion::~HugePageRegion() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void HugePageRegion::Watch() {
  // Workers come first: whoever wakes up takes the core from such a thread at once.
  const sched_param none{};
  (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
  can_populate_ = MakeFirstPagesReady();
  std::unique_lock lock(mutex_);
  first_pages_are_ready_ = true;
  wake_.notify_all();
  while (!stopping_ && can_populate_) {
    lock.unlock();
    const bool busy = Pass();
    lock.lock();
    wake_.wait_for(lock, busy ? kBusyDelay : kIdleDelay, [this] { return stopping_; });
  }
}

bool HugePageRegion::MakeFirstPagesReady() {
  for (size_t page = 0; page < kPagesAheadMin; ++page) {
    for (size_t block = 0; block < user_count_; ++block) {
      if (!Populate(block)) return false;
    }
  }
  return true;
}

void HugePageRegion::AwaitFirstPages() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return first_pages_are_ready_; });
}

bool HugePageRegion::Pass() {
  size_t used_pages = 0;
  size_t blocks_used = 0;  // up to the last
  for (size_t block = 0; block < blocks_watched_; ++block) {
    NoteUse(block);
    used_pages += blocks_[block].used;
    if (blocks_[block].used > 0) blocks_used = block + 1;
  }
  // So many may be taken until the next look.
  blocks_watched_ = std::min(blocks_.size(), std::max(blocks_watched_, blocks_used + user_count_));

  for (size_t i = 0; i < std::min(blocks_watched_, kBlocksLookedBackAt); ++i) NoteEnd();

  const size_t ahead = std::clamp(used_pages / kAheadShare, kPagesAheadMin, kPagesAheadMax);
  size_t spares = CountSpares();
  bool changed = false;
  for (size_t block = 0; block < blocks_watched_; ++block) {
    Block& each = blocks_[block];
    size_t wanted = 0;
    if (each.used > 0) {
      wanted = each.used + ahead;
    } else if (spares > 0) {
      wanted = 1;
      --spares;
    }
    while (each.ready < std::min(wanted, kPagesPerBlock)) {
      if (!Populate(block)) return false;
      changed = true;
    }
  }
  return changed;
}

size_t HugePageRegion::CountSpares() const {
  // One for each that is being filled, once it is half full. Those that are being filled are the
  // last, as many as there are threads that do it.
  size_t spares = 0;
  size_t looked_at = 0;
  for (size_t block = blocks_watched_; block > 0 && looked_at < user_count_; --block) {
    const Block& each = blocks_[block - 1];
    if (each.used == 0) continue;
    ++looked_at;
    if (each.used > kPagesPerBlock / 2) ++spares;
  }
  return spares;
}

void HugePageRegion::NoteUse(size_t block) {
  Block& each = blocks_[block];
  while (each.ready < kPagesPerBlock && IsResident(PageAt(block, each.ready))) ++each.ready;
  for (size_t page = each.ready; page > each.used; --page) {
    if (PageHasContent(PageAt(block, page - 1))) {
      each.used = static_cast<uint8_t>(page);
      return;
    }
  }
}

void HugePageRegion::NoteEnd() {
  if (++looked_back_at_ >= blocks_watched_) looked_back_at_ = 0;
  Block& each = blocks_[looked_back_at_];
  if (each.used > 0 && !IsResident(PageAt(looked_back_at_, 0))) each = Block();
}

bool HugePageRegion::Populate(size_t block) {
  Block& each = blocks_[block];
  DFLY_CHECK_LT(size_t{each.ready}, kPagesPerBlock);
  // The kernel clears the page in the course of a fault, which needs no lock but of this mapping
  // (Linux 6.4). Under madvise it would hold that of the whole address space, and a worker that
  // takes a block (mprotect) would wait for it: milliseconds, as this thread gives way to others.
  // Where there is no large page, it takes madvise to make the small ones.
  Touch(PageAt(block, each.ready));
  if (madvise(PageAt(block, each.ready), kPageBytes, MADV_POPULATE_WRITE) != 0) {
    // Not this kernel's (EINVAL), or no memory: workers will see.
    can_populate_ = false;
    return false;
  }
  ++each.ready;
  return true;
}

}  // namespace damselfly::posix
