#ifndef DAMSELFLY_SIM_WORLD_WORLD_H_
#define DAMSELFLY_SIM_WORLD_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "sim/mutants/mutants.h"
#include "sim/world/decider.h"
#include "sim/world/event_queue.h"
#include "sim/world/fault_board.h"
#include "sim/world/trace.h"
#include "sim/world/worker_schedule.h"

namespace damselfly::sim {

class Host;
class SimNetwork;

// How the machines and the network of one world behave when nothing goes wrong.
struct WorldKnobs {
  int64_t link_delay_min_ns = 20'000;
  int64_t link_delay_max_ns = 200'000;
  // From the moment in which there is something to do until a worker does it.
  int64_t pass_delay_max_ns = 0;
  // Workers are scheduled by priorities, which change so often; < 0: uniformly.
  int priority_change_points = -1;
  // How long a pass keeps its worker busy.
  int64_t pass_cost_max_ns = 10'000;
  // Bytes that a stream takes and the peer has not yet read.
  uint64_t stream_buffer_bytes = 256 * 1024;
  uint64_t read_bytes_max = 16 * 1024;
};

// A world: hosts, a network between them, and one queue of events in virtual time, all in one
// thread. What happens is a function of the decider and of the code under test.
//
//   SeededDecider decider(seed);
//   World world(&decider, seed, WorldKnobs());
//   Host& host = world.AddHost("node 0", /*worker_count=*/2, /*clock_skew_us=*/0);
//   Node node(&host.runtime(), &config);  node.Start();
//   world.RunUntil(60 * kSecond);
//   world.trace().hash();
class World final : public EventTarget {
 public:
  // More events than this at one instant of virtual time are a livelock.
  static constexpr uint64_t kEventsPerInstantMax = 200'000;

  // `decider` outlives the world. `seed` seeds the random streams of the code under test.
  World(Decider* decider, uint64_t seed, const WorldKnobs& knobs);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  int64_t now_ns() const { return now_ns_; }
  // Where now_ns() lies, for clocks.
  const int64_t* now_ns_address() const { return &now_ns_; }
  EventQueue& queue() { return queue_; }
  Decider& decider() { return *decider_; }
  uint64_t seed() const { return seed_; }
  const WorldKnobs& knobs() const { return knobs_; }
  FaultBoard& faults() { return faults_; }
  const FaultBoard& faults() const { return faults_; }
  Trace& trace() { return trace_; }
  const Trace& trace() const { return trace_; }
  SimNetwork& network() { return *network_; }
  WorkerSchedule& schedule() { return schedule_; }

  // Adds a machine. Lives as long as the world.
  Host& AddHost(absl::string_view name, int worker_count, int64_t clock_skew_us);
  const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }

  // From now on the observer, which outlives the world, is told of all that happens, and of the
  // hosts that there are. Changes nothing, the hash least of all.
  void Observe(TraceObserver* observer);

  // Runs `work` at that time (>= now), outside of every host.
  void At(int64_t time_ns, absl::AnyInvocable<void()> work);
  void After(int64_t delay_ns, absl::AnyInvocable<void()> work) {
    At(now_ns_ + delay_ns, std::move(work));
  }

  // Runs events up to that time, and lets the time come. Ends early when RequestStop was called.
  void RunUntil(int64_t time_ns);
  void RequestStop() { stop_requested_ = true; }
  bool stop_requested() const { return stop_requested_; }

  // Whether a call-back of some host is running: then nothing else may run inside it.
  bool in_pass() const { return in_pass_; }
  void set_in_pass(bool in_pass) { in_pass_ = in_pass; }

  // Somebody outside of the nodes has done something to them that a person would count: a request
  // of a client, a push of a configuration, an operator's step. Faults count themselves.
  void CountExternalEvent() { ++external_event_count_; }
  uint64_t external_event_count() const { return external_event_count_; }

  // The operator's logs of all hosts, the last lines of them.
  void AddLogLine(const Host& host, absl::string_view line);
  std::string LogText() const;

  // A worker was found to burn events without time passing.
  bool livelocked() const { return livelocked_; }

  Mutant mutant() const { return mutant_; }
  void set_mutant(Mutant mutant) { mutant_ = mutant; }
  // Whether the world's mutant is `mutant` and strikes here, `per_65536` times.
  bool MutantStrikes(Mutant mutant, uint32_t per_65536) {
    return mutant_ == mutant && mutant_decisions_.Chance(per_65536, 65536);
  }

  void OnEvent(uint32_t kind, uint64_t argument) override;

 private:
  static constexpr size_t kLogLinesMax = 50;

  void NoteHost(const Host& host);

  int64_t now_ns_ = 0;
  Decider* const decider_;
  const uint64_t seed_;
  const WorldKnobs knobs_;
  EventQueue queue_;
  FaultBoard faults_;
  Trace trace_;
  DecisionStream mutant_decisions_;
  WorkerSchedule schedule_;
  Mutant mutant_ = Mutant::kNone;
  bool in_pass_ = false;
  bool stop_requested_ = false;
  bool livelocked_ = false;
  uint64_t events_this_instant_ = 0;
  uint64_t external_event_count_ = 0;
  std::vector<std::string> log_lines_;
  uint64_t log_line_count_ = 0;
  std::vector<absl::AnyInvocable<void()>> works_;  // of At, by the event's argument
  std::vector<uint64_t> free_works_;
  std::unique_ptr<SimNetwork> network_;
  std::vector<std::unique_ptr<Host>> hosts_;
};

inline constexpr int64_t kMicrosecond = 1'000;
inline constexpr int64_t kMillisecond = 1'000'000;
inline constexpr int64_t kSecond = 1'000'000'000;

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_WORLD_H_
