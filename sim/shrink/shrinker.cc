#include "sim/shrink/shrinker.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "sim/shrink/decision_edits.h"

namespace damselfly::sim {
namespace {

constexpr uint64_t kDecisionsPerEvent = 20;
// By how much chunks are finer from round to round.
constexpr uint32_t kFinerBits = 3;
constexpr int kHalvingsMax = 8;
// The stream in which a world's mutant decides where to strike, and how often it is made to.
constexpr char kMutantPurpose[] = "mutant";
constexpr uint64_t kMutantStrikesMax = 4096;
// Few strikes are tried so many places earlier.
constexpr uint64_t kMovedStrikesMax = 4;
constexpr uint64_t kMovedPlacesMax = 8;
// What every kind of run calls the streams of what is fixed before it begins.
constexpr char kPlanPrefix[] = "plan";
// How many smaller worlds are tried of each size.
constexpr uint64_t kOtherWorldsMax = 12;
// And at what price, in events of the trace, and in runs as long as the failing one.
constexpr uint64_t kOtherWorldEvents = 100'000;
constexpr uint64_t kOtherWorldRuns = 10;

// Plans as a list says, and decides all else by a seed.
class OtherWorldDecider final : public Decider {
 public:
  OtherWorldDecider(const DecisionList* plan, uint64_t seed) : planned_(plan), seeded_(seed) {}

  StreamId OpenStream(absl::string_view purpose, uint64_t instance) override {
    Decider* const inner =
        absl::StartsWith(purpose, kPlanPrefix) ? static_cast<Decider*>(&planned_) : &seeded_;
    streams_.emplace_back(inner, inner->OpenStream(purpose, instance));
    return static_cast<StreamId>(streams_.size() - 1);
  }
  void BeginUnit(StreamId stream, uint64_t unit) override {
    streams_[stream].first->BeginUnit(streams_[stream].second, unit);
  }
  uint64_t Decide(StreamId stream, uint64_t bound) override {
    return streams_[stream].first->Decide(streams_[stream].second, bound);
  }

