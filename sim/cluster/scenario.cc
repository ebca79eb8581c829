#include "sim/cluster/scenario.h"

#include "sim/cluster/scenario_judge.h"

namespace damselfly::sim {
namespace {

void JudgeControlPlane(ScenarioJudge* judge, scenario::ControlPlane* plane) {
  judge->Bound("control_plane.changes", 3, 20, 0, 10'000, plane->mutable_changes());
  judge->Bound("control_plane.slots_moved", 1, 6000, 1, 16384, plane->mutable_slots_moved());
  judge->Bound("control_plane.delay_ms", 0, 20, 0, 60'000, plane->mutable_delay_ms());
  judge->Percent("control_plane.return_percent", plane->return_percent());
  judge->Percent("control_plane.duplicate_percent", plane->duplicate_percent());
  judge->Percent("control_plane.skip_percent", plane->skip_percent());
  judge->Percent("control_plane.invalid_percent", plane->invalid_percent());
}

void JudgeMix(ScenarioJudge* judge, const scenario::Mix& mix) {
  const uint64_t sum = uint64_t{mix.get()} + mix.set() + mix.del() + mix.pair_write() +
                       mix.pair_read() + mix.transaction() + mix.watch() + mix.cross_slot() +
                       mix.introspect();
  judge->Expect(sum > 0, "mix", "all weights are zero");
  judge->Expect(sum <= 1'000'000, "mix", "the weights add up to more than 1000000");
}

}  // namespace

bool ParseFault(absl::string_view name, Fault* out) {
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (FaultName(static_cast<Fault>(i)) != name) continue;
    *out = static_cast<Fault>(i);
    return true;
  }
  return false;
}

absl::StatusOr<scenario::ClusterScenario> ParseClusterScenario(absl::string_view text,
                                                               absl::string_view name) {
  scenario::ClusterScenario scenario;
  const absl::Status parsed = ParseScenarioText(text, name, &scenario);
  if (!parsed.ok()) return parsed;
  ScenarioJudge judge(name);
  judge.Bound("nodes", 2, 5, 1, 1000, scenario.mutable_nodes());
  judge.Bound("workers", 1, 3, 1, 16, scenario.mutable_workers());
  judge.Bound("clients", 1, 5, 1, 1000, scenario.mutable_clients());
  judge.Bound("keys", 4, 24, 1, 10'000, scenario.mutable_keys());
  judge.Bound("think_us", 1000, 20'000, 1, 10'000'000, scenario.mutable_think_us());
  judge.Bound("looks", 2, 20, 0, 10'000, scenario.mutable_looks());
  judge.Bound("subscribers", 0, 0, 0, 1000, scenario.mutable_subscribers());
  judge.Bound("channels", 0, 0, 0, 1000, scenario.mutable_channels());
  judge.Bound("queue_clients", 0, 0, 0, 100, scenario.mutable_queue_clients());
  judge.Expect(scenario.subscribers().max() == 0 || scenario.channels().min() > 0, "channels",
               "subscribers need at least one");
  judge.Bound("phases.faults_ms", 300, 1500, 1, 3'600'000,
              scenario.mutable_phases()->mutable_faults_ms());
  judge.Bound("phases.quiet_ms", 50, 300, 1, 3'600'000,
              scenario.mutable_phases()->mutable_quiet_ms());
  JudgeMix(&judge, scenario.mix());
  JudgeControlPlane(&judge, scenario.mutable_control_plane());
  judge.Faults(scenario.faults());
  judge.Expectations(scenario.expect());
  if (!judge.status().ok()) return judge.status();
  return scenario;
}

}  // namespace damselfly::sim
