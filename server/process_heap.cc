#include "server/process_heap.h"

#if defined(DAMSELFLY_MIMALLOC)
#include <mimalloc.h>
#endif
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "server/base/check.h"
#include "server/posix/process.h"

namespace damselfly {
namespace {

// From look to look at how large the process is.
constexpr std::chrono::milliseconds kWatchDelay(100);

#if defined(DAMSELFLY_MIMALLOC)
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

ProcessHeap::ProcessHeap(HugePages huge_pages, int worker_count) {
#if defined(DAMSELFLY_MIMALLOC)
  // As a default: what the user has said in the allocator's own environment variables stands.
  mi_option_set_default(mi_option_decommit_delay, kFreedPagesKeptMs);
#endif
  if (huge_pages == HugePages::kYes) status_ = TakeHugePages();
  if (huge_pages != HugePages::kAuto || !posix::HugePageRegion::IsSupported()) return;
  const int64_t wanted = worker_count * kHugeFromBytesAWorker;
  // Signals are for those who watch for them: a thread inherits the mask.
  sigset_t all, before;
  sigfillset(&all);
  DFLY_CHECK_EQ(pthread_sigmask(SIG_SETMASK, &all, &before), 0);
  watch_ = std::thread([this, wanted] { Watch(wanted); });
  DFLY_CHECK_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
}

ProcessHeap::~ProcessHeap() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (watch_.joinable()) watch_.join();
}

void ProcessHeap::Watch(int64_t resident_bytes_wanted) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (posix::ResidentBytes() >= resident_bytes_wanted) {
      // Where it fails, all goes on in small pages.
      (void)TakeHugePages();
      return;
    }
    wake_.wait_for(lock, kWatchDelay, [this] { return stopping_; });
  }
}

absl::Status ProcessHeap::TakeHugePages() {
#if defined(DAMSELFLY_MIMALLOC)
  // As much as there is memory: what goes beyond comes from elsewhere.
  const auto bytes =
      static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGE_SIZE));
  auto region = posix::HugePageRegion::Create(bytes);
  if (!region.ok()) return region.status();
  // Of what is allocated from now on, no small piece is given back, which would split its page; and
  // not "committed", so that whole blocks are.
  mi_option_set(mi_option_allow_decommit, 0);
  const bool taken = mi_manage_os_memory((*region)->data(), (*region)->bytes(),
                                         /*is_committed=*/false, /*is_large=*/false,
                                         /*is_zero=*/true, /*numa_node=*/-1);
  if (!taken) return absl::UnavailableError("The allocator does not take them");
  region_ = *std::move(region);
  return absl::OkStatus();
#else
  return absl::UnimplementedError("This build has another allocator, a sanitizer's");
#endif
}

void ProcessHeap::ReleaseFreed() {
#if defined(DAMSELFLY_MIMALLOC)
  mi_collect(/*force=*/true);
#endif
}

}  // namespace damselfly
