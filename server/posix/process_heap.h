#ifndef DAMSELFLY_SERVER_POSIX_PROCESS_HEAP_H_
#define DAMSELFLY_SERVER_POSIX_PROCESS_HEAP_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/posix/huge_page_region.h"

namespace damselfly::posix {

// How the process's allocator (mimalloc) gets its memory from the system, and gives it back. One
// for each process. In a build with a sanitizer, which brings an allocator of its own, it does
// nothing.
//
// A lookup among millions of keys misses the TLB at the key's bucket and at its entry; with pages
// of 2 MB it does not. A small heap is left in small pages, of which it needs fewer bytes: the
// allocator gives them back one by one, where a page of 2 MB stays until all around it is free.
class ProcessHeap {
 public:
  enum class HugePages {
    kNo,
    kAuto,  // from kHugeFromBytesAWorker on
    kYes,   // from the start
  };
  // "no", "auto" or "yes"; requires one of them.
  static HugePages Parse(absl::string_view text);

  // Resident bytes of the process from which on kAuto takes pages of 2 MB for all that comes, for
  // each worker: a heap a thread makes some such pages ready ahead.
  static constexpr int64_t kHugeFromBytesAWorker = int64_t{64} << 20;

  // To be made before there is much in the heap; `worker_count` is at least 1.
  ProcessHeap(HugePages huge_pages, int worker_count);
  // Ends its threads. The heap stays as it is.
  ~ProcessHeap();
  ProcessHeap(const ProcessHeap&) = delete;
  ProcessHeap& operator=(const ProcessHeap&) = delete;

  // Why there are no pages of 2 MB, although HugePages::kYes asked for them.
  const absl::Status& status() const { return status_; }

  // Gives the system back, soon, what the calling thread's heap has free. The caller only looks
  // through its own pages; to unmap what is free takes far longer, and a thread of this class does
  // it. Any thread.
  void ReleaseFreed();

 private:
  // The thread's: unmaps what is asked for, and looks whether the heap has grown large.
  void Run();
  // From now on the allocator takes its memory from `region_`.
  absl::Status TakeHugePages();

  const int worker_count_;
  absl::Status status_;
  std::unique_ptr<HugePageRegion> region_;

  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  bool awaits_large_heap_ = false;
  bool release_asked_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_PROCESS_HEAP_H_
