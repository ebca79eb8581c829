#include "server/admin/info_sections.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/admin/info_replication.h"
#include "server/admin/info_statistics.h"
#include "server/admin/memory_figures.h"
#include "server/base/version.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// Appends "name:value\r\n".
template <typename T>
void Field(std::string* text, absl::string_view name, const T& value) {
  absl::StrAppend(text, name, ":", value, "\r\n");
}

// A number of bytes, and the same for people to read.
void BytesField(std::string* text, absl::string_view name, int64_t bytes) {
  Field(text, name, bytes);
  absl::StrAppend(text, name, "_human:", HumanBytes(bytes), "\r\n");
}

void WriteServer(ServerState& server, std::string* text) {
  const ProcessFacts& facts = server.runtime().facts();
  Config& config = server.config();
  const int64_t wall_us = server.runtime().clock().WallUs();
  const int64_t uptime_s =
      (server.runtime().clock().MonotonicNs() - server.start_monotonic_ns()) / 1000000000;
  Field(text, "redis_version", kRedisVersion);
  Field(text, "redis_git_sha1", "00000000");
  Field(text, "redis_git_dirty", 0);
  Field(text, "redis_build_id", "0");
  Field(text, "redis_mode", server.cluster_mode() == ClusterMode::kOff ? "standalone" : "cluster");
  Field(text, "os", facts.os);
  Field(text, "arch_bits", 64);
  Field(text, "monotonic_clock", "POSIX clock_gettime");
  Field(text, "multiplexing_api", facts.multiplexing_api);
  Field(text, "atomicvar_api", "c11-builtin");
  Field(text, "gcc_version", facts.compiler_version);
  Field(text, "process_id", facts.process_id);
  Field(text, "process_supervised", "no");
  Field(text, "run_id", server.run_id());
  Field(text, "tcp_port", server.bound_port.load(std::memory_order_relaxed));
  Field(text, "server_time_usec", wall_us);
  Field(text, "uptime_in_seconds", uptime_s);
  Field(text, "uptime_in_days", uptime_s / 86400);
  Field(text, "hz", config.integer(Parameter::hz));
  Field(text, "configured_hz", config.integer(Parameter::hz));
  // Redis's clock of accesses: 24 bits of seconds.
  Field(text, "lru_clock", wall_us / 1000000 & 0xffffff);
  Field(text, "executable", facts.executable_path);
  Field(text, "config_file", config.text(Parameter::config_file));
  Field(text, "io_threads_active", 0);
  Field(text, "damselfly_version", kVersion);
  Field(text, "worker_threads", server.worker_count());
}

void WriteClients(ServerState& server, std::string* text) {
  int64_t blocked = 0;
  int64_t timed = 0;
  int64_t input_bytes_max = 0;
  int64_t output_bytes_max = 0;
  server.clients().ForEach([&](ClientInfo& info) {
    blocked += info.HasFlag(ClientInfo::kBlocked | ClientInfo::kPaused) ? 1 : 0;
    timed += info.HasFlag(ClientInfo::kTimedBlock) ? 1 : 0;
    input_bytes_max =
        std::max(input_bytes_max, info.query_buffer_bytes.load(std::memory_order_relaxed));
    output_bytes_max =
        std::max(output_bytes_max, info.output_bytes.load(std::memory_order_relaxed));
    return true;
  });
  Field(text, "connected_clients", server.clients().size());
  Field(text, "cluster_connections", 0);
  Field(text, "maxclients", server.config().integer(Parameter::maxclients));
  Field(text, "client_recent_max_input_buffer", input_bytes_max);
  Field(text, "client_recent_max_output_buffer", output_bytes_max);
  Field(text, "blocked_clients", blocked);
  Field(text, "tracking_clients", server.tracking().client_count());
  Field(text, "clients_in_timeout_table", timed);
}

