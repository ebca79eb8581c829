#include "server/replication/lane_applier.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/replication/short_set.h"
#include "server/session/slot_locks.h"
#include "server/store/apply_change.h"

namespace damselfly {
namespace {

// What a value may make us allocate before any of its bytes has come.
constexpr uint64_t kBlobBytesFirst = 64 * 1024;

// The locks of all slots that the changes are in.
void LockSlotsOf(const Record& record, SlotLocks::Slots* slots, bool* all) {
  for (const Change& change : record.changes) {
    *all = *all || change.is_global();
    slots->push_back(change.slot);
  }
}

[[gnu::cold]] absl::Status ImpossibleChange() {
  return absl::DataLossError("a change that no store can have made");
}

[[gnu::cold]] absl::Status RecordWithinEntry() {
  return absl::DataLossError("a record within an entry");
}

[[gnu::cold]] absl::Status OfAnotherLane(const Change& change) {
  return absl::DataLossError(absl::StrCat("a change of slot ", change.slot));
}

absl::Status ApplyOne(const LaneApplier::Options& options, const Change& change) {
  if (ApplyChange(options.store, change, options.counters)) return absl::OkStatus();
  return ImpossibleChange();
}

bool HasGlobal(const Record& record) {
  return std::any_of(record.changes.begin(), record.changes.end(),
                     [](const Change& change) { return change.is_global(); });
}

}  // namespace

LaneApplier::LaneApplier(Options options, std::shared_ptr<Journal> journal,
                         std::shared_ptr<TransactionGate> gate)
    : options_(std::move(options)),
      journal_(std::move(journal)),
      gate_(std::move(gate)),
      syncing_(options_.full_sync) {
  DFLY_CHECK(journal_ != nullptr && gate_ != nullptr);
  DFLY_CHECK(options_.lane < journal_->lane_count());
}

bool LaneApplier::FindKey(const Frame& frame, int* database, absl::string_view* key) {
  const bool is_entry = frame.type == FrameType::kEntry;
  if (!is_entry && frame.type != FrameType::kRecord) return false;
  return PeekKey(frame.payload, is_entry, database, key);
}

void LaneApplier::Prepare(absl::Span<const Frame> frames) {
  static_assert(kFramesMax <= Store::kPrefetchedKeysMax);
  DFLY_CHECK(taken_count_ == prepared_count_ && frames.size() <= kFramesMax);
  prepared_count_ = frames.size();
  taken_count_ = 0;
  Store& store = *options_.store;
  const bool fetches = frames.size() > 1;
  size_t key_count = 0;
  size_t fetched_count = 0;
  int keys_database = 0;  // of those that have not been fetched
  const auto fetch = [&] {
    if (fetches) {
      store.Prefetch(keys_database,
                     absl::MakeSpan(keys_).subspan(fetched_count, key_count - fetched_count));
    }
    fetched_count = key_count;
  };
  for (size_t i = 0; i < frames.size(); ++i) {
    Prepared& one = prepared_[i];
    one.frame = frames[i];
    one.short_set_key = nullptr;
    const bool is_short_set =
        one.frame.type == FrameType::kRecord && ShortSet::Parse(one.frame.payload, &one.change);
    int database = one.change.database;
    absl::string_view bytes = one.change.key;
    if (!is_short_set && !(fetches && FindKey(one.frame, &database, &bytes))) continue;
    if (database != keys_database) fetch();
    keys_database = database;
    Key& key = keys_[key_count++];
    key = store.MakeKey(bytes);
    if (fetches) store.PrefetchSlot(key.slot);
    if (!is_short_set) continue;
    one.change.slot = key.slot;
    one.short_set_key = &key;
  }
  fetch();
}

absl::StatusOr<LaneApplier::Step> LaneApplier::Take() {
  DFLY_CHECK(taken_count_ < prepared_count_);
  const Prepared& one = prepared_[taken_count_++];
  if (one.short_set_key == nullptr) return TakeOther(one.frame);
  absl::Status status = TakeShortSet(one);
  if (!status.ok()) return status;
  return Step::kApplied;
}

absl::StatusOr<LaneApplier::Step> LaneApplier::TakeOther(const Frame& frame) {
  absl::Status status;
  switch (frame.type) {
    case FrameType::kEntry:
      status = TakeEntry(frame.payload);
      break;
    case FrameType::kChunk:
      status = TakeChunk(frame.payload);
      break;
    case FrameType::kSyncEnd:
      status = EndSync();
      if (status.ok()) return Step::kSyncEnded;
      break;
    case FrameType::kRecord:
      return TakeRecord(frame);
    case FrameType::kAckRequest:
      return Step::kAckWanted;
    case FrameType::kKeepAlive:
      break;
  }
  if (!status.ok()) return status;
  return Step::kApplied;
}

absl::Status LaneApplier::TakeEntry(absl::string_view payload) {
  if (!syncing_) return absl::DataLossError("an entry outside of a full sync");
  if (open_ != nullptr) return absl::DataLossError("an entry within an entry");
  Change change;
  size_t head_bytes = 0;
  absl::Status parsed = ParseEntry(payload, &change, &head_bytes);
  if (!parsed.ok()) return parsed;
  if (journal_->LaneOf(change.slot) != options_.lane)
    return absl::DataLossError(absl::StrCat("an entry of slot ", change.slot));
  const absl::string_view value = payload.substr(head_bytes);
  if (value.size() > change.size) return absl::DataLossError("a value longer than promised");
  if (value.size() == change.size) {
    change.value = value;
    return ApplyEntry(change);
  }
  open_ = std::make_unique<OpenEntry>();
  open_->head = std::string(payload.substr(0, head_bytes));
  open_->size = change.size;
  parsed = ParseEntry(open_->head, &open_->change, &head_bytes);
  DFLY_CHECK(parsed.ok());
  if (options_.loses_chunked_deadline) open_->change.expiry_ms = -1;
  return AddToValue(value);
}

absl::Status LaneApplier::TakeChunk(absl::string_view bytes) {
  if (open_ == nullptr) return absl::DataLossError("a piece of a value without its entry");
  if (bytes.empty()) return absl::DataLossError("an empty piece of a value");
  return AddToValue(bytes);
}

// Memory grows with what has come: a promise costs nothing.
absl::Status LaneApplier::AddToValue(absl::string_view bytes) {
  BlobRef& value = open_->value;
  const uint64_t before = value ? value->size() : 0;
  const uint64_t needed = before + bytes.size();
  if (needed > open_->size) return absl::DataLossError("a value longer than promised");
  if (!value) {
    value = Blob::TryCreate(std::min(open_->size, std::max(needed, kBlobBytesFirst)));
    if (!value) return absl::ResourceExhaustedError("no memory for a value");
  } else if (needed > value->capacity()) {
    value.Resize(std::min(open_->size, std::max(needed, 2 * before)));
  }
  std::copy(bytes.begin(), bytes.end(), value->mutable_data() + before);
  value->set_size(needed);
  if (needed < open_->size) return absl::OkStatus();
  open_->change.blob = value.get();
  open_->change.value = value->view();
  absl::Status status = ApplyEntry(open_->change);
  open_ = nullptr;
  return status;
}

absl::Status LaneApplier::EndSync() {
  if (!syncing_) return absl::DataLossError("the end of a full sync outside of one");
  if (open_ != nullptr) return absl::DataLossError("a full sync that ends within an entry");
  syncing_ = false;
  return absl::OkStatus();
}

absl::Status LaneApplier::ApplyEntry(const Change& change) {
  SlotLocks locks(options_.store);
  locks.LockOne(change.slot);
  return ApplyOne(options_, change);
}

// What TakeRecord does, for the commonest record.
absl::Status LaneApplier::TakeShortSet(const Prepared& one) {
  if (open_ != nullptr) return RecordWithinEntry();
  if (journal_->LaneOf(one.change.slot) != options_.lane) return OfAnotherLane(one.change);
  SlotLocks locks(options_.store);
  locks.LockOne(one.change.slot);
  if (!ApplyChange(options_.store, one.change, *one.short_set_key, options_.counters))
    return ImpossibleChange();
  journal_->AppendAppliedFrame(options_.lane, one.frame);
  return absl::OkStatus();
}

absl::StatusOr<LaneApplier::Step> LaneApplier::TakeRecord(const Frame& frame) {
  if (open_ != nullptr) return RecordWithinEntry();
  absl::Status status = ParseRecord(frame.payload, &record_);
  if (status.ok()) status = Check(record_);
  if (!status.ok()) return status;
  if (record_.transaction_id != 0) return TakePart(frame.payload);
  status = ApplyAlone(record_, frame);
  if (!status.ok()) return status;
  return Step::kApplied;
}

absl::StatusOr<LaneApplier::Step> LaneApplier::TakePart(absl::string_view bytes) {
  auto part = std::make_unique<TransactionPart>();
  part->lane = options_.lane;
  part->bytes = std::string(bytes);
  absl::Status status = ParseRecord(part->bytes, &part->record);
  DFLY_CHECK(status.ok());
  part->resume = options_.resume;
  const absl::StatusOr<TransactionParts> parts = gate_->Arrive(std::move(part));
  if (!parts.ok()) return parts.status();
  if (parts->empty()) {
    ForgetGuesses();
    return Step::kWaits;
  }
  status = ApplyTogether(*parts);
  for (const std::unique_ptr<TransactionPart>& other : *parts) {
    if (other->lane != options_.lane) other->resume(status);
  }
  if (!status.ok()) return status;
  return Step::kApplied;
}

void LaneApplier::ForgetGuesses() {
  for (Key& key : keys_) key.guess = KeyGuess();
}

absl::Status LaneApplier::Check(const Record& record) const {
  const bool global = HasGlobal(record);
  const bool everywhere = record.lane_count == static_cast<uint64_t>(journal_->lane_count());
  if (global && (options_.lane != 0 || !everywhere))
    return absl::DataLossError("a change of all slots that is not in all lanes");
  for (const Change& change : record.changes) {
    // What goes with a global change is all in lane 0.
    if (!global && journal_->LaneOf(change.slot) != options_.lane) return OfAnotherLane(change);
    if (change.kind == Change::Kind::kWriteRange && change.size > options_.string_bytes_max)
      return absl::DataLossError(absl::StrCat("a string of ", change.size, " bytes, where ",
                                              options_.string_bytes_max,
                                              " are allowed (proto_max_bulk_len)"));
  }
  return absl::OkStatus();
}

absl::Status LaneApplier::ApplyAlone(const Record& record, const Frame& frame) {
  SlotLocks locks(options_.store);
  if (record.changes.size() == 1 && !record.changes[0].is_global()) {
    locks.LockOne(record.changes[0].slot);
  } else {
    SlotLocks::Slots slots;
    bool all = false;
    LockSlotsOf(record, &slots, &all);
    if (all) {
      locks.LockAll();
    } else {
      locks.LockMany(std::move(slots));
    }
  }
  absl::Status status = Apply(record);
  if (status.ok()) journal_->AppendAppliedFrame(options_.lane, frame);
  return status;
}

absl::Status LaneApplier::Apply(const Record& record) {
  for (const Change& change : record.changes) {
    absl::Status status = ApplyOne(options_, change);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status LaneApplier::ApplyTogether(const TransactionParts& parts) {
  SlotLocks::Slots slots;
  bool all = false;
  for (const std::unique_ptr<TransactionPart>& part : parts)
    LockSlotsOf(part->record, &slots, &all);
  // Beside a global change the other lanes have nothing: there would be no telling what came first.
  for (const std::unique_ptr<TransactionPart>& part : parts) {
    if (all && part->lane != 0 && !part->record.changes.empty())
      return absl::DataLossError("changes beside a change of all slots");
  }
  SlotLocks locks(options_.store);
  if (all) {
    locks.LockAll();
  } else if (!slots.empty()) {
    locks.LockMany(std::move(slots));
  }
  for (const std::unique_ptr<TransactionPart>& part : parts) {
    absl::Status status = Apply(part->record);
    if (!status.ok()) return status;
    journal_->AppendApplied(part->lane, part->bytes);
  }
  return absl::OkStatus();
}

}  // namespace damselfly
