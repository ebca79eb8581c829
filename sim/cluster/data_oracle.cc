#include "sim/cluster/data_oracle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {

void DataOracle::OnWrite(const std::string& key, const std::string& value, const Occasion& occasion,
                         WriteOutcome outcome) {
  KeyHistory& history = keys_[key];
  history.write_of_value[value] = history.writes.size();
  history.writes.push_back({value, occasion, outcome});
}

void DataOracle::OnDelete(const std::string& key, const Occasion& occasion, bool certain) {
  keys_[key].deletions.push_back({occasion, certain});
}

void DataOracle::OnRead(const std::string& key, const std::string& value,
                        const Occasion& occasion) {
  keys_[key].reads.push_back({value, occasion});
}

void DataOracle::OnPairRead(const std::string& key, const std::string& other_key,
                            const std::string& value, const std::string& other_value,
                            const Occasion& occasion) {
  OnRead(key, value, occasion);
  OnRead(other_key, other_value, occasion);
  pair_reads_.push_back({absl::StrCat(OccasionText(occasion), ": ", key, " held \"", value,
                                      "\" and ", other_key, " \"", other_value, "\""),
                         value == other_value});
}

void DataOracle::OnWatched(const std::string& key, const std::string& old_value,
                           const Occasion& read, const Occasion& exec) {
  keys_[key].watched.push_back({old_value, read, exec});
}

void DataOracle::OnWatchFailed(const std::string& key, const Occasion& watch,
                               const Occasion& exec) {
  keys_[key].watch_failed.push_back({watch, exec});
}

DataOracle::Life& DataOracle::LifeAt(Lives* lives, const Occasion& occasion, int slot,
                                     const PushLedger& ledger) {
  const auto [at, is_new] = lives->try_emplace({occasion.node, occasion.incarnation}, Life());
  Life& life = at->second;
  if (!is_new) return life;
  life.value.Add(INT64_MIN, INT64_MIN, true, kNil);
  for (int number : ledger.AppliedAt(occasion.node, occasion.incarnation)) {
    const Push& push = ledger.pushes()[static_cast<size_t>(number)];
    if (ledger.config(push.config).owner(slot) == occasion.node) continue;
    const bool certain = push.outcome == PushOutcome::kApplied;
    life.value.Add(push.occasion.begin_ns, push.occasion.end_ns, certain, kNil);
    life.losses.Add(push.occasion.begin_ns, push.occasion.end_ns, certain, kNil);
  }
  return life;
}

void DataOracle::CheckKey(const std::string& key, const KeyHistory& history,
                          const PushLedger& ledger, OracleBoard* board) {
  const int slot = KeySlot(key);
  Lives lives;
  for (size_t i = 0; i < history.writes.size(); ++i) {
    const Write& write = history.writes[i];
    const bool certain = write.outcome == WriteOutcome::kDone;
    if (!certain && write.outcome != WriteOutcome::kUnknown) continue;
    Life& life = LifeAt(&lives, write.occasion, slot, ledger);
    for (IntervalRegister* of : {&life.value, &life.writes})
      of->Add(write.occasion.begin_ns, write.occasion.end_ns, certain, static_cast<int64_t>(i));
  }
  for (const Deletion& deletion : history.deletions) {
    LifeAt(&lives, deletion.occasion, slot, ledger)
        .value.Add(deletion.occasion.begin_ns, deletion.occasion.end_ns, deletion.certain, kNil);
  }
  for (const Read& read : history.reads)
    CheckRead(key, history, read, LifeAt(&lives, read.occasion, slot, ledger), board);
  for (const Watched& watched : history.watched)
    CheckWatched(key, watched, LifeAt(&lives, watched.exec, slot, ledger), board);
  for (const WatchFailed& failed : history.watch_failed)
    CheckWatchFailed(key, failed, LifeAt(&lives, failed.exec, slot, ledger), board);
}

