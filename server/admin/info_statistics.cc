#include "server/admin/info_statistics.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

struct StatsTotals {
  int64_t connections_received = 0;
  int64_t connections_rejected = 0;
  int64_t commands_processed = 0;
  int64_t input_bytes = 0;
  int64_t output_bytes = 0;
  int64_t error_replies = 0;
  int64_t reads_processed = 0;
  int64_t writes_processed = 0;
  int64_t query_buffer_limit_disconnections = 0;
  int64_t output_buffer_limit_disconnections = 0;
};

StatsTotals SumOverWorkers(ServerState& server) {
  StatsTotals totals;
  for (int i = 0; i < server.worker_count(); ++i) {
    const WorkerStats& stats = server.worker(i).stats();
    totals.connections_received += stats.connections_received.get();
    totals.connections_rejected += stats.connections_rejected.get();
    totals.commands_processed += stats.commands_processed.get();
    totals.input_bytes += stats.input_bytes.get();
    totals.output_bytes += stats.output_bytes.get();
    totals.error_replies += stats.error_replies.get();
    totals.reads_processed += stats.reads_processed.get();
    totals.writes_processed += stats.writes_processed.get();
    totals.query_buffer_limit_disconnections += stats.query_buffer_limit_disconnections.get();
    totals.output_buffer_limit_disconnections += stats.output_buffer_limit_disconnections.get();
  }
  return totals;
}

// For how long more than maxmemory has been in use: in all, and this time.
struct ExceededTime {
  int64_t total_ms = 0;
  int64_t current_ms = 0;
};

ExceededTime TimeExceeded(ServerState& server) {
  ExceededTime time;
  const int64_t since_ms = server.exceeded_since_ms.load(std::memory_order_relaxed);
  if (since_ms != 0)
    time.current_ms = std::max<int64_t>(server.runtime().clock().WallUs() / 1000 - since_ms, 0);
  time.total_ms = server.exceeded_ms.load(std::memory_order_relaxed) + time.current_ms;
  return time;
}

void ForEachCommand(ServerState& server, absl::FunctionRef<void(const Command&)> visitor) {
  for (const Command& command : server.commands().commands()) {
    visitor(command);
    for (const Command& subcommand : command.subcommands) visitor(subcommand);
  }
}

// Percentiles that INFO latencystats shows.
constexpr std::pair<double, absl::string_view> kPercentiles[] = {
    {50, "p50"}, {99, "p99"}, {99.9, "p99.9"}};

}  // namespace

