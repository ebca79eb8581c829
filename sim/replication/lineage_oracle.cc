#include "sim/replication/lineage_oracle.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/replication/record.h"

namespace damselfly::sim {
namespace {

// What the journal says nothing of is compared too, in one look of so many, and when the number of
// keys has changed although no position has; that number is asked for in one look of so many.
constexpr uint64_t kLooksPerFullLook = 256;
constexpr uint64_t kLooksPerCount = 4;
// After a full sync the last so many records of each lane are looked at for halves of transactions.
constexpr uint64_t kRecordsBehindSync = 64;

std::string HeldText(const Held* held) {
  if (held == nullptr) return "nothing";
  std::string text = absl::StrCat("\"", absl::CHexEscape(held->data->substr(0, 40)), "\"");
  if (held->data->size() > 40) absl::StrAppend(&text, " and more, ", held->data->size(), " bytes");
  if (held->expiry_ms >= 0) absl::StrAppend(&text, " until ", held->expiry_ms);
  return text;
}

// The place of a slot's digest, which is 0 where there was none.
uint64_t& DigestOf(uint16_t slot, SlotDigests* digests) {
  auto at = std::lower_bound(digests->begin(), digests->end(), slot,
                             [](const auto& each, uint16_t wanted) { return each.first < wanted; });
  if (at == digests->end() || at->first != slot) at = digests->insert(at, {slot, 0});
  return at->second;
}

}  // namespace

const Lineage* LineageOracle::Find(const std::string& id, int lane, uint64_t position) const {
  for (const std::string* next = &id; !next->empty();) {
    const auto found = books_.find(*next);
    if (found == books_.end()) return nullptr;
    const Book& book = found->second;
    if (lane >= book.lineage->lane_count()) return nullptr;
    if (book.lineage->Knows(lane, position)) return book.lineage.get();
    // What lies beyond the fork in the old lineage is not this one's.
    if (book.parent.empty() || position > book.fork[static_cast<size_t>(lane)]) return nullptr;
    next = &book.parent;
  }
  return nullptr;
}

int LineageOracle::LaneOf(const std::string& id, absl::string_view key) const {
  const auto found = books_.find(id);
  return found == books_.end() ? 0 : found->second.lineage->LaneOf(key);
}

std::vector<std::string> LineageOracle::Ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, book] : books_) ids.push_back(id);
  return ids;
}

void LineageOracle::Observe(const NodeView& view, const NodeMemory& memory, int64_t now_ns) {
  const NodeView* last = log_->Last(view.node, view.incarnation);
  const NodeView before_copy = last == nullptr ? NodeView() : *last;
  const NodeView* const before = last == nullptr ? nullptr : &before_copy;
  log_->Add(view, now_ns);
  if (board_->violated()) return;
  if (view.service == NodeView::Service::kLoading) {
    checked_[{view.node, view.incarnation}].filling = true;
    return;
  }
  if (!view.replica && before != nullptr && before->replica &&
      before->service == NodeView::Service::kLoading) {
    CheckEmptied(view, memory);
  }
  if (view.positions.empty()) return;
  if (view.replica) {
    if (before != nullptr && !before->replica && !ReadLastWords(view, memory)) return;
    FollowReplica(view, memory);
  } else {
    FollowMaster(view, before, memory, now_ns);
  }
}

// A look at all slots may be due, or the number of keys says that something has changed; nothing
// else can come of the same view again.
void LineageOracle::ObserveUnchanged(const NodeView& view, const NodeMemory& memory,
                                     int64_t now_ns) {
  if (board_->violated() || view.service == NodeView::Service::kLoading || view.positions.empty())
    return;
  Checked& checked = checked_[{view.node, view.incarnation}];
  const bool looks = (checked.looks + 1) % kLooksPerFullLook == 0;
  const bool counts = (checked.looks + 1) % kLooksPerCount == 0;
  if (looks || (counts && checked.key_count != memory.KeyCount()))
    return Observe(view, memory, now_ns);
  ++checked.looks;
  if (!view.replica) board_->CountCheck(Oracle::kLineageFork);
}

// ---- Masters ----

