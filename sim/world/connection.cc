#include "sim/world/connection.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"
#include "sim/world/host.h"
#include "sim/world/sim_network.h"
#include "sim/world/sim_runtime.h"
#include "sim/world/world.h"

namespace damselfly::sim {

Connection::Connection(World* world, uint64_t id)
    : world_(world), id_(id), decisions_(&world->decider(), "connection", id) {
  buffer_bytes_ = world->knobs().stream_buffer_bytes;
  if (world->faults().Strikes(Fault::kSmallBuffer, decisions_)) {
    small_buffer_ = true;
    buffer_bytes_ = 1 + decisions_.Below(512);
  }
  paces_[0] = paces_[1] = LinkPace::Draw(&world->faults(), decisions_);
}

void Connection::Place(Side side, SimLoop* loop, Endpoint local, Endpoint peer) {
  ends_[side].loop = loop;
  if (side == 1) accepting_incarnation_ = loop->runtime().host().incarnation();
  ends_[side].local = std::move(local);
  ends_[side].peer = std::move(peer);
}

// ---- What the owner of an end does ----

void Connection::Start(Side side, StreamHandler* handler) {
  End& end = ends_[side];
  DFLY_CHECK(end.handler == nullptr);
  end.handler = handler;
  if (pipes_[Other(side)].unread() > 0 || end.peer_ended || end.broken) Queue(side);
}

size_t Connection::Write(Side side, absl::Span<const absl::string_view> pieces) {
  End& end = ends_[side];
  if (!end.open || end.broken || end.sent_end) return 0;
  size_t total = 0;
  for (absl::string_view piece : pieces) total += piece.size();
  if (total == 0) return 0;
  // Nobody is there, and nobody says so.
  if (half_open_) world_->faults().CountEffect(Fault::kHalfOpen);
  size_t taken = static_cast<size_t>(std::min<uint64_t>(total, Room(side)));
  if (taken < total && small_buffer_) world_->faults().CountEffect(Fault::kSmallBuffer);
  if (taken > 1 && world_->faults().Strikes(Fault::kShortWrite, decisions_)) {
    taken = 1 + decisions_.Below(taken - 1);
    world_->faults().CountEffect(Fault::kShortWrite);
    // There is room, so nothing but this event would tell.
    ScheduleEvent(end.loop->local_now_ns() + decisions_.Between(1, 50 * kMicrosecond), kRoom + side,
                  0);
  }
  end.wants_room = taken < total;
  const bool claim_all =
      end.wants_room && world_->MutantStrikes(Mutant::kTailLostOnShortWrite, 65536);
  world_->trace().Add(world_->now_ns(), end.loop->runtime().host().id(), TraceKind::kWrite,
                      id_ << 32 | taken);

  Pipe& pipe = pipes_[side];
  const uint64_t begin = pipe.written();
  pipe.Reserve(taken);
  size_t left = taken;
  for (absl::string_view piece : pieces) {
    const size_t part = std::min(left, piece.size());
    pipe.Append(piece.substr(0, part), end.loop->local_now_ns());
    left -= part;
  }
  if (taken > 0 && world_->trace().observed()) {
    TraceNote note;
    note.kind = TraceNote::Kind::kWritten;
    note.host = end.loop->runtime().host().id();
    note.begin_ns = world_->now_ns();
    note.number = id_ << 1 | side;
    note.text = absl::string_view(pipe.tail(taken), taken);
    world_->trace().Note(note);
  }
  if (taken > 0) {
    MutateTail(side, taken);
    Depart(side, begin, pipe.written());
  }
  if (taken > 0 && StrikesBreak()) return taken;
  return claim_all ? total : taken;
}

void Connection::PauseReading(Side side) { ends_[side].reading_paused = true; }

void Connection::ResumeReading(Side side) {
  End& end = ends_[side];
  if (!end.reading_paused) return;
  end.reading_paused = false;
  if (pipes_[Other(side)].unread() > 0 || end.peer_ended) Queue(side);
}

void Connection::HalfClose(Side side) {
  End& end = ends_[side];
  if (!end.open || end.sent_end) return;
  end.sent_end = true;
  ScheduleEvent(ArrivalTime(side, 0), kEnd + Other(side), 0);
}

void Connection::Close(Side side) {
  End& end = ends_[side];
  if (!end.open) return;
  world_->trace().Add(world_->now_ns(), end.loop->runtime().host().id(), TraceKind::kClosed,
                      id_ << 1 | side);
  HalfClose(side);
  end.open = false;
  end.handler = nullptr;
  incoming(side).Discard();
  OfferRoom(Other(side));
  if (!open()) world_->network().OnConnectionFinished(*this);
}

// ---- What goes wrong ----

void Connection::DropSide(Side side, bool tail_may_be_lost) {
  End& end = ends_[side];
  end.open = false;
  end.handler = nullptr;
  if (tail_may_be_lost) pipes_[side].CutTail();
  incoming(side).Discard();
  if (!open()) world_->network().OnConnectionFinished(*this);
}

void Connection::Break(int64_t delay0_ns, int64_t delay1_ns, bool tail_may_be_lost) {
  if (cut_) return;
  cut_ = true;
  if (tail_may_be_lost) {
    tails_lost_ = true;
    pipes_[0].CutTail();
    pipes_[1].CutTail();
  }
  const int64_t delays[2] = {delay0_ns, delay1_ns};
  for (Side side = 0; side < 2; ++side) {
    if (delays[side] >= 0) ScheduleEvent(world_->now_ns() + delays[side], kBroken + side, 0);
  }
}

// A connection is most interesting to break just after something was said on it.
bool Connection::StrikesBreak() {
  if (cut_) return false;
  FaultBoard& faults = world_->faults();
  if (faults.Strikes(Fault::kReset, decisions_)) {
    faults.CountEffect(Fault::kReset);
    const int64_t delay0_ns = decisions_.Between(0, 5 * kMillisecond);
    const int64_t delay1_ns = decisions_.Between(0, 5 * kMillisecond);
    // Sometimes what was written still gets through: then the work was done and the reply is lost,
    // or the other way.
    Break(delay0_ns, delay1_ns, !decisions_.Chance(1, 3));
    return true;
  }
  if (faults.Strikes(Fault::kSilence, decisions_)) {
    faults.CountEffect(Fault::kSilence);
    const int64_t delay0_ns = decisions_.Between(5 * kSecond, 60 * kSecond);
    const int64_t delay1_ns = decisions_.Between(5 * kSecond, 60 * kSecond);
    Break(delay0_ns, delay1_ns, true);
    return true;
  }
  if (faults.Strikes(Fault::kHalfOpen, decisions_)) {
    const bool first_knows = decisions_.Chance(1, 2);
    const int64_t soon_ns = decisions_.Between(0, 5 * kMillisecond);
    const int64_t late_ns = decisions_.Between(10 * kSecond, 60 * kSecond);
    half_open_ = true;
    Break(first_knows ? soon_ns : late_ns, first_knows ? late_ns : soon_ns, true);
    return true;
  }
  return false;
}

void Connection::Hasten() {
  for (Side side = 0; side < 2; ++side) {
    if (cut_ || last_arrival_ns_[side] <= world_->now_ns()) continue;
    const int64_t time_ns =
        world_->now_ns() +
        decisions_.Between(world_->knobs().link_delay_min_ns, world_->knobs().link_delay_max_ns);
    if (last_arrival_ns_[side] <= time_ns) continue;
    // What arrives a second time, later, changes nothing.
    last_arrival_ns_[side] = time_ns;
    ScheduleEvent(time_ns, kArrival + Other(side), pipes_[side].written());
    if (ends_[side].sent_end) ScheduleEvent(time_ns, kEnd + Other(side), 0);
  }
}

// ---- What happens on the way ----

void Connection::ScheduleEvent(int64_t time_ns, uint32_t kind, uint64_t argument) {
  AddReference();
  world_->queue().Schedule(time_ns, this, kind, argument);
}

int64_t Connection::ArrivalTime(Side side, uint64_t bytes) {
  const WorldKnobs& knobs = world_->knobs();
  int64_t time_ns =
      paces_[side].SentBy(ends_[side].loop->local_now_ns(), bytes, &world_->faults()) +
      decisions_.Between(knobs.link_delay_min_ns, knobs.link_delay_max_ns);
  if (world_->faults().Strikes(Fault::kStall, decisions_)) {
    time_ns += decisions_.Between(kMillisecond, 500 * kMillisecond);
    world_->faults().CountEffect(Fault::kStall);
  }
  const int64_t reachable_ns = world_->network().ReachableFrom(
      ends_[side].loop->runtime().host().address(), ends_[side].peer.host, time_ns);
  time_ns = std::max(time_ns, reachable_ns);
  last_arrival_ns_[side] = std::max(last_arrival_ns_[side], time_ns);
  return last_arrival_ns_[side];
}

void Connection::Depart(Side side, uint64_t begin, uint64_t end) {
  if (cut_) return;
  while (end - begin > 1 && world_->faults().Strikes(Fault::kSplitSegment, decisions_)) {
    const uint64_t piece = 1 + decisions_.Below(end - begin - 1);
    begin += piece;
    ScheduleEvent(ArrivalTime(side, piece), kArrival + Other(side), begin);
    world_->faults().CountEffect(Fault::kSplitSegment);
  }
  ScheduleEvent(ArrivalTime(side, end - begin), kArrival + Other(side), end);
}

uint64_t Connection::Room(Side side) const {
  if (!ends_[Other(side)].open && !cut_) return UINT64_MAX;  // nobody reads: swallowed
  const uint64_t held = pipes_[side].held();
  return held >= buffer_bytes_ ? 0 : buffer_bytes_ - held;
}

// Tells the writer at `side` that its peer has taken bytes, if it waits for that.
void Connection::OfferRoom(Side side) {
  End& end = ends_[side];
  if (!end.open || !end.wants_room || cut_) return;
  if (Room(side) < (buffer_bytes_ + 1) / 2) return;
  if (world_->MutantStrikes(Mutant::kWritableForgotten, 6554)) return;
  ScheduleEvent(world_->now_ns() + decisions_.Between(world_->knobs().link_delay_min_ns,
                                                      world_->knobs().link_delay_max_ns),
                kRoom + side, 0);
}

void Connection::OnEvent(uint32_t kind, uint64_t argument) {
  const Ref<Connection> keep(this);
  DropReference();
  const Side side = kind & 1;
  End& end = ends_[side];
  switch (kind - side) {
    case kArrival: {
      Pipe& pipe = incoming(side);
      // The bytes are gone, or others, which will never arrive, stand in their place.
      if (tails_lost_ || argument > pipe.written()) return;
      pipe.Arrive(argument);
      if (!end.open) {
        pipe.Discard();
        OfferRoom(Other(side));
        return;
      }
      break;
    }
    case kEnd:
      if (cut_) return;
      if (side == 1 && world_->MutantStrikes(Mutant::kCloseUnnoticed, 65536 / 16)) return;
      end.peer_ended = true;
      break;
    case kRoom:
      if (cut_ || !end.wants_room) return;
      end.has_room = true;
      break;
    case kBroken:
      end.broken = true;
      break;
    default:
      DFLY_UNREACHABLE();
  }
  Queue(side);
}

void Connection::Queue(Side side) {
  End& end = ends_[side];
  if (end.queued || !end.open || end.handler == nullptr) return;
  end.queued = true;
  end.loop->QueueReady(Ref<ReadyTarget>(this), side);
}

// ---- What the owner of an end is told ----

void Connection::OnReady(uint32_t side) {
  const Ref<Connection> keep(this);
  End& end = ends_[side];
  end.queued = false;
  if (!end.open || end.handler == nullptr) return;
  if (end.broken) {
    Finish(side, absl::UnavailableError("Connection reset by peer"));
    return;
  }
  if (end.has_room) {
    end.has_room = end.wants_room = false;
    end.handler->OnWritable();
    if (!end.open) return;
  }
  const Pipe& pipe = incoming(side);
  if (!end.reading_paused && pipe.unread() > 0) {
    Deliver(side);
    if (!end.open) return;
  }
  if (end.peer_ended && pipe.held() == 0) {
    Finish(side, absl::OkStatus());
  } else if (!end.reading_paused && pipe.unread() > 0) {
    Queue(side);
  }
}

void Connection::Deliver(Side side) {
  Pipe& pipe = incoming(side);
  size_t count = static_cast<size_t>(std::min(pipe.unread(), world_->knobs().read_bytes_max));
  if (count > 1 && world_->faults().Strikes(Fault::kSplitRead, decisions_)) {
    count = 1 + decisions_.Below(count - 1);
    world_->faults().CountEffect(Fault::kSplitRead);
  }
  // A buffer that is spoiled afterwards: who keeps a view of it is found out.
  std::string& buffer = world_->network().read_buffer();
  const absl::string_view bytes = pipe.Peek(count);
  buffer.assign(bytes.data(), bytes.size());
  pipe.Skip(count, world_->now_ns());
  OfferRoom(Other(side));
  if (buffer.back() == '\r' && world_->MutantStrikes(Mutant::kCarriageReturnLost, 65536))
    buffer.pop_back();
  world_->trace().Add(world_->now_ns(), ends_[side].loop->runtime().host().id(), TraceKind::kRead,
                      id_ << 1 | side, buffer);
  if (!buffer.empty()) {
    ends_[side].handler->OnDataSoon(buffer);
    ends_[side].handler->OnData(buffer);
  }
  std::fill(buffer.begin(), buffer.end(), '\xdd');
}

void Connection::Finish(Side side, const absl::Status& reason) {
  End& end = ends_[side];
  world_->trace().Add(world_->now_ns(), end.loop->runtime().host().id(), TraceKind::kClosed,
                      id_ << 1 | side, reason.message());
  StreamHandler* handler = std::exchange(end.handler, nullptr);
  HalfClose(side);
  end.open = false;
  if (!open()) world_->network().OnConnectionFinished(*this);
  handler->OnClosed(reason);
}

void Connection::MutateTail(Side side, size_t count) {
  Pipe& pipe = pipes_[side];
  if (count >= 2 && world_->MutantStrikes(Mutant::kBytesReordered, 256)) {
    char* const last = pipe.tail(2);
    std::swap(last[0], last[1]);
  }
  if (world_->MutantStrikes(Mutant::kBytesDuplicated, 256)) {
    const std::string copy(pipe.tail(count), count);
    pipe.Append(copy, ends_[side].loop->local_now_ns());
  }
  if (count >= 2 && world_->MutantStrikes(Mutant::kBytesDropped, 256)) {
    pipe.DropLastByte();
  }
}

SimStream::SimStream(Ref<Connection> connection, Connection::Side side)
    : connection_(std::move(connection)), side_(side) {}

SimStream::~SimStream() { connection_->Close(side_); }

}  // namespace damselfly::sim
