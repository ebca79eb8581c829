#ifndef DAMSELFLY_SIM_WORLD_CONNECTION_H_
#define DAMSELFLY_SIM_WORLD_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "server/runtime/network.h"
#include "sim/world/decider.h"
#include "sim/world/event_queue.h"
#include "sim/world/link_pace.h"
#include "sim/world/pipe.h"
#include "sim/world/sim_loop.h"

namespace damselfly::sim {

class SimNetwork;
class SimStream;
class World;

// A connection between two hosts: two ends, and a pipe in each direction. Held by its streams, and
// by every event that is on its way to it.
//
//   end 0  --Write-->  pipes_[0]  ~~ delay, in pieces, in order ~~>  OnData --  end 1
//          <--OnData-- pipes_[1] <~~                             ~~  <--Write--
class Connection final : public ReadyTarget, public EventTarget {
 public:
  // Side 0 has connected, side 1 has accepted.
  using Side = uint32_t;
  static Side Other(Side side) { return 1 - side; }

  Connection(World* world, uint64_t id);

  uint64_t id() const { return id_; }
  // Gives one end its place. `loop` outlives the end's open time.
  void Place(Side side, SimLoop* loop, Endpoint local, Endpoint peer);
  // Which of its host's processes accepted it.
  int accepting_incarnation() const { return accepting_incarnation_; }
  SimLoop* loop(Side side) const { return ends_[side].loop; }

  // ---- For SimStream ----
  void Start(Side side, StreamHandler* handler);
  size_t Write(Side side, absl::Span<const absl::string_view> pieces);
  void PauseReading(Side side);
  void ResumeReading(Side side);
  void Close(Side side);
  void HalfClose(Side side);
  const Endpoint& local(Side side) const { return ends_[side].local; }
  const Endpoint& peer(Side side) const { return ends_[side].peer; }
  Pipe& outgoing(Side side) { return pipes_[side]; }
  Pipe& incoming(Side side) { return pipes_[Other(side)]; }
  // Nothing is called on this side any more.
  bool finished(Side side) const { return !ends_[side].open; }

  // ---- For the network and the faults ----
  // The process at `side` is gone without a word to anybody; see Host::Death for what its peer
  // notices.
  void DropSide(Side side, bool tail_may_be_lost);
  // What is under way is lost, no byte passes any more, and each end learns of it after its delay
  // (< 0: never).
  void Break(int64_t delay0_ns, int64_t delay1_ns, bool tail_may_be_lost);
  // What is under way arrives soon, however late it was going to be.
  void Hasten();
  bool broken() const { return cut_; }
  bool open() const { return ends_[0].open || ends_[1].open; }

  void OnEvent(uint32_t kind, uint64_t argument) override;
  void OnDropped() override { DropReference(); }
  // `side` is looked at by its loop: tells the handler what there is to tell, in order.
  void OnReady(uint32_t side) override;

 private:
  // An event's kind is one of these, plus the side that it concerns.
  enum EventKind : uint32_t { kArrival = 0, kEnd = 2, kRoom = 4, kBroken = 6 };

  struct End {
    SimLoop* loop = nullptr;
    StreamHandler* handler = nullptr;
    Endpoint local;
    Endpoint peer;
    bool open = true;     // call-backs may still come
    bool queued = false;  // the loop will look
    bool reading_paused = false;
    bool wants_room = false;  // a Write did not take everything
    bool has_room = false;    // ... and now there is room
    bool sent_end = false;    // no byte follows
    bool peer_ended = false;  // the peer's end of stream has arrived
    bool broken = false;
  };

  void ScheduleEvent(int64_t time_ns, uint32_t kind, uint64_t argument);
  void Queue(Side side);
  // Takes the bytes just appended on their way, whole or in pieces.
  void Depart(Side side, uint64_t begin, uint64_t end);
  // Of so many bytes that leave now.
  int64_t ArrivalTime(Side side, uint64_t bytes);
  uint64_t Room(Side side) const;
  void OfferRoom(Side side);
  void Deliver(Side side);
  void Finish(Side side, const absl::Status& reason);
  void MutateTail(Side side, size_t count);
  bool StrikesBreak();

  World* const world_;
  const uint64_t id_;
  DecisionStream decisions_;
  uint64_t buffer_bytes_;
  bool small_buffer_ = false;
  bool cut_ = false;         // no byte written from now on arrives
  bool tails_lost_ = false;  // nor any that was under way
  bool half_open_ = false;   // one end has been told of it, the other goes on
  int accepting_incarnation_ = 0;
  End ends_[2];
  Pipe pipes_[2];
  LinkPace paces_[2];
  int64_t last_arrival_ns_[2] = {0, 0};
};

// One end, as its owner holds it.
class SimStream final : public Stream {
 public:
  SimStream(Ref<Connection> connection, Connection::Side side);
  ~SimStream() override;

  void Start(StreamHandler* handler) override { connection_->Start(side_, handler); }
  size_t Write(absl::Span<const absl::string_view> pieces) override {
    return connection_->Write(side_, pieces);
  }
  void PauseReading() override { connection_->PauseReading(side_); }
  void ResumeReading() override { connection_->ResumeReading(side_); }
  void Close() override { connection_->Close(side_); }
  const Endpoint& local() const override { return connection_->local(side_); }
  const Endpoint& peer() const override { return connection_->peer(side_); }
  int descriptor() const override { return static_cast<int>(8 + connection_->id() % 100'000); }

  // Ends only the sending direction, as shutdown(SHUT_WR) does.
  void HalfClose() { connection_->HalfClose(side_); }
  // For the faults and for what an oracle may know.
  const Ref<Connection>& connection() const { return connection_; }

 private:
  const Ref<Connection> connection_;
  const Connection::Side side_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_CONNECTION_H_
