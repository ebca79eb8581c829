#include "server/admin/info_replication.h"

#include "absl/strings/str_cat.h"
#include "server/session/server_state.h"

namespace damselfly {
namespace {

// Appends "name:value\r\n".
template <typename T>
void Field(std::string* text, absl::string_view name, const T& value) {
  absl::StrAppend(text, name, ":", value, "\r\n");
}

// A node that has no replication (a part of one, in tests) is a master by itself.
ReplicationFacts FactsOf(ServerState& server) {
  if (server.replication() != nullptr) return server.replication()->Facts();
  ReplicationFacts facts;
  facts.is_replica = server.is_replica.load(std::memory_order_relaxed);
  facts.lineage_id = server.run_id();
  return facts;
}

void WriteReplicas(const ReplicationFacts& facts, bool words_of_redis, std::string* text) {
  Field(text, "connected_slaves", facts.replicas.size());
  for (size_t i = 0; i < facts.replicas.size(); ++i) {
    const ReplicaFacts& replica = facts.replicas[i];
    const bool renamed = !words_of_redis && replica.state == "online";
    absl::StrAppend(text, "slave", i, ":ip=", replica.host, ",port=", replica.port,
                    ",state=", renamed ? "stable_sync" : replica.state,
                    ",lag=", replica.lag_records, ",lag_bytes=", replica.lag_bytes, "\r\n");
  }
}

void WriteMaster(const ReplicationFacts& facts, const Config& config, std::string* text) {
  Field(text, "master_host", facts.master_host);
  Field(text, "master_port", facts.master_port);
  Field(text, "master_link_status", facts.link_up ? "up" : "down");
  Field(text, "master_last_io_seconds_ago", facts.last_io_seconds);
  Field(text, "master_sync_in_progress", facts.sync_in_progress ? 1 : 0);
  // That it is there tells tools that a sync has been completed.
  if (facts.applied_records.has_value()) Field(text, "slave_repl_offset", *facts.applied_records);
  Field(text, "slave_priority", config.integer(Parameter::replica_priority));
  Field(text, "slave_read_only", 1);
  Field(text, "psync_attempts", facts.partial_sync_attempts);
  Field(text, "psync_successes", facts.partial_sync_successes);
  Field(text, "master_reconnect_count", facts.reconnect_count);
}

}  // namespace

void WriteInfoReplication(ServerState& server, std::string* text) {
  const ReplicationFacts facts = FactsOf(server);
  const bool words_of_redis =
      server.config().boolean(Parameter::info_replication_valkey_compatible);
  const absl::string_view replica_word = words_of_redis ? "slave" : "replica";
  Field(text, "role", facts.is_replica ? replica_word : "master");
  if (facts.is_replica) WriteMaster(facts, server.config(), text);
  WriteReplicas(facts, words_of_redis, text);
  Field(text, "master_failover_state", "no-failover");
  Field(text, "master_replid", facts.lineage_id);
  const bool forked = !facts.previous_lineage_id.empty();
  Field(text, "master_replid2", forked ? facts.previous_lineage_id : std::string(40, '0'));
  const uint64_t records =
      facts.is_replica ? facts.applied_records.value_or(0) : facts.journal_records;
  Field(text, "master_repl_offset", records);
  Field(text, "second_repl_offset", forked ? static_cast<int64_t>(facts.fork_records) : -1);
  Field(text, "repl_backlog_active", facts.backlog_bytes > 0 ? 1 : 0);
  Field(text, "repl_backlog_size",
        server.config().integer(Parameter::shard_repl_backlog_max_bytes));
  Field(text, "repl_backlog_first_byte_offset", 0);
  Field(text, "repl_backlog_histlen", facts.backlog_bytes);
}

}  // namespace damselfly