 private:
  ReplayDecider planned_;
  SeededDecider seeded_;
  std::vector<std::pair<Decider*, StreamId>> streams_;
};

// The plans of a list, with each value divided; 0: without any.
DecisionList PlansOf(const DecisionList& list, uint64_t divisor) {
  DecisionList plans;
  for (const auto& [unit, decisions] : list) {
    if (divisor == 0 || !absl::StartsWith(unit.purpose, kPlanPrefix)) continue;
    std::vector<Decision> smaller;
    for (const Decision& decision : decisions) {
      if (decision.value / divisor > 0)
        smaller.push_back({decision.index, decision.value / divisor});
    }
    if (!smaller.empty()) plans[unit] = smaller;
  }
  return plans;
}

}  // namespace

ShrinkResult Shrinker::Shrink() {
  ShrinkResult result;
  DecisionList recorded;
  const RunResult first = Run([this] { return sweep_.run.make_decider(seed_); }, &recorded);
  result.failed = first.failed;
  if (!first.failed) return result;
  oracle_ = first.first_oracle;
  current_ = recorded;
  DecisionList again;
  current_run_ = Run([&recorded] { return std::make_unique<ReplayDecider>(&recorded); }, &again);
  result.replayed = current_run_.hash == first.hash;
  result.before = result.after = Size();
  result.decisions = current_;
  result.run = current_run_;
  if (!result.replayed) return result;
  cost_ = CostOf(current_, current_run_);

  Try({});
  LetMutantStrike();
  LookForSmallerWorlds();
  for (bool finest = false; !exhausted();) {
    const Cost before = cost_;
    TakePurposes();
    TakeStreams();
    LowerValues(kPlanPrefix);
    TakeUnits();
    TakeDecisions();
    finest = ChunkMin(DecisionCount(current_)) == 1;
    if (finest) LowerValues("");
    ++round_;
    if (finest && cost_ == before && !exhausted()) {
      result.finished = true;
      break;
    }
  }
  result.after = Size();
  result.decisions = current_;
  result.run = current_run_;
  result.run_count = run_count_;
  return result;
}

Shrinker::Cost Shrinker::CostOf(const DecisionList& decisions, const RunResult& run) {
  Cost cost;
  cost.weight = kDecisionsPerEvent * (run.external_event_count + run.node_count);
  cost.value_bits = 0;
  for (const auto& [unit, list] : decisions) {
    // A bug that is there more often is no larger bug.
    if (unit.purpose != kMutantPurpose) cost.weight += list.size();
    for (const Decision& decision : list)
      cost.value_bits += static_cast<uint64_t>(std::bit_width(decision.value));
  }
  return cost;
}

ShrinkSize Shrinker::Size() const {
  return {DecisionCount(current_), current_run_.external_event_count, current_run_.node_count};
}

RunResult Shrinker::Run(const std::function<std::unique_ptr<Decider>()>& make,
                        DecisionList* recorded) {
  ++run_count_;
  RunOptions run = sweep_.run;
  run.make_decider = [&make, recorded](uint64_t) {
    return std::make_unique<RecordingDecider>(make(), recorded);
  };
  RunResult result = sweep_.run_seed(seed_, run);
  event_count_ += result.event_count;
  return result;
}

bool Shrinker::exhausted() { return run_count_ >= options_.runs_max || options_.out_of_time(); }

bool Shrinker::TryAtAnyCost(const DecisionList& candidate) {
  cost_ = Cost();
  if (Try(candidate)) return true;
  cost_ = CostOf(current_, current_run_);
  return false;
}

bool Shrinker::Try(const DecisionList& candidate) {
  return TryDecider([&candidate] { return std::make_unique<ReplayDecider>(&candidate); });
}

bool Shrinker::TryDecider(const std::function<std::unique_ptr<Decider>()>& make) {
  if (exhausted()) return false;
  DecisionList recorded;
  RunResult run = Run(make, &recorded);
  if (!run.failed || run.first_oracle != oracle_) return false;
  const Cost cost = CostOf(recorded, run);
  if (cost >= cost_) return false;
  cost_ = cost;
  current_ = std::move(recorded);
  current_run_ = std::move(run);
  return true;
}

void Shrinker::LetMutantStrike() {
  if (sweep_.run.mutant == Mutant::kNone) return;
  DecisionList candidate = current_;
  std::vector<Decision>& decisions = candidate[{kMutantPurpose, 0, 0}];
  decisions.clear();
  for (uint64_t i = 0; i < kMutantStrikesMax; ++i) decisions.push_back({i, UINT64_MAX});
  TryAtAnyCost(candidate);
}

void Shrinker::LookForSmallerWorlds() {
  const DecisionList original = current_;
  // Such runs may go on for long without a violation: a world of few nodes can be a busy one.
  const uint64_t events_max =
      event_count_ + kOtherWorldEvents + kOtherWorldRuns * current_run_.event_count;
  for (uint64_t divisor : {0, 4, 2}) {
    const DecisionList plans = PlansOf(original, divisor);
    for (uint64_t i = 0; i < kOtherWorldsMax && event_count_ < events_max; ++i) {
      TryDecider([this, &plans, i] {
        return std::make_unique<OtherWorldDecider>(&plans, DeriveSeed(seed_, "other world", i));
      });
    }
  }
}

size_t Shrinker::ChunkMin(size_t count) const {
  const uint32_t bits = kFinerBits * (round_ + 1);
  return bits >= 32 ? 1 : std::max<size_t>(1, count >> bits);
}

void Shrinker::TakePurposes() {
  const auto count = [this] { return PurposesOf(current_).size(); };
  TakeChunks(1, count, [this, &count](size_t begin, size_t end) {
    const std::vector<std::string> purposes = PurposesOf(current_);
    const std::set<std::string> taken(purposes.begin() + static_cast<ptrdiff_t>(begin),
                                      purposes.begin() + static_cast<ptrdiff_t>(end));
    return Try(WithoutPurposes(current_, taken)) && count() < purposes.size();
  });
}

void Shrinker::TakeStreams() {
  const auto count = [this] { return StreamsOf(current_).size(); };
  TakeChunks(ChunkMin(count()), count, [this, &count](size_t begin, size_t end) {
    const std::vector<StreamName> streams = StreamsOf(current_);
    const std::set<StreamName> taken(streams.begin() + static_cast<ptrdiff_t>(begin),
                                     streams.begin() + static_cast<ptrdiff_t>(end));
    return Try(WithoutStreams(current_, taken)) && count() < streams.size();
  });
}

void Shrinker::TakeUnits() {
  for (const StreamName& stream : StreamsOf(current_)) {
    if (UnitsOf(current_, stream).size() > 1) TakeUnitsOf(stream);
  }
}

void Shrinker::TakeUnitsOf(const StreamName& stream) {
  const auto count = [this, &stream] { return UnitsOf(current_, stream).size(); };
  for (UnitEdit edit : {UnitEdit::kCloseUp, UnitEdit::kLeaveOut, UnitEdit::kKeepFirst}) {
    TakeChunks(ChunkMin(count()), count, [this, &stream, &count, edit](size_t begin, size_t end) {
      const std::vector<uint64_t> units = UnitsOf(current_, stream);
      const bool taken =
          TryAndMoveMutant(WithoutUnits(current_, stream, units[begin], units[end - 1], edit));
      return taken && count() < units.size();
    });
  }
}

bool Shrinker::TryAndMoveMutant(const DecisionList& candidate) {
  if (Try(candidate)) return true;
  const auto strikes = candidate.find({kMutantPurpose, 0, 0});
  if (strikes == candidate.end() || strikes->second.size() > kMovedStrikesMax) return false;
  for (uint64_t places = 1; places <= kMovedPlacesMax; ++places) {
    if (strikes->second.front().index < places) return false;
    DecisionList moved = candidate;
    for (Decision& decision : moved[strikes->first]) decision.index -= places;
    if (Try(moved)) return true;
  }
  return false;
}

void Shrinker::TakeDecisions() {
  const auto count = [this] { return static_cast<size_t>(DecisionCount(current_)); };
  TakeChunks(ChunkMin(count()), count, [this, &count](size_t begin, size_t end) {
    const size_t before = count();
    return Try(WithoutDecisions(current_, begin, end)) && count() < before;
  });
}

uint64_t Shrinker::ValueAt(const UnitName& unit, uint64_t index) const {
  const auto found = current_.find(unit);
  if (found == current_.end()) return 0;
  for (const Decision& decision : found->second) {
    if (decision.index == index) return decision.value;
  }
  return 0;
}

bool Shrinker::TryValue(const UnitName& unit, uint64_t index, uint64_t value) {
  DecisionList candidate = current_;
  std::vector<Decision>& decisions = candidate[unit];
  const auto at = std::find_if(decisions.begin(), decisions.end(),
                               [index](const Decision& one) { return one.index == index; });
  if (at == decisions.end()) return false;
  at->value = value;
  if (value == 0) decisions.erase(at);
  if (decisions.empty()) candidate.erase(unit);
  return Try(candidate);
}

void Shrinker::LowerValues(absl::string_view purpose_prefix) {
  // By name, because a run that has changed may have other decisions.
  std::vector<std::pair<UnitName, uint64_t>> places;
  for (const auto& [unit, decisions] : current_) {
    if (!absl::StartsWith(unit.purpose, purpose_prefix)) continue;
    for (const Decision& decision : decisions) places.emplace_back(unit, decision.index);
  }
  for (const auto& [unit, index] : places) {
    if (ValueAt(unit, index) == 0 || TryValue(unit, index, 0)) continue;
    uint64_t fails = 0;
    uint64_t works = ValueAt(unit, index);
    for (int step = 0; step < kHalvingsMax && works > fails + 1; ++step) {
      const uint64_t between = step == 0 ? 1 : fails + (works - fails) / 2;
      (TryValue(unit, index, between) ? works : fails) = between;
    }
  }
}

std::string ShrinkResult::ToString() const {
  if (!failed) return "the seed passes: there is nothing to shrink\n";
  if (!replayed) return "the recorded decisions do not give the same run again\n";
  const auto size = [](const ShrinkSize& of) {
    return absl::StrCat(of.decision_count, " decisions, ", of.external_event_count,
                        " external events, ", of.node_count, " nodes");
  };
  return absl::StrCat("shrunk by ", run_count, " runs", finished ? "" : " (and not to the end)",
                      "\n  before: ", size(before), "\n  after:  ", size(after), "\n");
}

}  // namespace damselfly::sim
