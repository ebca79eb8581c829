#include "sim/world/world.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "sim/world/host.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {

World::World(Decider* decider, uint64_t seed, const WorldKnobs& knobs)
    : decider_(decider),
      seed_(seed),
      knobs_(knobs),
      mutant_decisions_(decider, "mutant"),
      schedule_(decider, knobs.pass_delay_max_ns, knobs.priority_change_points),
      network_(std::make_unique<SimNetwork>(this)) {}

// Every host stops before the first one is destroyed: connections reach over two of them.
World::~World() {
  // What is taken down here has not happened.
  trace_.set_observer(nullptr);
  for (const std::unique_ptr<Host>& host : hosts_) {
    if (host->running()) host->StopProcess(Host::Death::kExit);
  }
  EventQueue::Fired event;
  while (queue_.Pop(INT64_MAX, &event)) event.target->OnDropped();
  works_.clear();
  hosts_.clear();
}

Host& World::AddHost(absl::string_view name, int worker_count, int64_t clock_skew_us) {
  hosts_.push_back(std::make_unique<Host>(this, static_cast<uint32_t>(hosts_.size()), name,
                                          worker_count, clock_skew_us));
  NoteHost(*hosts_.back());
  return *hosts_.back();
}

void World::Observe(TraceObserver* observer) {
  trace_.set_observer(observer);
  faults_.set_on_effect([this](Fault fault) {
    TraceNote note;
    note.kind = TraceNote::Kind::kFault;
    note.begin_ns = now_ns_;
    note.name = FaultName(fault);
    trace_.Note(note);
  });
  for (const std::unique_ptr<Host>& host : hosts_) NoteHost(*host);
}

void World::NoteHost(const Host& host) {
  TraceNote note;
  note.kind = TraceNote::Kind::kHost;
  note.host = host.id();
  note.begin_ns = now_ns_;
  note.name = host.name();
  note.text = host.address();
  trace_.Note(note);
}

void World::At(int64_t time_ns, absl::AnyInvocable<void()> work) {
  DFLY_CHECK_GE(time_ns, now_ns_);
  uint64_t index = works_.size();
  if (free_works_.empty()) {
    works_.push_back(std::move(work));
  } else {
    index = free_works_.back();
    free_works_.pop_back();
    works_[index] = std::move(work);
  }
  queue_.Schedule(time_ns, this, 0, index);
}

void World::OnEvent(uint32_t, uint64_t argument) {
  absl::AnyInvocable<void()> work = std::move(works_[argument]);
  works_[argument] = nullptr;
  free_works_.push_back(argument);
  work();
}

void World::RunUntil(int64_t time_ns) {
  EventQueue::Fired event;
  while (!stop_requested_ && queue_.Pop(time_ns, &event)) {
    if (event.time_ns != now_ns_) {
      now_ns_ = event.time_ns;
      events_this_instant_ = 0;
    } else if (++events_this_instant_ > kEventsPerInstantMax) {
      livelocked_ = true;
      stop_requested_ = true;
      return;
    }
    event.target->OnEvent(event.kind, event.argument);
  }
  if (!stop_requested_ && now_ns_ < time_ns) now_ns_ = time_ns;
}

void World::AddLogLine(const Host& host, absl::string_view line) {
  trace_.Add(now_ns_, host.id(), TraceKind::kLog, 0, line);
  const std::string text = absl::StrCat(now_ns_ / kMillisecond, " ms ", host.name(), ": ", line);
  if (log_lines_.size() < kLogLinesMax) {
    log_lines_.push_back(text);
  } else {
    log_lines_[log_line_count_ % kLogLinesMax] = text;
  }
  ++log_line_count_;
}

std::string World::LogText() const {
  std::string text;
  for (size_t i = 0; i < log_lines_.size(); ++i) {
    text += log_lines_[(log_line_count_ + i) % log_lines_.size()];
    text += '\n';
  }
  return text;
}

}  // namespace damselfly::sim