// What clients have written since then nobody has written before; but sums are numbers, and
// anything may be written into the keys where anything goes.
void LineageOracle::CheckEmptied(const NodeView& view, const NodeMemory& memory) {
  board_->CountCheck(Oracle::kCrashLossIsSuffix);
  for (const auto& [key, held] : memory.LaneContents(0, 1)) {
    if (absl::StartsWith(key.second, kOtherKeyPrefix)) continue;
    if (std::all_of(held.data->begin(), held.data->end(), absl::ascii_isdigit)) continue;
    for (const auto& [id, book] : books_) {
      const std::vector<Lineage::Version>* const versions = book.lineage->VersionsOf(key);
      if (versions == nullptr || id == view.lineage) continue;
      for (const Lineage::Version& version : *versions) {
        if (version.held.data == nullptr || *version.held.data != *held.data) continue;
        board_->Violate(Oracle::kCrashLossIsSuffix,
                        absl::StrCat(ViewText(view), ": promoted while it was being filled, and ",
                                     key.second, " still holds ", HeldText(&held)));
        return;
      }
    }
  }
}

LineageOracle::Book* LineageOracle::Begin(const NodeView& view, const NodeView* before,
                                          const NodeMemory& memory, int64_t now_ns) {
  const int lane_count = static_cast<int>(view.positions.size());
  Book& book = books_[view.lineage];
  book.lineage = std::make_unique<Lineage>(lane_count);
  book.writer = view.node;
  book.writer_incarnation = view.incarnation;
  const bool promoted = before != nullptr && before->replica;
  Promotion promotion{view.node, view.incarnation, "", view.lineage, {}, false, now_ns};
  // One that has handed over is made a master again by the operator, and goes on from there.
  const bool reopened = before != nullptr && !before->replica &&
                        before->service == NodeView::Service::kTakenOver &&
                        before->lineage != view.lineage;
  if ((reopened || (promoted && before->service == NodeView::Service::kActive)) &&
      before->positions.size() == view.positions.size()) {
    bool known = true;
    for (int lane = 0; lane < lane_count; ++lane) {
      const uint64_t position = before->positions[static_cast<size_t>(lane)];
      known = known && Find(before->lineage, lane, position) != nullptr;
    }
    if (known) {
      book.parent = promotion.from = before->lineage;
      book.fork = promotion.fork = before->positions;
    }
  }
  for (int lane = 0; lane < lane_count; ++lane) {
    const size_t i = static_cast<size_t>(lane);
    if (promoted && before->service == NodeView::Service::kLoading) {
      // Half a key space is no key space: it begins with nothing, and all that it has been told
      // since is still in its journal.
      std::vector<std::string> records;
      uint64_t first = view.positions[i];
      while (first > 0 && memory.ReadRecords(lane, first - 1, &records)) {
        --first;
        records.clear();
      }
      book.lineage->Rebase(lane, first, {});
    } else if (book.parent.empty()) {
      book.lineage->Rebase(lane, view.positions[i], memory.LaneContents(lane, lane_count));
    } else {
      const Lineage* const old = Find(book.parent, lane, book.fork[i]);
      book.lineage->Rebase(lane, book.fork[i], old->ContentsAt(lane, book.fork[i]));
    }
  }
  if (!promoted) return &book;
  promotion.takeover = takeovers_expected_.erase(view.node) > 0 && !book.parent.empty();
  if (promotion.takeover) {
    Book& old = books_.at(book.parent);
    board_->CountCheck(Oracle::kTakeoverLosesNothing);
    for (int lane = 0; lane < lane_count; ++lane) {
      if (old.lineage->head(lane) == book.fork[static_cast<size_t>(lane)]) continue;
      board_->Violate(Oracle::kTakeoverLosesNothing,
                      absl::StrCat(ViewText(view), ": has taken over at ",
                                   book.fork[static_cast<size_t>(lane)], " of lane ", lane,
                                   ", where the old master had come to ", old.lineage->head(lane)));
    }
    if (old.taken_over) {
      board_->Violate(Oracle::kTakeoverLosesNothing,
                      absl::StrCat(ViewText(view), ": has taken over where another one had"));
    }
    old.taken_over = true;
  }
  on_promotion_(promotion);
  return &book;
}

void LineageOracle::FollowMaster(const NodeView& view, const NodeView* before,
                                 const NodeMemory& memory, int64_t now_ns) {
  const auto found = books_.find(view.lineage);
  const bool begins = found == books_.end();
  Book* const book = begins ? Begin(view, before, memory, now_ns) : &found->second;
  if (board_->violated()) return;
  board_->CountCheck(Oracle::kLineageFork);
  if (book->writer != view.node || book->writer_incarnation != view.incarnation) {
    board_->Violate(Oracle::kLineageFork,
                    absl::StrCat(ViewText(view), ": this lineage is node ", book->writer,
                                 "'s (process ", book->writer_incarnation, ")"));
    return;
  }
  if (book->lineage->lane_count() != static_cast<int>(view.positions.size())) {
    board_->Violate(Oracle::kPrefix, absl::StrCat(ViewText(view), ": the lineage had ",
                                                  book->lineage->lane_count(), " lanes"));
    return;
  }
  if (!ReadOn(book, view, memory)) return;
  const bool promoted = begins && before != nullptr && before->replica;
  Compare(view, memory, promoted ? Occasion::kPromoted : Occasion::kMaster);
}

