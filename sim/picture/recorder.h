#ifndef DAMSELFLY_SIM_PICTURE_RECORDER_H_
#define DAMSELFLY_SIM_PICTURE_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "sim/picture/message_matcher.h"
#include "sim/picture/recording.h"
#include "sim/world/trace.h"

namespace damselfly::sim {

// Collects what a picture of a run needs, while the run goes on:
//
//   PictureRecorder recorder;
//   options.observer = &recorder;
//   RunResult result = RunSeed(seed, options);
//   PicturePage(recorder.recording(), result, head);
//
// Keeps the last kEventsMax events, and so many states and faults that last; what is older is
// dropped, and counted. Memory is bounded by that, however long the run is.
class PictureRecorder final : public TraceObserver {
 public:
  static constexpr size_t kEventsMax = 20'000;
  static constexpr size_t kStatesMax = 20'000;
  static constexpr size_t kFaultSpansMax = 5'000;
  // Of what an event says, and of its bytes.
  static constexpr size_t kTextLengthMax = 200;
  static constexpr size_t kBytesShownMax = 160;

  // Another limit of events: for tests.
  explicit PictureRecorder(size_t events_max = kEventsMax) : events_max_(events_max) {}

  void OnEvent(int64_t time_ns, uint32_t host, TraceKind kind, uint64_t number,
               absl::string_view bytes) override;
  void OnNote(const TraceNote& note) override;

  // The run was over when its trace had so many events (RunResult::event_count): what came behind,
  // when it was taken down, is dropped.
  void EndAt(uint64_t trace_count);

  const Recording& recording() const { return recording_; }

 private:
  Recording::Event& Add(int64_t time_ns, uint32_t host, PictureKind kind, absl::string_view text);
  void AddRead(int64_t time_ns, uint32_t host, uint64_t number, absl::string_view bytes);
  void OnHostNote(const TraceNote& note);
  void OnFaultNote(const TraceNote& note);
  void OnStateNote(const TraceNote& note);
  void OnWrittenNote(const TraceNote& note);
  uint64_t LastNumber() const { return recording_.dropped + recording_.events.size() - 1; }

  const size_t events_max_;
  Recording recording_;
  MessageMatcher matcher_;
  // Of the trace's last event: where a fault that names no host strikes.
  uint32_t last_host_ = 0;
  TraceKind last_kind_ = TraceKind::kPass;
  uint64_t last_argument_ = 0;
  uint64_t trace_count_ = 0;
  std::map<std::string, uint32_t> state_numbers_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_PICTURE_RECORDER_H_