// What Redis tells of Lua, functions and its allocator's arenas is zero here, as none of these
// exist.
void WriteMemory(ServerState& server, std::string* text) {
  const MemoryFigures memory = CollectMemoryFigures(server);
  BytesField(text, "used_memory", memory.used_bytes);
  BytesField(text, "used_memory_rss", memory.resident_bytes);
  BytesField(text, "used_memory_peak", memory.peak_bytes);
  Field(text, "used_memory_peak_perc", absl::StrFormat("%.2f%%", memory.peak_percentage()));
  Field(text, "used_memory_overhead", memory.overhead_bytes());
  Field(text, "used_memory_startup", 0);
  Field(text, "used_memory_dataset", memory.data_bytes());
  Field(text, "used_memory_dataset_perc", absl::StrFormat("%.2f%%", memory.data_percentage()));
  Field(text, "allocator_allocated", memory.used_bytes);
  Field(text, "allocator_active", memory.resident_bytes);
  Field(text, "allocator_resident", memory.resident_bytes);
  BytesField(text, "total_system_memory", memory.system_bytes);
  Field(text, "used_memory_lua", 0);
  Field(text, "used_memory_vm_eval", 0);
  Field(text, "used_memory_lua_human", HumanBytes(0));
  Field(text, "used_memory_scripts_eval", 0);
  Field(text, "number_of_cached_scripts", 0);
  Field(text, "number_of_functions", 0);
  Field(text, "number_of_libraries", 0);
  Field(text, "used_memory_vm_functions", 0);
  BytesField(text, "used_memory_vm_total", 0);
  Field(text, "used_memory_functions", 0);
  BytesField(text, "used_memory_scripts", 0);
  BytesField(text, "maxmemory", server.config().integer(Parameter::maxmemory));
  Field(text, "maxmemory_policy", server.config().text(Parameter::maxmemory_policy));
  Field(text, "allocator_frag_ratio", absl::StrFormat("%.2f", memory.fragmentation_ratio()));
  Field(text, "allocator_frag_bytes", memory.resident_bytes - memory.used_bytes);
  Field(text, "allocator_rss_ratio", "1.00");
  Field(text, "allocator_rss_bytes", 0);
  Field(text, "rss_overhead_ratio", "1.00");
  Field(text, "rss_overhead_bytes", 0);
  Field(text, "mem_fragmentation_ratio", absl::StrFormat("%.2f", memory.fragmentation_ratio()));
  Field(text, "mem_fragmentation_bytes", memory.resident_bytes - memory.used_bytes);
  const int64_t replication_bytes = memory.replicas_bytes + memory.backlog_bytes;
  Field(text, "mem_not_counted_for_evict", replication_bytes);
  Field(text, "mem_replication_backlog", memory.backlog_bytes);
  Field(text, "mem_total_replication_buffers", replication_bytes);
  Field(text, "mem_clients_slaves", memory.replicas_bytes);
  Field(text, "mem_clients_normal", memory.clients_bytes);
  Field(text, "mem_cluster_links", 0);
  Field(text, "mem_aof_buffer", 0);
  Field(text, "mem_allocator", server.runtime().facts().memory_allocator);
  Field(text, "active_defrag_running", 0);
  const StoreCountersSnapshot counters = server.store().TotalCounters();
  Field(text, "lazyfree_pending_objects", counters.background_keys);
  Field(text, "lazyfreed_objects", counters.freed_keys);
}

// Nothing is ever loaded from a file, or saved: these are a Redis's that has persistence switched
// off. What a replica loads comes from its master.
void WritePersistence(ServerState& server, std::string* text) {
  const bool loading =
      server.service_state.load(std::memory_order_relaxed) == ServiceState::kLoading;
  Field(text, "loading", loading ? 1 : 0);
  absl::StrAppend(
      text,
      "async_loading:0\r\ncurrent_cow_peak:0\r\ncurrent_cow_size:0\r\n"
      "current_cow_size_age:0\r\ncurrent_fork_perc:0.00\r\ncurrent_save_keys_processed:0\r\n"
      "current_save_keys_total:0\r\n");
  Field(text, "rdb_changes_since_last_save", server.store().TotalCounters().dirty);
  Field(text, "rdb_bgsave_in_progress", 0);
  Field(text, "rdb_last_save_time", server.start_wall_ms() / 1000);
  absl::StrAppend(
      text,
      "rdb_last_bgsave_status:ok\r\nrdb_last_bgsave_time_sec:-1\r\nrdb_current_bgsave_time_sec:-"
      "1\r\n"
      "rdb_saves:0\r\nrdb_last_cow_size:0\r\nrdb_last_load_keys_expired:0\r\n"
      "rdb_last_load_keys_loaded:0\r\naof_enabled:0\r\naof_rewrite_in_progress:0\r\n"
      "aof_rewrite_scheduled:0\r\naof_last_rewrite_time_sec:-1\r\naof_current_rewrite_time_sec:-"
      "1\r\n"
      "aof_last_bgrewrite_status:ok\r\naof_rewrites:0\r\naof_rewrites_consecutive_failures:0\r\n"
      "aof_last_write_status:ok\r\naof_last_cow_size:0\r\nmodule_fork_in_progress:0\r\n"
      "module_fork_last_cow_size:0\r\n");
}