// Within one pass a master may execute a command and become a replica.
bool LineageOracle::ReadLastWords(const NodeView& view, const NodeMemory& memory) {
  const auto found = books_.find(view.lineage);
  if (found == books_.end()) return true;
  Book& book = found->second;
  if (book.writer != view.node || book.writer_incarnation != view.incarnation ||
      book.lineage->lane_count() != static_cast<int>(view.positions.size()))
    return true;
  return ReadOn(&book, view, memory);
}

bool LineageOracle::MayWrite(const Book& book, const NodeView& view, int lane) {
  const uint64_t head = book.lineage->head(lane);
  const uint64_t end = view.positions[static_cast<size_t>(lane)];
  if (end < head) {
    board_->Violate(Oracle::kPrefix, absl::StrCat(ViewText(view), ": lane ", lane,
                                                  " was at position ", head, " before"));
  } else if (end > head && book.taken_over) {
    board_->Violate(Oracle::kTakeoverLosesNothing,
                    absl::StrCat(ViewText(view), ": writes on in lane ", lane, " behind position ",
                                 head, ", at which it has been taken over"));
  }
  return !board_->violated();
}

bool LineageOracle::ReadOn(Book* book, const NodeView& view, const NodeMemory& memory) {
  Lineage& lineage = *book->lineage;
  const int lane_count = lineage.lane_count();
  std::vector<std::vector<std::string>> records(static_cast<size_t>(lane_count));
  bool complete = true;
  for (int lane = 0; lane < lane_count; ++lane) {
    const size_t i = static_cast<size_t>(lane);
    if (!MayWrite(*book, view, lane)) return false;
    const uint64_t head = lineage.head(lane);
    if (view.positions[i] == head) continue;
    complete = complete && memory.ReadRecords(lane, head, &records[i]) &&
               records[i].size() == view.positions[i] - head;
  }
  for (int lane = 0; lane < lane_count; ++lane) {
    const size_t i = static_cast<size_t>(lane);
    if (!complete && view.positions[i] != lineage.head(lane)) {
      // All lanes, as transactions have parts in several.
      ++gap_count_;
      lineage.Rebase(lane, view.positions[i], memory.LaneContents(lane, lane_count));
      continue;
    }
    for (const std::string& bytes : records[i]) {
      if (!Play(&lineage, view, lane, bytes)) return false;
    }
  }
  return true;
}

bool LineageOracle::Play(Lineage* lineage, const NodeView& view, int lane,
                         const std::string& bytes) {
  Record record;
  const absl::Status status = ParseRecord(bytes, &record);
  board_->CountCheck(Oracle::kPrefix);
  if (status.ok() &&
      lineage->Append(lane, record.transaction_id, record.lane_count, record.changes))
    return true;
  board_->Violate(
      Oracle::kPrefix,
      absl::StrCat(ViewText(view), ": record ", lineage->head(lane), " of lane ", lane,
                   " cannot be: ", absl::CHexEscape(bytes.substr(0, 100)), " ", status.ToString()));
  return false;
}

// ---- Replicas ----

bool LineageOracle::MayGoOn(const Checked& checked, const NodeView& view) const {
  if (checked.positions.empty()) return false;
  for (std::string id = view.lineage; !id.empty();) {
    const auto found = books_.find(id);
    if (found == books_.end() || found->second.parent.empty()) return false;
    const Book& book = found->second;
    if (book.fork.size() != checked.positions.size()) return false;
    for (size_t i = 0; i < book.fork.size(); ++i) {
      if (checked.positions[i] > book.fork[i]) return false;
    }
    if (book.parent == checked.lineage) return true;
    id = book.parent;
  }
  return false;
}

