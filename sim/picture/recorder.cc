#include "sim/picture/recorder.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "sim/picture/resp_text.h"
#include "sim/world/fault_board.h"
#include "sim/world/host.h"

namespace damselfly::sim {
namespace {

absl::string_view DeathText(uint64_t death) {
  switch (static_cast<Host::Death>(death)) {
    case Host::Death::kExit:
      return "its connections are closed";
    case Host::Death::kReset:
      return "crash: its peers get a reset";
    case Host::Death::kSilent:
      return "machine crash: its peers hear nothing";
  }
  return "?";
}

bool IsRequestSide(uint32_t side) { return side == 0; }

}  // namespace

absl::string_view PictureKindName(PictureKind kind) {
  switch (kind) {
    case PictureKind::kStart:
      return "start";
    case PictureKind::kStop:
      return "stop";
    case PictureKind::kRead:
      return "read";
    case PictureKind::kWrite:
      return "write";
    case PictureKind::kConnect:
      return "connect";
    case PictureKind::kAccept:
      return "accept";
    case PictureKind::kClosed:
      return "closed";
    case PictureKind::kFault:
      return "fault";
    case PictureKind::kHealed:
      return "healed";
    case PictureKind::kLog:
      return "log";
  }
  return "?";
}

void PictureRecorder::OnEvent(int64_t time_ns, uint32_t host, TraceKind kind, uint64_t number,
                              absl::string_view bytes) {
  ++trace_count_;
  last_host_ = host;
  last_kind_ = kind;
  last_argument_ = number;
  switch (kind) {
    case TraceKind::kHostStart:
      Add(time_ns, host, PictureKind::kStart, absl::StrCat("process ", number));
      break;
    case TraceKind::kHostStop:
      Add(time_ns, host, PictureKind::kStop, DeathText(number));
      break;
    case TraceKind::kRead:
      AddRead(time_ns, host, number, bytes);
      break;
    case TraceKind::kWrite: {
      // The bytes come with a note.
      Recording::Event& event = Add(time_ns, host, PictureKind::kWrite, "");
      event.connection = number >> 32;
      event.size_bytes = number & 0xffffffff;
      if (event.size_bytes == 0) event.text = "no room";
      break;
    }
    case TraceKind::kConnect:
      Add(time_ns, host, PictureKind::kConnect, bytes.empty() ? "connected" : bytes).connection =
          number;
      break;
    case TraceKind::kAccept:
      Add(time_ns, host, PictureKind::kAccept, "accepted").connection = number;
      break;
    case TraceKind::kClosed:
      matcher_.OnClosed(number >> 1, number & 1);
      Add(time_ns, host, PictureKind::kClosed, bytes).connection = number >> 1;
      break;
    case TraceKind::kFault:
      // What is not said in words comes with a note.
      if (!bytes.empty()) Add(time_ns, host, PictureKind::kHealed, bytes);
      break;
    case TraceKind::kLog:
      Add(time_ns, host, PictureKind::kLog, bytes);
      break;
    case TraceKind::kPass:
    case TraceKind::kCall:
    case TraceKind::kReply:
      break;
  }
}

Recording::Event& PictureRecorder::Add(int64_t time_ns, uint32_t host, PictureKind kind,
                                       absl::string_view text) {
  if (recording_.events.size() >= events_max_) {
    recording_.events.pop_front();
    ++recording_.dropped;
    while (!recording_.links.empty() && recording_.links.front().read < recording_.dropped)
      recording_.links.pop_front();
  }
  recording_.events.emplace_back();
  Recording::Event& event = recording_.events.back();
  event.time_ns = time_ns;
  event.trace_count = trace_count_;
  event.host = host;
  event.kind = kind;
  event.text = BytesText(text, kTextLengthMax);
  return event;
}

void PictureRecorder::EndAt(uint64_t trace_count) {
  while (!recording_.events.empty() && recording_.events.back().trace_count > trace_count)
    recording_.events.pop_back();
  const uint64_t end = recording_.dropped + recording_.events.size();
  while (!recording_.links.empty() && recording_.links.back().read >= end)
    recording_.links.pop_back();
}

void PictureRecorder::AddRead(int64_t time_ns, uint32_t host, uint64_t number,
                              absl::string_view bytes) {
  const uint64_t connection = number >> 1;
  const uint32_t side = number & 1;
  Recording::Event& event = Add(time_ns, host, PictureKind::kRead, "");
  event.connection = connection;
  event.size_bytes = bytes.size();
  event.text = RespText(bytes, IsRequestSide(1 - side), kTextLengthMax);
  event.bytes = BytesText(bytes, kBytesShownMax);
  for (uint64_t write : matcher_.OnRead(connection, side, bytes.size()))
    recording_.links.push_back({write, LastNumber()});
}

void PictureRecorder::OnNote(const TraceNote& note) {
  switch (note.kind) {
    case TraceNote::Kind::kHost:
      OnHostNote(note);
      break;
    case TraceNote::Kind::kFault:
      OnFaultNote(note);
      break;
    case TraceNote::Kind::kState:
      OnStateNote(note);
      break;
    case TraceNote::Kind::kWritten:
      OnWrittenNote(note);
      break;
  }
}

void PictureRecorder::OnHostNote(const TraceNote& note) {
  if (recording_.hosts.size() <= note.host) recording_.hosts.resize(note.host + 1);
  recording_.hosts[note.host] = {std::string(note.name), std::string(note.text)};
}

void PictureRecorder::OnFaultNote(const TraceNote& note) {
  const uint32_t host = note.host == TraceNote::kSomeHost ? last_host_ : note.host;
  std::string text(note.name);
  if (note.name == FaultName(Fault::kClockStep) && last_kind_ == TraceKind::kFault)
    absl::StrAppend(&text, " by ", static_cast<int64_t>(last_argument_), " us");
  // One that goes on with something that lasts is drawn as that.
  if (note.name == FaultName(Fault::kHostPause) && note.end_ns < 0) return;
  Add(note.begin_ns, host, PictureKind::kFault, text);
  if (note.end_ns < 0) return;
  if (recording_.faults.size() >= kFaultSpansMax) recording_.faults.pop_front();
  const int64_t other =
      note.other_host == TraceNote::kSomeHost ? -1 : static_cast<int64_t>(note.other_host);
  recording_.faults.push_back({text, host, other, note.begin_ns, note.end_ns});
}

void PictureRecorder::OnStateNote(const TraceNote& note) {
  const auto [found, is_new] = state_numbers_.emplace(
      std::string(note.text), static_cast<uint32_t>(recording_.state_texts.size()));
  if (is_new) recording_.state_texts.push_back(found->first);
  if (recording_.states.size() >= kStatesMax) recording_.states.pop_front();
  recording_.states.push_back({note.begin_ns, note.host, found->second});
}

void PictureRecorder::OnWrittenNote(const TraceNote& note) {
  DFLY_CHECK(!recording_.events.empty());
  Recording::Event& event = recording_.events.back();
  DFLY_CHECK(event.kind == PictureKind::kWrite);
  const uint32_t side = note.number & 1;
  event.connection = note.number >> 1;
  event.size_bytes = note.text.size();
  event.text = RespText(note.text, IsRequestSide(side), kTextLengthMax);
  event.bytes = BytesText(note.text, kBytesShownMax);
  matcher_.OnWrite(event.connection, side, event.size_bytes, LastNumber());
}

}  // namespace damselfly::sim