void DataOracle::CheckRead(const std::string& key, const KeyHistory& history, const Read& read,
                           const Life& life, OracleBoard* board) {
  const std::string text = absl::StrCat(OccasionText(read.occasion), ": ", key, " (slot ",
                                        KeySlot(key), ") held \"", read.value, "\"");
  const int64_t settled_ns = life.value.SettledSince(read.occasion.begin_ns);
  board->CountCheck(Oracle::kLinearizable);
  if (read.value.empty()) {
    if (life.value.MayHold(kNil, read.occasion.begin_ns, read.occasion.end_ns)) return;
    board->Violate(Oracle::kLinearizable,
                   absl::StrCat(text, " although something was written at or after ", settled_ns,
                                " ns and nothing has taken it away"));
    return;
  }
  const auto found = history.write_of_value.find(read.value);
  if (found == history.write_of_value.end()) {
    board->Violate(Oracle::kLinearizable, absl::StrCat(text, ", which nobody wrote"));
    return;
  }
  const Write& write = history.writes[found->second];
  const std::string written = absl::StrCat(text, ", written by ", OccasionText(write.occasion));
  board->CountCheck(Oracle::kConfigAtomic);
  board->CountCheck(Oracle::kOneSlot);
  if (write.outcome == WriteOutcome::kRefused) {
    board->Violate(Oracle::kConfigAtomic, absl::StrCat(written, ", which was refused"));
  } else if (write.outcome == WriteOutcome::kRefusedSlots) {
    board->Violate(Oracle::kOneSlot, absl::StrCat(written, ", which was refused with CROSSSLOT"));
  } else if (!life.value.MayHold(static_cast<int64_t>(found->second), read.occasion.begin_ns,
                                 read.occasion.end_ns)) {
    const bool lost = write.occasion.end_ns < life.losses.SettledSince(read.occasion.begin_ns);
    if (lost) board->CountCheck(Oracle::kNoResurrection);
    board->Violate(lost ? Oracle::kNoResurrection : Oracle::kLinearizable,
                   absl::StrCat(written,
                                lost ? ": the slot was lost at or after "
                                     : ": something else was written at or after ",
                                settled_ns, " ns"));
  } else if (life.losses.SettledSince(read.occasion.begin_ns) != INT64_MIN) {
    board->CountCheck(Oracle::kNoResurrection);
  }
}

void DataOracle::CheckWatched(const std::string& key, const Watched& watched, const Life& life,
                              OracleBoard* board) {
  board->CountCheck(Oracle::kWatch);
  // Taking away what is not there is no change; but the loss of its slot is, whatever it held.
  const IntervalRegister& changes = watched.old_value.empty() ? life.writes : life.value;
  const int64_t changed_ns = std::max(changes.SettledSince(watched.exec.begin_ns),
                                      life.losses.SettledSince(watched.exec.begin_ns));
  if (changed_ns <= watched.read.end_ns) return;
  board->Violate(
      Oracle::kWatch,
      absl::StrCat(OccasionText(watched.exec), ": EXEC succeeded although ", key,
                   ", watched and read \"", watched.old_value, "\" until ", watched.read.end_ns,
                   " ns, had changed at or after ", changed_ns, " ns"));
}

void DataOracle::CheckWatchFailed(const std::string& key, const WatchFailed& failed,
                                  const Life& life, OracleBoard* board) {
  board->CountCheck(Oracle::kWatch);
  if (life.value.MayChange(failed.watch.begin_ns, failed.exec.end_ns)) return;
  board->Violate(Oracle::kWatch,
                 absl::StrCat(OccasionText(failed.exec), ": EXEC was answered by null although ",
                              key, ", watched since ", failed.watch.begin_ns,
                              " ns at the earliest, cannot have changed"));
}

void DataOracle::Check(const PushLedger& ledger, OracleBoard* board) const {
  for (const auto& [key, history] : keys_) CheckKey(key, history, ledger, board);
  for (const PairRead& read : pair_reads_) {
    board->CountCheck(Oracle::kAllOrNothing);
    if (!read.equal) board->Violate(Oracle::kAllOrNothing, read.text);
  }
}

}  // namespace damselfly::sim
