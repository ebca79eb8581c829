#ifndef DAMSELFLY_SIM_PICTURE_RECORDING_H_
#define DAMSELFLY_SIM_PICTURE_RECORDING_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly::sim {

// What a picture tells apart: of a trace, all but what nobody looks at one by one.
enum class PictureKind : uint8_t {
  kStart,
  kStop,
  kRead,
  kWrite,
  kConnect,
  kAccept,
  kClosed,
  kFault,
  kHealed,
  kLog,
};
inline constexpr size_t kPictureKindCount = static_cast<size_t>(PictureKind::kLog) + 1;
absl::string_view PictureKindName(PictureKind kind);

// What of a run is drawn. All text is printable ASCII where it may come from outside the simulator.
struct Recording {
  struct Host {
    std::string name;
    std::string address;
  };

  struct Event {
    int64_t time_ns = 0;
    uint32_t host = 0;
    PictureKind kind = PictureKind::kLog;
    uint64_t connection = 0;  // 0: of none
    uint64_t size_bytes = 0;
    uint64_t trace_count = 0;  // events of the trace so far
    std::string text;          // what it says, for people
    std::string bytes;         // the first of them, escaped; only of reads and writes
  };

  // Bytes that one event has written and another one read, by the events' numbers.
  struct Link {
    uint64_t write = 0;
    uint64_t read = 0;
  };

  // A fault that lasts.
  struct FaultSpan {
    std::string name;
    uint32_t host = 0;
    int64_t other_host = -1;  // of a fault between two; else -1
    int64_t begin_ns = 0;
    int64_t end_ns = 0;
  };

  // What a host's process is from then on: an index into state_texts.
  struct State {
    int64_t time_ns = 0;
    uint32_t host = 0;
    uint32_t text = 0;
  };

  std::vector<Host> hosts;  // by id
  // The last of them: the first one here has the number `dropped`.
  uint64_t dropped = 0;
  std::deque<Event> events;
  // In the order of reads, which are among the events kept; of a write that may be too old.
  std::deque<Link> links;
  std::deque<FaultSpan> faults;
  std::deque<State> states;
  std::vector<std::string> state_texts;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_PICTURE_RECORDING_H_
