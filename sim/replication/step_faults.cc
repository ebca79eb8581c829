#include "sim/replication/step_faults.h"

#include <algorithm>

#include "sim/world/sim_network.h"

namespace damselfly::sim {

StepFaults::StepFaults(World* world, const std::vector<std::unique_ptr<SimNode>>* nodes,
                       Operator* op, const StepFaultOptions& options, ReplicationHistory* history)
    : world_(world),
      nodes_(nodes),
      operator_(op),
      options_(options),
      history_(history),
      decisions_(&world->decider(), "step faults") {}

void StepFaults::OnStep(int replica) {
  if (world_->now_ns() >= options_.end_ns) return;
  decisions_.BeginUnit(++step_count_);
  if (!decisions_.Chance(options_.percent, 100)) return;
  DecisionStream draw(&world_->decider(), "strike", step_count_);
  // Of a full sync of few keys everything happens within milliseconds.
  static constexpr int64_t kDelaysNs[] = {kMillisecond, 10 * kMillisecond, 100 * kMillisecond};
  const int64_t delay_max_ns = kDelaysNs[draw.Below(3)];
  const int64_t at_ns = world_->now_ns() + draw.Between(0, delay_max_ns);
  if (at_ns < options_.end_ns) world_->At(at_ns, [this, replica, draw] { Strike(replica, draw); });
}

void StepFaults::Strike(int replica, DecisionStream draw) {
  const int master = operator_->master_of(replica);
  if (master == Operator::kNone) return;
  SimNode* const replica_node = (*nodes_)[static_cast<size_t>(replica)].get();
  SimNode* const master_node = (*nodes_)[static_cast<size_t>(master)].get();
  const scenario::StepFaults& weights = options_.weights;
  const uint64_t sum = uint64_t{weights.replica_crash()} + weights.master_crash() +
                       weights.pause() + weights.partition() + weights.repoint() +
                       weights.detour() + weights.long_partition();
  if (sum == 0) return;
  uint64_t choice = draw.Below(sum);
  static constexpr int64_t kDurationsNs[] = {20 * kMillisecond, 300 * kMillisecond, 3 * kSecond};
  const int64_t duration_max_ns = kDurationsNs[draw.Below(3)];
  const int64_t end_ns =
      std::min(options_.end_ns, world_->now_ns() + draw.Between(kMillisecond, duration_max_ns));
  const auto chosen = [&choice](uint32_t weight) {
    const bool here = choice < weight;
    choice -= here ? 0 : weight;
    return here;
  };
  if (chosen(weights.replica_crash())) {
    Crash(replica_node, draw);
  } else if (chosen(weights.master_crash())) {
    Crash(master_node, draw);
  } else if (chosen(weights.pause())) {
    SimNode* const node = draw.Chance(1, 2) ? replica_node : master_node;
    if (node->running()) node->host().PauseUntil(end_ns);
    world_->CountExternalEvent();
    history_->Count("struck at a step: pause");
  } else if (chosen(weights.partition())) {
    world_->network().Partition(replica_node->host(), master_node->host(), end_ns);
    world_->CountExternalEvent();
    history_->Count("struck at a step: partition");
  } else if (chosen(weights.long_partition())) {
    const int64_t back_ns = world_->now_ns() + draw.Between(4 * kSecond, 15 * kSecond);
    world_->network().Partition(replica_node->host(), master_node->host(),
                                std::min(options_.end_ns, back_ns));
    world_->CountExternalEvent();
    history_->Count("struck at a step: long partition");
  } else if (chosen(weights.repoint())) {
    operator_->Repoint(replica, draw);
    history_->Count("struck at a step: another master");
  } else {
    operator_->MakeDetour(replica, draw);
  }
}

void StepFaults::Crash(SimNode* node, DecisionStream draw) {
  const bool silent = draw.Chance(1, 3);
  const int64_t back_ns = std::min(options_.end_ns, world_->now_ns() + draw.Between(0, kSecond));
  if (!node->running()) return;
  history_->Count("struck at a step: crash");
  world_->faults().CountEffect(silent ? Fault::kMachineCrash : Fault::kCrash);
  node->Kill(silent ? Host::Death::kSilent : Host::Death::kReset);
  world_->At(back_ns, [node] {
    if (!node->running()) node->Start();
  });
}

}  // namespace damselfly::sim
