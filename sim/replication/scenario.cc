#include "sim/replication/scenario.h"

#include "absl/strings/match.h"
#include "sim/cluster/scenario_judge.h"

namespace damselfly::sim {
namespace {

void JudgeMix(ScenarioJudge* judge, const scenario::ReplicationMix& mix) {
  const uint64_t sum = uint64_t{mix.get()} + mix.set() + mix.set_expiring() + mix.del() +
                       mix.pair_write() + mix.transaction() + mix.pair_read() + mix.increment() +
                       mix.append() + mix.big() + mix.flush() + mix.wait() + mix.role() +
                       mix.other();
  judge->Expect(sum > 0, "mix", "all weights are zero");
  judge->Expect(sum <= 1'000'000, "mix", "the weights add up to more than 1000000");
}

void JudgeOperator(ScenarioJudge* judge, scenario::Operation* op) {
  judge->Bound("operation.repoints", 0, 0, 0, 1000, op->mutable_repoints());
  judge->Bound("operation.takeovers", 0, 0, 0, 1000, op->mutable_takeovers());
  judge->Bound("operation.failovers", 0, 0, 0, 1000, op->mutable_failovers());
  judge->Bound("operation.detours", 0, 0, 0, 1000, op->mutable_detours());
  judge->Bound("operation.slot_moves", 0, 0, 0, 1000, op->mutable_slot_moves());
  judge->Bound("operation.takeover_s", 1, 10, 0, 100, op->mutable_takeover_s());
  judge->Bound("operation.push_delay_ms", 0, 50, 0, 60'000, op->mutable_push_delay_ms());
}

}  // namespace

bool IsReplicationScenario(absl::string_view text) {
  return absl::StrContains(text, "# proto-message: ReplicationScenario");
}

absl::StatusOr<scenario::ReplicationScenario> ParseReplicationScenario(absl::string_view text,
                                                                       absl::string_view name) {
  scenario::ReplicationScenario scenario;
  const absl::Status parsed = ParseScenarioText(text, name, &scenario);
  if (!parsed.ok()) return parsed;
  ScenarioJudge judge(name);
  judge.Bound("nodes", 2, 4, 2, 20, scenario.mutable_nodes());
  judge.Bound("masters", 1, 1, 1, 10, scenario.mutable_masters());
  judge.Expect(scenario.masters().max() < scenario.nodes().min(), "masters",
               "there must be a replica");
  judge.Expect(scenario.cluster() || scenario.operation().slot_moves().max() == 0,
               "operation.slot_moves", "only in a cluster");
  judge.Bound("workers", 1, 3, 1, 16, scenario.mutable_workers());
  judge.Bound("clients", 1, 4, 1, 100, scenario.mutable_clients());
  judge.Bound("keys", 2, 10, 1, 1000, scenario.mutable_keys());
  judge.Bound("think_us", 1000, 20'000, 1, 10'000'000, scenario.mutable_think_us());
  judge.Bound("big_bytes", 65'000, 200'000, 1, 10'000'000, scenario.mutable_big_bytes());
  judge.Bound("replica_output_bytes", 0, 0, 0, 1'000'000'000,
              scenario.mutable_replica_output_bytes());
  judge.Bound("queue_clients", 0, 0, 0, 100, scenario.mutable_queue_clients());
  judge.Bound("phases.faults_ms", 500, 2500, 1, 3'600'000,
              scenario.mutable_phases()->mutable_faults_ms());
  judge.Bound("phases.quiet_ms", 50, 300, 1, 3'600'000,
              scenario.mutable_phases()->mutable_quiet_ms());
  judge.Percent("step_fault_percent", scenario.step_fault_percent());
  JudgeMix(&judge, scenario.mix());
  JudgeOperator(&judge, scenario.mutable_operation());
  judge.Faults(scenario.faults());
  judge.Expectations(scenario.expect());
  if (!judge.status().ok()) return judge.status();
  return scenario;
}

}  // namespace damselfly::sim
