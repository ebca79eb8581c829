#include "server/replication/lane_applier.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
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

absl::Status ApplyOne(const LaneApplier::Options& options, const Change& change) {
  if (ApplyChange(options.store, change, options.counters)) return absl::OkStatus();
  return absl::DataLossError("a change that no store can have made");
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

void LaneApplier::Prefetch(absl::Span<const Frame> frames) {
  static_assert(kPrefetchFramesMax <= Store::kPrefetchedKeysMax);
  absl::InlinedVector<Key, kPrefetchFramesMax> keys;  // of one database
  int keys_database = 0;
  const auto fetch = [&] {
    options_.store->Prefetch(keys_database, absl::MakeSpan(keys));
    keys.clear();
  };
  for (const Frame& frame : frames.first(std::min(frames.size(), kPrefetchFramesMax))) {
    const bool is_entry = frame.type == FrameType::kEntry;
    if (!is_entry && frame.type != FrameType::kRecord) continue;
    int database;
    absl::string_view key;
    if (!PeekKey(frame.payload, is_entry, &database, &key)) continue;
    if (database != keys_database) fetch();
    keys_database = database;
    keys.push_back(options_.store->MakeKey(key));
    options_.store->PrefetchSlot(keys.back().slot);
  }
  fetch();
}

absl::StatusOr<LaneApplier::Step> LaneApplier::Take(const Frame& frame) {
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
      return TakeRecord(frame.payload);
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

absl::StatusOr<LaneApplier::Step> LaneApplier::TakeRecord(absl::string_view bytes) {
  if (open_ != nullptr) return absl::DataLossError("a record within an entry");
  absl::Status status = ParseRecord(bytes, &record_);
  if (status.ok()) status = Check(record_);
  if (!status.ok()) return status;
  if (record_.transaction_id == 0) {
    status = ApplyAlone(record_, bytes);
    if (!status.ok()) return status;
    return Step::kApplied;
  }
  auto part = std::make_unique<TransactionPart>();
  part->lane = options_.lane;
  part->bytes = std::string(bytes);
  status = ParseRecord(part->bytes, &part->record);
  DFLY_CHECK(status.ok());
  part->resume = options_.resume;
  const absl::StatusOr<TransactionParts> parts = gate_->Arrive(std::move(part));
  if (!parts.ok()) return parts.status();
  if (parts->empty()) return Step::kWaits;
  status = ApplyTogether(*parts);
  for (const std::unique_ptr<TransactionPart>& other : *parts) {
    if (other->lane != options_.lane) other->resume(status);
  }
  if (!status.ok()) return status;
  return Step::kApplied;
}

absl::Status LaneApplier::Check(const Record& record) const {
  const bool global = HasGlobal(record);
  const bool everywhere = record.lane_count == static_cast<uint64_t>(journal_->lane_count());
  if (global && (options_.lane != 0 || !everywhere))
    return absl::DataLossError("a change of all slots that is not in all lanes");
  for (const Change& change : record.changes) {
    // What goes with a global change is all in lane 0.
    if (!global && journal_->LaneOf(change.slot) != options_.lane)
      return absl::DataLossError(absl::StrCat("a change of slot ", change.slot));
    if (change.kind == Change::Kind::kWriteRange && change.size > options_.string_bytes_max)
      return absl::DataLossError(absl::StrCat("a string of ", change.size, " bytes, where ",
                                              options_.string_bytes_max,
                                              " are allowed (proto_max_bulk_len)"));
  }
  return absl::OkStatus();
}

absl::Status LaneApplier::ApplyAlone(const Record& record, absl::string_view bytes) {
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
  if (status.ok()) journal_->AppendApplied(options_.lane, bytes);
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
