#include "server/posix/process.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"

// There in programs that are linked with mimalloc.
extern "C" int mi_version() __attribute__((weak));

namespace damselfly {
namespace {

// Descriptors that are neither clients' nor loops': listeners, files, links to other nodes (Redis
// reserves as many).
constexpr rlim_t kReservedDescriptors = 32;

// An epoll instance and an eventfd.
constexpr rlim_t kDescriptorsPerLoop = 2;

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Returns what the soft limit is afterwards.
rlim_t RaiseSoftLimit(rlim_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;  // the least that systems give
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  const rlimit raised{.rlim_cur = wanted, .rlim_max = std::max(wanted, limit.rlim_max)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return wanted;
  const rlimit up_to_hard{.rlim_cur = std::min(wanted, limit.rlim_max), .rlim_max = limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &up_to_hard) == 0) return up_to_hard.rlim_cur;
  return limit.rlim_cur;
}

}  // namespace

ClientLimit RaiseOpenFilesLimit(int clients_wanted, int workers) {
  DFLY_CHECK_GT(clients_wanted, 0);
  DFLY_CHECK_GT(workers, 0);
  const rlim_t reserved = kReservedDescriptors + static_cast<rlim_t>(workers) * kDescriptorsPerLoop;
  const rlim_t wanted = static_cast<rlim_t>(clients_wanted) + reserved;
  const rlim_t reached = RaiseSoftLimit(wanted);
  if (reached >= wanted) return {.clients_max = clients_wanted, .warning = ""};
  const int clients_max = reached > reserved ? static_cast<int>(reached - reserved) : 1;
  return {.clients_max = clients_max,
          .warning =
              absl::StrCat("maxclients ", clients_wanted, " needs ", wanted,
                           " open files, but the system allows ", reached, ": maxclients is now ",
                           clients_max, ". Raise 'ulimit -n' to serve more clients.")};
}

namespace posix {

int AvailableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(CPU_COUNT(&set), 1);
  return std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
}

ProcessFacts ReadProcessFacts(std::string working_directory) {
  ProcessFacts facts;
  facts.process_id = getpid();
  utsname system{};
  if (uname(&system) == 0)
    facts.os = absl::StrCat(system.sysname, " ", system.release, " ", system.machine);
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  if (length > 0) facts.executable_path.assign(path, static_cast<size_t>(length));
  facts.working_directory = std::move(working_directory);
  facts.multiplexing_api = "epoll";
#ifdef __clang__
  facts.compiler_version =
      absl::StrCat(__clang_major__, ".", __clang_minor__, ".", __clang_patchlevel__);
#else
  facts.compiler_version = absl::StrCat(__GNUC__, ".", __GNUC_MINOR__, ".", __GNUC_PATCHLEVEL__);
#endif
  // mimalloc's version, 212 for 2.1.2.
  if (mi_version != nullptr)
    facts.memory_allocator =
        absl::StrCat("mimalloc-", mi_version() / 100, ".", mi_version() / 10 % 10);
  return facts;
}

int64_t ResidentBytes() {
  FILE* const statm = fopen("/proc/self/statm", "re");
  if (statm == nullptr) return 0;
  long long total_pages = 0;
  long long resident_pages = 0;
  if (fscanf(statm, "%lld %lld", &total_pages, &resident_pages) != 2) resident_pages = 0;
  fclose(statm);
  return resident_pages * sysconf(_SC_PAGESIZE);
}

ProcessUsage ReadProcessUsage() {
  ProcessUsage usage;
  usage.resident_bytes = ResidentBytes();
  rusage own{};
  if (getrusage(RUSAGE_SELF, &own) == 0) {
    usage.cpu_user_seconds = Seconds(own.ru_utime);
    usage.cpu_system_seconds = Seconds(own.ru_stime);
    // The kernel updates the peak in batches, so a fresh resident size may be above it.
    usage.resident_bytes_peak =
        std::max<int64_t>(int64_t{own.ru_maxrss} * 1024, usage.resident_bytes);
  }
  rusage children{};
  if (getrusage(RUSAGE_CHILDREN, &children) == 0) {
    usage.cpu_children_user_seconds = Seconds(children.ru_utime);
    usage.cpu_children_system_seconds = Seconds(children.ru_stime);
  }
  struct sysinfo system {};
  if (sysinfo(&system) == 0)
    usage.system_memory_bytes = static_cast<int64_t>(system.totalram) * system.mem_unit;
  return usage;
}

}  // namespace posix
}  // namespace damselfly