void WriteCpu(ServerState& server, std::string* text) {
  const ProcessUsage usage = server.runtime().Usage();
  const auto seconds = [text](absl::string_view name, double value) {
    Field(text, name, absl::StrFormat("%.6f", value));
  };
  seconds("used_cpu_sys", usage.cpu_system_seconds);
  seconds("used_cpu_user", usage.cpu_user_seconds);
  seconds("used_cpu_sys_children", usage.cpu_children_system_seconds);
  seconds("used_cpu_user_children", usage.cpu_children_user_seconds);
}

void WriteModules(ServerState&, std::string*) {}

void WriteCluster(ServerState& server, std::string* text) {
  Field(text, "cluster_enabled", server.cluster_mode() == ClusterMode::kOff ? 0 : 1);
  Field(text, "migration_errors_total", 0);
  Field(text, "total_migrated_keys", 0);
}

void WriteKeyspace(ServerState& server, std::string* text) {
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    const uint64_t keys = server.store().KeyCount(database);
    if (keys == 0) continue;
    absl::StrAppend(text, "db", database, ":keys=", keys,
                    ",expires=", server.store().ExpiringKeyCount(database),
                    ",avg_ttl=", server.store().AverageTtlMs(database), "\r\n");
  }
}

struct SectionSpec {
  absl::string_view name;   // as asked for
  absl::string_view title;  // as shown
  bool is_default;
  void (*write)(ServerState& server, std::string* text);
};

// Indexed by InfoSection.
constexpr SectionSpec kSections[kInfoSectionCount] = {
    {"server", "Server", true, WriteServer},
    {"clients", "Clients", true, WriteClients},
    {"memory", "Memory", true, WriteMemory},
    {"persistence", "Persistence", true, WritePersistence},
    {"stats", "Stats", true, WriteInfoStats},
    {"replication", "Replication", true, WriteInfoReplication},
    {"cpu", "CPU", true, WriteCpu},
    {"modules", "Modules", true, WriteModules},
    {"commandstats", "Commandstats", false, WriteInfoCommandStats},
    {"errorstats", "Errorstats", true, WriteInfoErrorStats},
    {"latencystats", "Latencystats", false, WriteInfoLatencyStats},
    {"cluster", "Cluster", true, WriteCluster},
    {"keyspace", "Keyspace", true, WriteKeyspace},
};

uint32_t SelectOne(absl::string_view name) {
  const bool everything =
      absl::EqualsIgnoreCase(name, "all") || absl::EqualsIgnoreCase(name, "everything");
  const bool defaults = absl::EqualsIgnoreCase(name, "default");
  uint32_t selected = 0;
  for (int i = 0; i < kInfoSectionCount; ++i) {
    if (everything || (defaults && kSections[i].is_default) ||
        absl::EqualsIgnoreCase(name, kSections[i].name)) {
      selected |= 1u << i;
    }
  }
  return selected;
}

}  // namespace

uint32_t SelectInfoSections(absl::Span<const absl::string_view> names) {
  if (names.empty()) return SelectOne("default");
  uint32_t selected = 0;
  for (absl::string_view name : names) selected |= SelectOne(name);
  return selected;
}

std::string WriteInfo(ServerState& server, uint32_t sections) {
  std::string text;
  for (int i = 0; i < kInfoSectionCount; ++i) {
    if ((sections >> i & 1) == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : "\r\n", "# ", kSections[i].title, "\r\n");
    kSections[i].write(server, &text);
  }
  return text;
}

}  // namespace damselfly
