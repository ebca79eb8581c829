#include "sim/cluster/view_oracle.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

void ViewOracle::OnView(const Occasion& occasion, const std::string& command,
                        std::vector<SlotRange> ranges) {
  views_.push_back({occasion, command, std::move(ranges)});
}

void ViewOracle::OnEpoch(const Occasion& occasion, int64_t epoch) {
  epochs_.emplace_back(occasion, epoch);
}

void ViewOracle::Check(const PushLedger& ledger, OracleBoard* board) const {
  std::map<int, std::vector<SlotRange>> ranges_of;  // by configuration
  for (const View& view : views_) {
    board->CountCheck(Oracle::kIntrospection);
    bool fits = false;
    for (int number : ledger.PossiblePushes(view.occasion)) {
      if (number == PushLedger::kUnconfigured) continue;
      const int config = ledger.pushes()[static_cast<size_t>(number)].config;
      const auto [at, is_new] = ranges_of.try_emplace(config);
      if (is_new) at->second = ledger.config(config).Ranges();
      fits = fits || at->second == view.ranges;
    }
    if (fits) continue;
    board->Violate(Oracle::kIntrospection,
                   absl::StrCat(OccasionText(view.occasion), ": ", view.command,
                                " told what no configuration says that it may have had: ",
                                RangesText(view.ranges)));
  }
  for (const auto& [occasion, epoch] : epochs_) {
    board->CountCheck(Oracle::kConfigOrder);
    bool fits = false;
    for (int number : ledger.PossiblePushes(occasion)) {
      // Without an epoch, or without a configuration, nothing is promised.
      fits = fits || number == PushLedger::kUnconfigured;
      if (fits) break;
      const int64_t pushed = ledger.pushes()[static_cast<size_t>(number)].epoch;
      fits = pushed == Push::kNoEpoch || pushed == epoch;
    }
    if (fits) continue;
    board->Violate(Oracle::kConfigOrder,
                   absl::StrCat(OccasionText(occasion), ": CLUSTER INFO shows epoch ", epoch,
                                ", which cannot be in force"));
  }
}

void RedirectOracle::Check(OracleBoard* board) const {
  for (const Journey& journey : journeys_) {
    if (journey.begin_ns < settled_ns_) continue;
    board->CountCheck(Oracle::kRedirectsEnd);
    if (journey.hops <= 1 && !journey.given_up) continue;
    std::string text;
    for (const Occasion& answer : journey.answers)
      absl::StrAppend(&text, "; ", OccasionText(answer));
    board->Violate(Oracle::kRedirectsEnd,
                   absl::StrCat("a request for slot ", journey.slot, ", begun at ",
                                journey.begin_ns, " ns, was redirected ", journey.hops, " times",
                                journey.given_up ? " and given up" : "",
                                " although all nodes have had the last topology since ",
                                settled_ns_, " ns", text));
  }
}

void ForeignKeysOracle::OnLook(const Occasion& occasion, std::vector<int> slots) {
  looks_.emplace_back(occasion, std::move(slots));
}

void ForeignKeysOracle::Check(const PushLedger& ledger, OracleBoard* board) const {
  for (const auto& [occasion, slots] : looks_) {
    board->CountCheck(Oracle::kNoForeignKeys);
    for (int slot : slots) {
      if (ledger.MayOwn(occasion, slot)) continue;
      board->Violate(Oracle::kNoForeignKeys,
                     absl::StrCat(OccasionText(occasion), " holds keys of slot ", slot,
                                  ", which no configuration that it may have had gives it"));
    }
  }
}

}  // namespace damselfly::sim
