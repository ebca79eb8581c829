#ifndef DAMSELFLY_SIM_WORLD_DECISION_LIST_H_
#define DAMSELFLY_SIM_WORLD_DECISION_LIST_H_

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/world/decider.h"

namespace damselfly::sim {

// A unit of a stream, by what it is for: lists survive changes of the code that add draws to other
// streams, or streams.
struct UnitName {
  std::string purpose;
  uint64_t instance = 0;
  uint64_t unit = 0;

  auto operator<=>(const UnitName&) const = default;
};

struct Decision {
  uint64_t index;  // in the unit, from 0 on
  uint64_t value;

  bool operator==(const Decision&) const = default;
};

// The decisions of one run that are not 0, with ascending indices and no unit without one. All
// others are the quiet ones, so that an empty list is a run in which as little happens as can.
using DecisionList = std::map<UnitName, std::vector<Decision>>;

uint64_t DecisionCount(const DecisionList& list);

// Decides as another decider does, and writes down what.
class RecordingDecider final : public Decider {
 public:
  // Adds to `list`, which outlives the decider and is empty.
  RecordingDecider(std::unique_ptr<Decider> inner, DecisionList* list);

  StreamId OpenStream(absl::string_view purpose, uint64_t instance) override;
  void BeginUnit(StreamId stream, uint64_t unit) override;
  uint64_t Decide(StreamId stream, uint64_t bound) override;

 private:
  struct Stream {
    StreamId inner;
    UnitName name;
    std::vector<Decision>* decisions;  // null until there is one
    uint64_t index;
  };

  const std::unique_ptr<Decider> inner_;
  DecisionList* const list_;
  std::vector<Stream> streams_;
};

// Decides as a list says, and quietly where it says nothing: in streams and units that it does not
// know and past their ends. A value that the run has no room for becomes the largest that it has.
class ReplayDecider final : public Decider {
 public:
  // `list` outlives the decider.
  explicit ReplayDecider(const DecisionList* list) : list_(list) {}

  StreamId OpenStream(absl::string_view purpose, uint64_t instance) override;
  void BeginUnit(StreamId stream, uint64_t unit) override;
  uint64_t Decide(StreamId stream, uint64_t bound) override;

 private:
  struct Stream {
    UnitName name;
    const std::vector<Decision>* decisions;  // null: all are quiet
    size_t next;                             // the first decision whose index has not come yet
    uint64_t index;
  };
  void Find(Stream* stream) const;

  const DecisionList* const list_;
  std::vector<Stream> streams_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_DECISION_LIST_H_
