#ifndef DAMSELFLY_SIM_WORLD_TRACE_H_
#define DAMSELFLY_SIM_WORLD_TRACE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly::sim {

// What a trace tells apart.
enum class TraceKind : uint8_t {
  kHostStart,
  kHostStop,
  kPass,
  kRead,
  kWrite,
  kConnect,
  kAccept,
  kClosed,
  kFault,
  kLog,
  kCall,
  kReply,
};
absl::string_view TraceKindName(TraceKind kind);

// What an observer is told beside the events. None of it is in the hash: two runs of which only one
// is observed are the same.
struct TraceNote {
  enum class Kind : uint8_t {
    kHost,     // there is a host: `name`, and its address as `text`
    kFault,    // a fault had an effect: `name`
    kState,    // what the host's process says of itself has become `text` (Host::set_state_probe)
    kWritten,  // of the write just added: `text` are the bytes, `number` connection << 1 | side
  };
  // "On the host that the last event was about", which is where a fault strikes within a pass.
  static constexpr uint32_t kSomeHost = UINT32_MAX;

  Kind kind = Kind::kFault;
  uint32_t host = kSomeHost;
  uint32_t other_host = kSomeHost;  // of a fault between two
  int64_t begin_ns = 0;
  int64_t end_ns = -1;  // of a fault that is known to last
  uint64_t number = 0;
  absl::string_view name;
  absl::string_view text;
};

// Who wants to know all that happens, as it happens. Changes nothing.
class TraceObserver {
 public:
  virtual ~TraceObserver() = default;
  // As Trace::Add.
  virtual void OnEvent(int64_t time_ns, uint32_t host, TraceKind kind, uint64_t number,
                       absl::string_view bytes) = 0;
  virtual void OnNote(const TraceNote& note) = 0;
};

// What happened, as a running 64-bit hash over (time, host, kind, digest of bytes): two runs are
// the same if and only if (but for chance) their hashes are. Keeps the last events for the report
// of a failure.
class Trace {
 public:
  static constexpr size_t kExcerptBytesMax = 72;
  static constexpr size_t kLastEventsMax = 64;

  // Adds an event. `number` is what the kind is about (a worker, a connection), `bytes` what was
  // moved or said.
  void Add(int64_t time_ns, uint32_t host, TraceKind kind, uint64_t number,
           absl::string_view bytes = {});

  uint64_t hash() const { return hash_; }
  uint64_t event_count() const { return event_count_; }

  // The last events, oldest first, one a line.
  std::string LastEvents() const;

  // The kinds of the last three events that are not passes of workers, oldest first: "write read
  // reply". What a bug does last is much the same in each of its failures.
  std::string LastKinds() const;

  // From now on each event is also given as a line of text, with all its bytes.
  void set_sink(std::function<void(const std::string& line)> sink) { sink_ = std::move(sink); }

  // From now on `observer`, which outlives the trace, is told of each event and note.
  // World::Observe is what sets it.
  void set_observer(TraceObserver* observer) { observer_ = observer; }
  bool observed() const { return observer_ != nullptr; }
  // Costs nothing but this test where nobody observes; whatever a note needs is made only then.
  void Note(const TraceNote& note) {
    if (observed()) observer_->OnNote(note);
  }

  // From now on the hash after each event is kept, so that two runs can be compared event by event.
  void KeepHashes() { keeps_hashes_ = true; }
  const std::vector<uint64_t>& hashes() const { return hashes_; }

 private:
  struct Event {
    int64_t time_ns;
    uint64_t number;
    uint32_t host;
    uint32_t size_bytes;
    TraceKind kind;
    uint8_t excerpt_bytes;
    char excerpt[kExcerptBytesMax];
  };
  static std::string ToString(const Event& event, absl::string_view excerpt);

  uint64_t hash_ = 0x6a09e667f3bcc909ull;
  uint64_t event_count_ = 0;
  bool keeps_hashes_ = false;
  std::vector<uint64_t> hashes_;
  std::function<void(const std::string&)> sink_;
  TraceObserver* observer_ = nullptr;
  std::array<Event, kLastEventsMax> last_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_TRACE_H_
