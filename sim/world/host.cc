#include "sim/world/host.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "sim/world/sim_network.h"
#include "sim/world/world.h"

namespace damselfly::sim {

Host::Host(World* world, uint32_t id, absl::string_view name, int worker_count,
           int64_t clock_skew_us)
    : world_(world),
      id_(id),
      name_(name),
      address_(absl::StrCat("10.", id / 65536, ".", id / 256 % 256, ".", id % 256)),
      worker_count_(worker_count),
      clock_(world->now_ns_address(), clock_skew_us),
      disk_faults_(&world->faults(), &world->decider(), id),
      disk_(&disk_faults_) {
  StartProcess();
}

Host::~Host() = default;

void Host::StopProcess(Death death) {
  DFLY_CHECK(running());
  world_->trace().Add(world_->now_ns(), id_, TraceKind::kHostStop, static_cast<uint64_t>(death));
  runtime_->Stop();
  NoteState();
  if (death == Death::kSilent) disk_.CrashByFaults();
  world_->network().OnHostStopped(*this, death);
}

void Host::StartProcess() {
  DFLY_CHECK(!running());
  runtime_ = nullptr;
  ++incarnation_;
  paused_until_ns_ = 0;
  runtime_ = std::make_unique<SimRuntime>(world_, this, worker_count_);
  world_->network().OnHostStarted(*this);
  world_->trace().Add(world_->now_ns(), id_, TraceKind::kHostStart,
                      static_cast<uint64_t>(incarnation_));
}

void Host::PauseUntil(int64_t time_ns) {
  paused_until_ns_ = std::max(paused_until_ns_, time_ns);
  TraceNote note;
  note.kind = TraceNote::Kind::kFault;
  note.host = id_;
  note.begin_ns = world_->now_ns();
  note.end_ns = paused_until_ns_;
  note.name = FaultName(Fault::kHostPause);
  world_->trace().Note(note);
}

void Host::NoteState() {
  if (!world_->trace().observed()) return;
  const std::string state = running() && state_probe_ ? state_probe_() : "";
  if (state == last_state_) return;
  last_state_ = state;
  TraceNote note;
  note.kind = TraceNote::Kind::kState;
  note.host = id_;
  note.begin_ns = world_->now_ns();
  note.text = state;
  world_->trace().Note(note);
}

int Host::NextEphemeralPort() {
  const int port = next_port_;
  next_port_ = next_port_ == 65535 ? 49152 : next_port_ + 1;
  return port;
}

}  // namespace damselfly::sim