// Rates in kilobytes, as Redis has them. What counts forks, scripts and the like is zero: there
// are none.
void WriteInfoStats(ServerState& server, std::string* text) {
  const StatsTotals totals = SumOverWorkers(server);
  const StoreCountersSnapshot counters = server.store().TotalCounters();
  const ExceededTime exceeded = TimeExceeded(server);
  const Activity::Rates rates = server.activity().rates();
  absl::StrAppend(text, "total_connections_received:", totals.connections_received,
                  "\r\ntotal_commands_processed:", totals.commands_processed,
                  "\r\ninstantaneous_ops_per_sec:", std::llround(rates.commands_per_second),
                  "\r\ntotal_net_input_bytes:", totals.input_bytes,
                  "\r\ntotal_net_output_bytes:", totals.output_bytes,
                  "\r\ntotal_net_repl_input_bytes:0\r\ntotal_net_repl_output_bytes:0\r\n");
  absl::StrAppendFormat(text, "instantaneous_input_kbps:%.2f\r\ninstantaneous_output_kbps:%.2f\r\n",
                        rates.input_bytes_per_second / 1024, rates.output_bytes_per_second / 1024);
  absl::StrAppend(
      text, "instantaneous_input_repl_kbps:0.00\r\ninstantaneous_output_repl_kbps:0.00",
      "\r\nrejected_connections:", totals.connections_rejected,
      "\r\nsync_full:0\r\nsync_partial_ok:0\r\nsync_partial_err:0",
      "\r\nexpired_keys:", counters.expired_keys,
      "\r\nexpired_stale_perc:0.00\r\nexpired_time_cap_reached_count:0",
      "\r\nexpire_cycle_cpu_milliseconds:0\r\nevicted_keys:", counters.evicted_keys,
      "\r\nevicted_clients:0\r\ntotal_eviction_exceeded_time:", exceeded.total_ms,
      "\r\ncurrent_eviction_exceeded_time:", exceeded.current_ms,
      "\r\nkeyspace_hits:", counters.keyspace_hits,
      "\r\nkeyspace_misses:", counters.keyspace_misses,
      "\r\npubsub_channels:", server.pubsub().NameCount(SubscriptionKind::kChannel),
      "\r\npubsub_patterns:", server.pubsub().NameCount(SubscriptionKind::kPattern),
      "\r\npubsubshard_channels:", server.pubsub().NameCount(SubscriptionKind::kShardChannel),
      "\r\nlatest_fork_usec:0\r\ntotal_forks:0\r\nmigrate_cached_sockets:0\r\nslave_expires_"
      "tracked_keys:0",
      "\r\nactive_defrag_hits:0\r\nactive_defrag_misses:0\r\nactive_defrag_key_hits:0",
      "\r\nactive_defrag_key_misses:0\r\ntotal_active_defrag_time:0\r\ncurrent_active_defrag_time:"
      "0");
  absl::StrAppend(
      text, "\r\ntracking_total_keys:", server.store().tracked_key_count(),
      "\r\ntracking_total_items:", server.store().tracked_reader_count(),
      "\r\ntracking_total_prefixes:", server.tracking().prefix_count(),
      "\r\nunexpected_error_replies:0\r\ntotal_error_replies:", totals.error_replies,
      "\r\ndump_payload_sanitizations:0\r\ntotal_reads_processed:", totals.reads_processed,
      "\r\ntotal_writes_processed:", totals.writes_processed,
      "\r\nio_threaded_reads_processed:0\r\nio_threaded_writes_processed:0",
      "\r\nreply_buffer_shrinks:0\r\nreply_buffer_expands:0",
      "\r\nclient_query_buffer_limit_disconnections:", totals.query_buffer_limit_disconnections,
      "\r\nclient_output_buffer_limit_disconnections:", totals.output_buffer_limit_disconnections,
      "\r\n");
}

void WriteInfoCommandStats(ServerState& server, std::string* text) {
  ForEachCommand(server, [&](const Command& command) {
    int64_t calls = 0;
    int64_t nanoseconds = 0;
    int64_t rejected = 0;
    int64_t failed = 0;
    for (int i = 0; i < server.worker_count(); ++i) {
      const CommandStats& stats = server.worker(i).command_stats(command.id);
      calls += stats.calls.get();
      nanoseconds += stats.nanoseconds.get();
      rejected += stats.rejected_calls.get();
      failed += stats.failed_calls.get();
    }
    if (calls == 0 && rejected == 0 && failed == 0) return;
    const double per_call_us =
        calls == 0 ? 0 : static_cast<double>(nanoseconds) / 1000 / static_cast<double>(calls);
    absl::StrAppendFormat(
        text,
        "cmdstat_%s:calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d\r\n",
        command.full_name, calls, nanoseconds / 1000, per_call_us, rejected, failed);
  });
}

void WriteInfoErrorStats(ServerState& server, std::string* text) {
  for (const auto& [code, count] : server.error_stats().Counts()) {
    absl::StrAppend(text, "errorstat_", code, ":count=", count, "\r\n");
  }
}

void WriteInfoLatencyStats(ServerState& server, std::string* text) {
  ForEachCommand(server, [&](const Command& command) {
    const LatencySummary summary = SummarizeLatency(server, command);
    if (summary.total() == 0) return;
    absl::StrAppend(text, "latency_percentiles_usec_", command.full_name, ":");
    absl::string_view separator = "";
    for (const auto& [percent, name] : kPercentiles) {
      absl::StrAppendFormat(text, "%s%s=%.3f", separator, name,
                            static_cast<double>(summary.PercentileNs(percent)) / 1000);
      separator = ",";
    }
    absl::StrAppend(text, "\r\n");
  });
}

LatencySummary SummarizeLatency(ServerState& server, const Command& command) {
  LatencySummary summary;
  for (int i = 0; i < server.worker_count(); ++i) {
    const LatencyHistogram* histogram = server.worker(i).command_stats(command.id).histogram();
    if (histogram != nullptr) summary.Add(*histogram);
  }
  return summary;
}

}  // namespace damselfly
