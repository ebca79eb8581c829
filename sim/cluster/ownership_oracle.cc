#include "sim/cluster/ownership_oracle.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

void OwnershipOracle::OnExecuted(const Occasion& occasion, int slot, absl::string_view command) {
  executed_.push_back({occasion, slot, std::string(command)});
}

void OwnershipOracle::OnMoved(const Occasion& occasion, int key_slot, int moved_slot,
                              absl::string_view address) {
  moved_.push_back({occasion, key_slot, moved_slot, std::string(address)});
}

void OwnershipOracle::OnUnconfigured(const Occasion& occasion) {
  unconfigured_.push_back(occasion);
}

void OwnershipOracle::CheckExecuted(const Executed& executed, const PushLedger& ledger,
                                    OracleBoard* board) {
  const std::vector<int> possible = ledger.PossiblePushes(executed.occasion);
  const bool unconfigured = possible == std::vector<int>{PushLedger::kUnconfigured};
  const Oracle oracle = unconfigured ? Oracle::kUnconfigured : Oracle::kOneOwner;
  board->CountCheck(oracle);
  if (ledger.MayOwn(executed.occasion, executed.slot)) return;
  board->Violate(
      oracle,
      absl::StrCat(OccasionText(executed.occasion), " executed ", executed.command, " for slot ",
                   executed.slot,
                   unconfigured ? " before any configuration was applied"
                                : ", which no configuration that it may have had gives it"));
}

void OwnershipOracle::CheckMoved(const Moved& moved, const PushLedger& ledger,
                                 absl::Span<const NodeAddress> nodes, OracleBoard* board) {
  board->CountCheck(Oracle::kTruthfulMoved);
  const std::string text =
      absl::StrCat(OccasionText(moved.occasion), " answered MOVED ", moved.moved_slot, " ",
                   moved.address, " for a key of slot ", moved.key_slot);
  if (moved.moved_slot != moved.key_slot) {
    board->Violate(Oracle::kTruthfulMoved, absl::StrCat(text, ": the slot is wrong"));
    return;
  }
  for (int number : ledger.PossiblePushes(moved.occasion)) {
    if (number == PushLedger::kUnconfigured) continue;
    const int config = ledger.pushes()[static_cast<size_t>(number)].config;
    const int owner = ledger.config(config).owner(moved.key_slot);
    const NodeAddress& address = nodes[static_cast<size_t>(owner)];
    if (owner != moved.occasion.node &&
        absl::StrCat(address.ip, ":", address.port) == moved.address)
      return;
  }
  board->Violate(Oracle::kTruthfulMoved,
                 absl::StrCat(text, ": no configuration that it may have had says so"));
}

void OwnershipOracle::Check(const PushLedger& ledger, absl::Span<const NodeAddress> nodes,
                            OracleBoard* board) const {
  for (const Executed& executed : executed_) CheckExecuted(executed, ledger, board);
  for (const Moved& moved : moved_) CheckMoved(moved, ledger, nodes, board);
  for (const Occasion& occasion : unconfigured_) {
    board->CountCheck(Oracle::kUnconfigured);
    if (ledger.MayBeUnconfigured(occasion)) continue;
    board->Violate(Oracle::kUnconfigured,
                   absl::StrCat(OccasionText(occasion),
                                " said that it is not configured although it had been"));
  }
}

}  // namespace damselfly::sim
