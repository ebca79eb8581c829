#include "sim/sweep/fault_driver.h"

#include <algorithm>

#include "sim/world/sim_network.h"

namespace damselfly::sim {

FaultDriver::FaultDriver(World* world, const std::vector<std::unique_ptr<SimNode>>* nodes,
                         const std::vector<Host*>* client_hosts, int64_t heal_ns)
    : world_(world),
      nodes_(nodes),
      client_hosts_(client_hosts),
      heal_ns_(heal_ns),
      decisions_(&world->decider(), "host faults") {}

void FaultDriver::Start() {
  PlanDeaths(Fault::kCrash, Host::Death::kReset);
  PlanDeaths(Fault::kMachineCrash, Host::Death::kSilent);
  PlanPartitions();
  PlanClockSteps();
  PlanHostPauses();
}

void FaultDriver::PlanDeaths(Fault fault, Host::Death death) {
  if (!world_->faults().drawn(fault)) return;
  BeginUnit(fault, 0);
  const int64_t count = decisions_.Between(1, 3);
  for (int64_t i = 0; i < count; ++i) {
    BeginUnit(fault, i + 1);
    if (!decisions_.Acts()) continue;
    SimNode* const node = &RandomNode();
    const int64_t die_ns = decisions_.Between(1, heal_ns_ - 1);
    // At once, after a while, or with the healing.
    const int64_t back_ns = std::min(heal_ns_, die_ns + decisions_.Between(0, kSecond));
    world_->At(die_ns, [this, node, fault, death, back_ns] {
      if (!node->running()) return;
      world_->trace().Add(world_->now_ns(), node->host().id(), TraceKind::kFault,
                          static_cast<uint64_t>(fault));
      world_->faults().CountEffect(fault);
      node->Kill(death);
      world_->At(back_ns, [node] {
        if (!node->running()) node->Start();
      });
    });
  }
}

void FaultDriver::PlanPartitions() {
  if (!world_->faults().drawn(Fault::kPartition)) return;
  BeginUnit(Fault::kPartition, 0);
  const int64_t count = decisions_.Between(1, 4);
  for (int64_t i = 0; i < count; ++i) {
    BeginUnit(Fault::kPartition, i + 1);
    if (!decisions_.Acts()) continue;
    Host* const node_host = &RandomNode().host();
    Host* const client_host = (*client_hosts_)[decisions_.Below(client_hosts_->size())];
    const int64_t begin_ns = decisions_.Between(1, heal_ns_ - 1);
    const int64_t end_ns =
        std::min(heal_ns_, begin_ns + decisions_.Between(10 * kMillisecond, 2 * kSecond));
    world_->At(begin_ns, [this, node_host, client_host, end_ns] {
      world_->trace().Add(world_->now_ns(), node_host->id(), TraceKind::kFault, client_host->id());
      world_->CountExternalEvent();
      world_->network().Partition(*node_host, *client_host, end_ns);
    });
  }
}

void FaultDriver::PlanClockSteps() {
  if (!world_->faults().drawn(Fault::kClockStep)) return;
  BeginUnit(Fault::kClockStep, 0);
  const int64_t count = decisions_.Between(1, 4);
  for (int64_t i = 0; i < count; ++i) {
    BeginUnit(Fault::kClockStep, i + 1);
    if (!decisions_.Acts()) continue;
    Host* const host = &RandomNode().host();
    const int64_t at_ns = decisions_.Between(1, heal_ns_ - 1);
    // From a millisecond to minutes, either way.
    const int64_t size_us = int64_t{1000} << decisions_.Below(18);
    const int64_t delta_us = decisions_.Chance(1, 2) ? -size_us : size_us;
    world_->At(at_ns, [this, host, delta_us] {
      world_->trace().Add(world_->now_ns(), host->id(), TraceKind::kFault,
                          static_cast<uint64_t>(delta_us));
      world_->faults().CountEffect(Fault::kClockStep);
      host->clock().StepWall(delta_us);
      if (delta_us < 0 && world_->mutant() == Mutant::kStepBackLies)
        host->clock().AddLieUs(delta_us);
    });
  }
}

void FaultDriver::PlanHostPauses() {
  if (!world_->faults().drawn(Fault::kHostPause)) return;
  BeginUnit(Fault::kHostPause, 0);
  const int64_t count = decisions_.Between(1, 4);
  for (int64_t i = 0; i < count; ++i) {
    BeginUnit(Fault::kHostPause, i + 1);
    if (!decisions_.Acts()) continue;
    Host* const host = &RandomNode().host();
    const int64_t begin_ns = decisions_.Between(1, heal_ns_ - 1);
    const int64_t end_ns =
        std::min(heal_ns_, begin_ns + decisions_.Between(10 * kMillisecond, 5 * kSecond));
    world_->At(begin_ns, [this, host, end_ns] {
      world_->trace().Add(world_->now_ns(), host->id(), TraceKind::kFault,
                          static_cast<uint64_t>(Fault::kHostPause));
      world_->CountExternalEvent();
      host->PauseUntil(end_ns);
    });
  }
}

}  // namespace damselfly::sim