void LineageOracle::FollowReplica(const NodeView& view, const NodeMemory& memory) {
  Checked& checked = checked_[{view.node, view.incarnation}];
  const auto found = books_.find(view.lineage);
  if (found == books_.end() ||
      found->second.lineage->lane_count() != static_cast<int>(view.positions.size())) {
    board_->Violate(Oracle::kResumeHonesty,
                    absl::StrCat(ViewText(view), ": no master has such a lineage"));
    return;
  }
  Occasion occasion = Occasion::kStream;
  if (checked.filling) {
    occasion = Occasion::kFilled;
    ++full_sync_count_;
  } else if (checked.lineage != view.lineage) {
    board_->CountCheck(Oracle::kResumeHonesty);
    if (!checked.lineage.empty() && !MayGoOn(checked, view)) {
      board_->Violate(Oracle::kResumeHonesty,
                      absl::StrCat(ViewText(view), ": goes on without a full sync from lineage ",
                                   checked.lineage.substr(0, 8), " at ",
                                   absl::StrJoin(checked.positions, " ")));
      return;
    }
    ++partial_after_promotion_count_;
  }
  const bool same = checked.lineage == view.lineage && occasion == Occasion::kStream;
  for (size_t i = 0; i < view.positions.size(); ++i) {
    const uint64_t end = view.positions[i];
    uint64_t begin = end > kRecordsBehindSync ? end - kRecordsBehindSync : 0;
    if (same) begin = checked.positions[i];
    if (begin > end) {
      board_->Violate(Oracle::kPrefix, absl::StrCat(ViewText(view), ": lane ", i,
                                                    " was at position ", begin, " before"));
      return;
    }
    CheckTransactions(view, static_cast<int>(i), begin);
  }
  if (!board_->violated()) Compare(view, memory, occasion);
}

void LineageOracle::CheckTransactions(const NodeView& view, int lane, uint64_t begin) {
  const uint64_t end = view.positions[static_cast<size_t>(lane)];
  for (uint64_t position = begin; position < end; ++position) {
    const Lineage* const lineage = Find(view.lineage, lane, position);
    if (lineage == nullptr || position >= lineage->head(lane)) continue;
    const Lineage::Transaction* const transaction = lineage->TransactionAt(lane, position);
    if (transaction == nullptr) continue;
    board_->CountCheck(Oracle::kAtomicOnReplica);
    bool whole = transaction->parts.size() == transaction->part_count;
    for (const Lineage::Part& part : transaction->parts)
      whole = whole && part.position < view.positions[static_cast<size_t>(part.lane)];
    if (whole) continue;
    board_->Violate(
        Oracle::kAtomicOnReplica,
        absl::StrCat(ViewText(view), ": has record ", position, " of lane ", lane, " and not all ",
                     transaction->part_count, " parts of that transaction"));
    return;
  }
}

void LineageOracle::ObserveAcknowledged(const std::string& lineage, int replica,
                                        int replica_incarnation, uint64_t acknowledged_records) {
  const NodeView* const view = log_->Last(replica, replica_incarnation);
  if (view == nullptr || !view->serves_replica() || view->lineage != lineage) return;
  uint64_t applied = 0;
  for (uint64_t position : view->positions) applied += position;
  board_->CountCheck(Oracle::kAckedPosition);
  if (acknowledged_records <= applied) return;
  board_->Violate(Oracle::kAckedPosition,
                  absl::StrCat(ViewText(*view), ": its master takes ", acknowledged_records,
                               " records for applied"));
}

// ---- Comparing ----

void LineageOracle::Compare(const NodeView& view, const NodeMemory& memory, Occasion occasion) {
  Checked& checked = checked_[{view.node, view.incarnation}];
  const uint64_t key_count = memory.KeyCount();
  const bool same = checked.lineage == view.lineage && !checked.filling &&
                    checked.positions.size() == view.positions.size();
  checked.lanes.resize(view.positions.size());
  const bool all = !same || ++checked.looks % kLooksPerFullLook == 0 ||
                   (checked.key_count != key_count && checked.positions == view.positions);
  for (size_t i = 0; i < view.positions.size() && !board_->violated(); ++i) {
    const bool moved = !same || checked.positions[i] != view.positions[i];
    if (!moved && !all) continue;
    CompareLane(view, static_cast<int>(i), memory, all,
                moved || occasion != Occasion::kStream ? occasion : Occasion::kQuiet);
  }
  checked.lineage = view.lineage;
  checked.positions = view.positions;
  checked.key_count = key_count;
  checked.filling = false;
}

