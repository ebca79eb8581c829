#include "sim/world/trace.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/hash.h"

namespace damselfly::sim {

absl::string_view TraceKindName(TraceKind kind) {
  switch (kind) {
    case TraceKind::kHostStart:
      return "start";
    case TraceKind::kHostStop:
      return "stop";
    case TraceKind::kPass:
      return "pass";
    case TraceKind::kRead:
      return "read";
    case TraceKind::kWrite:
      return "write";
    case TraceKind::kConnect:
      return "connect";
    case TraceKind::kAccept:
      return "accept";
    case TraceKind::kClosed:
      return "closed";
    case TraceKind::kFault:
      return "fault";
    case TraceKind::kLog:
      return "log";
    case TraceKind::kCall:
      return "call";
    case TraceKind::kReply:
      return "reply";
  }
  return "?";
}

void Trace::Add(int64_t time_ns, uint32_t host, TraceKind kind, uint64_t number,
                absl::string_view bytes) {
  using hash_internal::MultiplyFold;
  const uint64_t head = (static_cast<uint64_t>(host) << 8) | static_cast<uint64_t>(kind);
  const uint64_t digest = bytes.empty() ? number : HashBytes(bytes, number);
  hash_ = MultiplyFold(hash_ ^ static_cast<uint64_t>(time_ns), hash_internal::kWord1 ^ head) ^
          MultiplyFold(digest ^ hash_internal::kWord2, hash_internal::kWord3 ^ hash_);

  Event& event = last_[event_count_++ % kLastEventsMax];
  event.time_ns = time_ns;
  event.number = number;
  event.host = host;
  event.size_bytes = static_cast<uint32_t>(bytes.size());
  event.kind = kind;
  event.excerpt_bytes = static_cast<uint8_t>(std::min(bytes.size(), kExcerptBytesMax));
  if (event.excerpt_bytes > 0) std::memcpy(event.excerpt, bytes.data(), event.excerpt_bytes);

  if (keeps_hashes_) hashes_.push_back(hash_);
  if (sink_) sink_(ToString(event, bytes));
  if (observed()) observer_->OnEvent(time_ns, host, kind, number, bytes);
}

std::string Trace::ToString(const Event& event, absl::string_view excerpt) {
  std::string line = absl::StrFormat("%6d.%09d host %-3d %-7s %d", event.time_ns / 1000000000,
                                     event.time_ns % 1000000000, event.host,
                                     TraceKindName(event.kind), event.number);
  if (event.size_bytes > 0) {
    absl::StrAppendFormat(&line, "  %d bytes: %s%s", event.size_bytes, absl::CHexEscape(excerpt),
                          event.size_bytes > excerpt.size() ? "..." : "");
  }
  return line;
}

std::string Trace::LastKinds() const {
  std::string kinds;
  const uint64_t kept = std::min<uint64_t>(event_count_, kLastEventsMax);
  int count = 0;
  for (uint64_t back = 1; back <= kept && count < 3; ++back) {
    const TraceKind kind = last_[(event_count_ - back) % kLastEventsMax].kind;
    if (kind == TraceKind::kPass) continue;
    kinds = absl::StrCat(TraceKindName(kind), count > 0 ? " " : "", kinds);
    ++count;
  }
  return kinds;
}

std::string Trace::LastEvents() const {
  std::string lines;
  const uint64_t first = event_count_ > kLastEventsMax ? event_count_ - kLastEventsMax : 0;
  for (uint64_t i = first; i < event_count_; ++i) {
    const Event& event = last_[i % kLastEventsMax];
    lines += ToString(event, absl::string_view(event.excerpt, event.excerpt_bytes));
    lines += '\n';
  }
  return lines;
}

}  // namespace damselfly::sim
