#include "server/posix/process_heap.h"

#if defined(DAMSELFLY_MIMALLOC)
#include <mimalloc.h>
#endif
#include <unistd.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/posix/helper_thread.h"
#include "server/posix/process.h"

namespace damselfly::posix {
namespace {

#if defined(DAMSELFLY_MIMALLOC)
// From look to look at how large the process is.
constexpr std::chrono::milliseconds kWatchDelay(100);

// How long freed pages are kept for the next allocation. Nothing gives them back afterwards until
// others near them are freed, so what a burst of work freed in its last 25 ms (the default) may
// stay for ever: of hashes that have grown to 500 fields, 6 % of their memory.
constexpr long kFreedPagesKeptMs = 1;
#endif

}  // namespace

ProcessHeap::HugePages ProcessHeap::Parse(absl::string_view text) {
  if (text == "no") return HugePages::kNo;
  if (text == "yes") return HugePages::kYes;
  DFLY_CHECK(text == "auto");
  return HugePages::kAuto;
}

#if defined(DAMSELFLY_MIMALLOC)

ProcessHeap::ProcessHeap(HugePages huge_pages, int worker_count) : worker_count_(worker_count) {
  // As a default: what the user has said in the allocator's own environment variables stands.
  mi_option_set_default(mi_option_decommit_delay, kFreedPagesKeptMs);
  if (huge_pages == HugePages::kYes) status_ = TakeHugePages();
  awaits_large_heap_ = huge_pages == HugePages::kAuto;
  thread_ = StartHelperThread([this] { Run(); });
}

ProcessHeap::~ProcessHeap() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ProcessHeap::Run() {
  // A thread that has never allocated has no heap, and mi_collect does nothing there.
  mi_free(mi_malloc(1));
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (std::exchange(release_asked_, false)) {
      lock.unlock();
      mi_collect(/*force=*/true);
      lock.lock();
    } else if (awaits_large_heap_) {
      if (ResidentBytes() >= worker_count_ * kHugeFromBytesAWorker) {
        awaits_large_heap_ = false;
        // Where it fails, all goes on in small pages.
        (void)TakeHugePages();
      }
      wake_.wait_for(lock, kWatchDelay, [this] { return stopping_ || release_asked_; });
    } else {
      wake_.wait(lock, [this] { return stopping_ || release_asked_; });
    }
  }
}

absl::Status ProcessHeap::TakeHugePages() {
  if (!HugePageRegion::IsSupported()) {
    return absl::UnavailableError(
        absl::StrCat("The system has none: ", HugePageRegion::kSetting, " says never"));
  }
  // As much as there is memory: what goes beyond comes from elsewhere.
  const auto bytes =
      static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGE_SIZE));
  auto region = HugePageRegion::Create(bytes, static_cast<size_t>(worker_count_));
  if (!region.ok()) return region.status();
  // Not "committed", so that blocks of the region that are free as a whole are given back.
  const bool taken = mi_manage_os_memory((*region)->data(), (*region)->bytes(),
                                         /*is_committed=*/false, /*is_large=*/false,
                                         /*is_zero=*/true, /*numa_node=*/-1);
  if (!taken) return absl::UnavailableError("The allocator does not take them");
  // But no piece of a block, which would split its page.
  mi_option_set(mi_option_allow_decommit, 0);
  region_ = *std::move(region);
  return absl::OkStatus();
}

void ProcessHeap::ReleaseFreed() {
  mi_collect(/*force=*/false);
  {
    std::lock_guard lock(mutex_);
    release_asked_ = true;
  }
  wake_.notify_one();
}

#else

ProcessHeap::ProcessHeap(HugePages huge_pages, int worker_count) : worker_count_(worker_count) {
  if (huge_pages == HugePages::kYes)
    status_ = absl::UnimplementedError("This build has another allocator, a sanitizer's");
}

ProcessHeap::~ProcessHeap() = default;

void ProcessHeap::ReleaseFreed() {}

#endif

}  // namespace damselfly::posix
