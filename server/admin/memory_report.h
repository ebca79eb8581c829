#ifndef DAMSELFLY_SERVER_ADMIN_MEMORY_REPORT_H_
#define DAMSELFLY_SERVER_ADMIN_MEMORY_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/admin/memory_figures.h"
#include "server/resp/reply_writer.h"

namespace damselfly {

struct DatabaseKeys {
  int database = 0;
  int64_t keys = 0;
  int64_t expiring_keys = 0;
};

// MEMORY STATS: Redis's fields, as a map. What is not there (scripts, cluster links) is 0.
// total.allocated is overhead.total and dataset.bytes, and overhead.total is what stands before it.
// The allocator's figures are the process's: what it asks of the system is not told apart.
void WriteMemoryStats(const MemoryFigures& figures, absl::Span<const DatabaseKeys> databases,
                      ReplyWriter& reply);

// MEMORY DOCTOR.
std::string MemoryDoctorReport(const MemoryFigures& figures, int64_t client_count);

// MEMORY MALLOC-STATS. The allocator keeps its own statistics to itself: this tells what the node
// counts.
std::string AllocationReport(const MemoryFigures& figures);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_MEMORY_REPORT_H_
