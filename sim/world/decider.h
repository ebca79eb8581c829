#ifndef DAMSELFLY_SIM_WORLD_DECIDER_H_
#define DAMSELFLY_SIM_WORLD_DECIDER_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/runtime/random.h"

namespace damselfly::sim {

// A seed of its own for each purpose: a new draw in one place does not reshuffle the others.
uint64_t DeriveSeed(uint64_t seed, absl::string_view purpose, uint64_t instance = 0);

// Where every choice of a simulated run comes from: a delay, a fault, which worker goes first, the
// next command. A run is a function of its decider's answers, so whoever writes them down can
// replay or edit the run.
//
// Decisions are made in named streams. In each of them 0 is the quiet choice: no fault, the least
// delay, first in first out, nothing done, and the longest pause before something is done again.
// Integers only: floats differ between compilers.
//
// A stream may fall into units (the requests of a client, the changes of a controller), each of
// which is decided for itself: a draw more or less in one leaves the others as they are.
class Decider {
 public:
  using StreamId = uint32_t;

  virtual ~Decider() = default;

  // Opens the stream of `purpose` (and `instance`, where there are many of a kind). A stream is
  // opened once.
  virtual StreamId OpenStream(absl::string_view purpose, uint64_t instance) = 0;

  // What is decided from now on in `stream` belongs to that unit; before the first call, to unit 0.
  // A unit is begun once.
  virtual void BeginUnit(StreamId /*stream*/, uint64_t /*unit*/) {}

  // A value in [0, bound). Requires bound > 0.
  virtual uint64_t Decide(StreamId stream, uint64_t bound) = 0;
};

// Decides by a seed.
class SeededDecider final : public Decider {
 public:
  explicit SeededDecider(uint64_t seed) : seed_(seed) {}

  StreamId OpenStream(absl::string_view purpose, uint64_t instance) override;
  void BeginUnit(StreamId stream, uint64_t unit) override;
  uint64_t Decide(StreamId stream, uint64_t bound) override {
    return streams_[stream].random.Below(bound);
  }

 private:
  struct Stream {
    uint64_t seed;
    Random random;
  };

  const uint64_t seed_;
  std::vector<Stream> streams_;
};

// One stream of a decider, in the words of those who draw from it.
class DecisionStream {
 public:
  // `decider` outlives the stream.
  DecisionStream(Decider* decider, absl::string_view purpose, uint64_t instance = 0)
      : decider_(decider), id_(decider->OpenStream(purpose, instance)) {}

  void BeginUnit(uint64_t unit) { decider_->BeginUnit(id_, unit); }

  // In [0, bound). Requires bound > 0.
  uint64_t Below(uint64_t bound) { return decider_->Decide(id_, bound); }

  // In [low, high]; `low` is the quiet choice.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }

  // True in `numerator` of `denominator` cases; false is the quiet choice.
  bool Chance(uint64_t numerator, uint64_t denominator) {
    return Below(denominator) + numerator >= denominator;
  }

  // Whether something is done that somebody was about to do: nearly always. Nothing is the quiet
  // choice, so that whoever edits a run can leave out one deed of many.
  bool Acts() { return Chance(65535, 65536); }

  // A pause in [low, high] between one deed and the next; `high` is the quiet choice.
  int64_t Pause(int64_t low, int64_t high) { return high - (Between(low, high) - low); }

 private:
  Decider* decider_;
  Decider::StreamId id_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_DECIDER_H_