uint64_t LineageOracle::LaneDigest(const Lineage& lineage, const NodeView& view, int lane,
                                   const NodeMemory& memory, bool look, Checked::Lane* checked) {
  const uint64_t position = view.positions[static_cast<size_t>(lane)];
  look = look || position < checked->position || !lineage.Knows(lane, checked->position) ||
         !lineage.SlotsTouched(lane, checked->position, position, &touched_slots_);
  checked->position = position;
  if (look) {
    memory.LaneDigests(lane, static_cast<int>(view.positions.size()), &checked->slots);
    checked->digest = 0;
    for (const auto& [slot, digest] : checked->slots) checked->digest += digest;
    return checked->digest;
  }
  for (uint16_t slot : touched_slots_) {
    uint64_t& digest = DigestOf(slot, &checked->slots);
    checked->digest -= digest;
    digest = memory.SlotDigest(slot);
    checked->digest += digest;
  }
  return checked->digest;
}

void LineageOracle::CompareLane(const NodeView& view, int lane, const NodeMemory& memory, bool look,
                                Occasion occasion) {
  static constexpr Oracle kOracles[] = {Oracle::kPrefix, Oracle::kCrashLossIsSuffix,
                                        Oracle::kCutConsistency, Oracle::kPrefix,
                                        Oracle::kReplicaPassive};
  const uint64_t position = view.positions[static_cast<size_t>(lane)];
  const Lineage* const lineage = Find(view.lineage, lane, position);
  if (lineage == nullptr) {
    const Book& book = books_.at(view.lineage);
    if (position > book.lineage->head(lane)) {
      board_->Violate(Oracle::kPrefix,
                      absl::StrCat(ViewText(view), ": lane ", lane, " is beyond its master's ",
                                   book.lineage->head(lane)));
    }
    return;
  }
  ++comparison_count_;
  board_->CountCheck(kOracles[static_cast<size_t>(occasion)]);
  // The same look tells whether a replica has ended a key by its own clock.
  if (view.replica && lineage->expiring_count(lane) > 0)
    board_->CountCheck(Oracle::kDeleteByStream);
  const int lane_count = static_cast<int>(view.positions.size());
  Checked::Lane& checked = checked_[{view.node, view.incarnation}].lanes[static_cast<size_t>(lane)];
  if (LaneDigest(*lineage, view, lane, memory, look, &checked) == lineage->DigestAt(lane, position))
    return;
  Differ(view, lane, occasion, lineage->ContentsAt(lane, position),
         memory.LaneContents(lane, lane_count));
}

void LineageOracle::Differ(const NodeView& view, int lane, Occasion occasion, const Contents& want,
                           const Contents& have) {
  std::set<KeyName> keys;
  for (const auto& [key, held] : want) keys.insert(key);
  for (const auto& [key, held] : have) keys.insert(key);
  std::string text;
  int different = 0;
  bool only_deadlines = true;
  bool only_expired = true;
  for (const KeyName& key : keys) {
    const auto wanted = want.find(key);
    const auto there = have.find(key);
    const Held* const want_held = wanted == want.end() ? nullptr : &wanted->second;
    const Held* const have_held = there == have.end() ? nullptr : &there->second;
    const bool both = want_held != nullptr && have_held != nullptr;
    if (both && *want_held->data == *have_held->data &&
        want_held->expiry_ms == have_held->expiry_ms)
      continue;
    only_deadlines = only_deadlines && both && *want_held->data == *have_held->data;
    only_expired =
        only_expired && have_held == nullptr && want_held != nullptr && want_held->expiry_ms >= 0;
    if (++different > 3) continue;
    absl::StrAppend(&text, "\n  ", key.second, " (database ", key.first, ") holds ",
                    HeldText(have_held), " instead of ", HeldText(want_held));
  }
  static constexpr Oracle kOracles[] = {Oracle::kPrefix, Oracle::kCrashLossIsSuffix,
                                        Oracle::kCutConsistency, Oracle::kPrefix,
                                        Oracle::kReplicaPassive};
  static constexpr absl::string_view kTexts[] = {
      "its journal says otherwise", "promoted, and not what it had applied",
      "filled, and not what its master was", "not what its master was there",
      "has changed although its position has not"};
  const Oracle oracle = only_expired     ? Oracle::kDeleteByStream
                        : only_deadlines ? Oracle::kDeadlineIdentity
                                         : kOracles[static_cast<size_t>(occasion)];
  board_->Violate(oracle, absl::StrCat(ViewText(view), ", lane ", lane, ": ",
                                       kTexts[static_cast<size_t>(occasion)], ", in ", different,
                                       " keys", text));
}

}  // namespace damselfly::sim
