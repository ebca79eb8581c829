#include "server/admin/memory_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace damselfly {
namespace {

// Below this, ratios say more about the program than about its data.
constexpr int64_t kJudgedBytesMin = 5 << 20;
constexpr double kPeakRatioMax = 1.5;
constexpr double kFragmentationRatioMax = 1.4;
constexpr int64_t kFragmentationBytesMin = 10 << 20;
constexpr int64_t kBytesPerClientMax = 200 << 10;

void Field(ReplyWriter& reply, absl::string_view name, int64_t value) {
  reply.Bulk(name);
  reply.Integer(value);
}

void RatioField(ReplyWriter& reply, absl::string_view name, double value) {
  reply.Bulk(name);
  reply.Double(value);
}

void WriteDatabase(ReplyWriter& reply, const DatabaseKeys& database) {
  reply.Bulk(absl::StrCat("db.", database.database));
  reply.Map(3);
  Field(reply, "overhead.hashtable.main", database.keys * kTableBytesPerKey);
  Field(reply, "overhead.hashtable.expires", database.expiring_keys * kDeadlineBytes);
  Field(reply, "overhead.hashtable.slot-to-keys", 0);
}

}  // namespace

void WriteMemoryStats(const MemoryFigures& figures, absl::Span<const DatabaseKeys> databases,
                      ReplyWriter& reply) {
  const int64_t unused_bytes = figures.resident_bytes - figures.used_bytes;
  constexpr size_t kFields = 27;  // beside the databases
  reply.Map(kFields + databases.size());
  Field(reply, "peak.allocated", figures.peak_bytes);
  Field(reply, "total.allocated", figures.used_bytes);
  Field(reply, "startup.allocated", 0);
  Field(reply, "replication.backlog", figures.backlog_bytes);
  Field(reply, "clients.slaves", figures.replicas_bytes);
  Field(reply, "clients.normal", figures.clients_bytes);
  Field(reply, "cluster.links", 0);
  Field(reply, "aof.buffer", 0);
  Field(reply, "lua.caches", 0);
  Field(reply, "functions.caches", 0);
  for (const DatabaseKeys& database : databases) WriteDatabase(reply, database);
  Field(reply, "overhead.total", figures.overhead_bytes());
  Field(reply, "keys.count", figures.key_count);
  Field(reply, "keys.bytes-per-key",
        figures.key_count == 0 ? 0 : figures.used_bytes / figures.key_count);
  Field(reply, "dataset.bytes", figures.data_bytes());
  RatioField(reply, "dataset.percentage", figures.data_percentage());
  RatioField(reply, "peak.percentage", figures.peak_percentage());
  Field(reply, "allocator.allocated", figures.used_bytes);
  Field(reply, "allocator.active", figures.resident_bytes);
  Field(reply, "allocator.resident", figures.resident_bytes);
  RatioField(reply, "allocator-fragmentation.ratio", figures.fragmentation_ratio());
  Field(reply, "allocator-fragmentation.bytes", unused_bytes);
  RatioField(reply, "allocator-rss.ratio", 1);
  Field(reply, "allocator-rss.bytes", 0);
  RatioField(reply, "rss-overhead.ratio", 1);
  Field(reply, "rss-overhead.bytes", 0);
  RatioField(reply, "fragmentation", figures.fragmentation_ratio());
  Field(reply, "fragmentation.bytes", unused_bytes);
}

std::string MemoryDoctorReport(const MemoryFigures& figures, int64_t client_count) {
  if (figures.used_bytes < kJudgedBytesMin) {
    return "There is too little data to judge how memory is used.\n";
  }
  std::string report;
  if (static_cast<double>(figures.peak_bytes) >
      kPeakRatioMax * static_cast<double>(figures.used_bytes)) {
    absl::StrAppendFormat(&report,
                          "- Peak: %s were in use at one time, %s are now. The allocator may keep "
                          "what has been freed for later "
                          "use, so that the process looks larger than its data.\n",
                          HumanBytes(figures.peak_bytes), HumanBytes(figures.used_bytes));
  }
  if (figures.fragmentation_ratio() > kFragmentationRatioMax &&
      figures.resident_bytes - figures.used_bytes > kFragmentationBytesMin) {
    absl::StrAppendFormat(
        &report,
        "- Fragmentation: the process holds %s for %s of data and clients (ratio %.2f). Values of "
        "very different sizes that come and go leave gaps; they are used again as data comes in.\n",
        HumanBytes(figures.resident_bytes), HumanBytes(figures.used_bytes),
        figures.fragmentation_ratio());
  }
  const int64_t bytes_per_client = figures.clients_bytes / std::max<int64_t>(client_count, 1);
  if (bytes_per_client > kBytesPerClientMax) {
    absl::StrAppendFormat(
        &report,
        "- Clients: %d clients hold %s each on average. Long pipelines, or replies that are not "
        "read, do that: CLIENT LIST (omem, qbuf) tells which clients.\n",
        client_count, HumanBytes(bytes_per_client));
  }
  if (report.empty()) return "Nothing unusual in how memory is used.\n";
  return absl::StrCat("What is unusual in how memory is used:\n\n", report);
}

std::string AllocationReport(const MemoryFigures& figures) {
  return absl::StrFormat(
      "entries, values and tables: %d bytes\n"
      "  of these, waiting to be freed: %d bytes\n"
      "clients and their buffers: %d bytes\n"
      "replicas and their buffers: %d bytes\n"
      "changes kept for replicas: %d bytes\n"
      "most at one time: %d bytes\n"
      "resident in the process: %d bytes\n"
      "The allocator's own statistics are not collected.\n",
      figures.dataset_bytes, figures.background_bytes, figures.clients_bytes,
      figures.replicas_bytes, figures.backlog_bytes, figures.peak_bytes, figures.resident_bytes);
}

}  // namespace damselfly
