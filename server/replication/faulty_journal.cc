#include "server/replication/faulty_journal.h"

namespace damselfly {
namespace {

constexpr ServerMutant kOwn[] = {
    ServerMutant::kExpiryUnrecorded,   ServerMutant::kPersistUnrecorded,
    ServerMutant::kDeadlineUnrecorded, ServerMutant::kDeadlineLate,
    ServerMutant::kRangeMisplaced,     ServerMutant::kGroupsUnmarked,
    ServerMutant::kFlushUnrecorded,    ServerMutant::kSlotFlushUnrecorded,
    ServerMutant::kSwapUnrecorded,
};
constexpr int64_t kLateMs = 7;

}  // namespace

bool FaultyJournal::FindMutant(const Runtime& runtime, ServerMutant* mutant) {
  for (const ServerMutant own : kOwn) {
    if (!runtime.HasMutant(own)) continue;
    *mutant = own;
    return true;
  }
  return false;
}

FaultyJournal::FaultyJournal(const Options& options, const Clock* clock, ServerMutant mutant)
    : Journal(options, clock), mutant_(mutant), open_(static_cast<size_t>(options.worker_count)) {}

void FaultyJournal::OnChange(int worker, const Change& change) {
  if (Loses(worker, change)) return;
  Change changed = change;
  if (mutant_ == ServerMutant::kDeadlineLate && changed.expiry_ms >= 0)
    changed.expiry_ms += kLateMs;
  if (mutant_ == ServerMutant::kRangeMisplaced && changed.kind == Change::Kind::kWriteRange) {
    ++changed.offset;
    ++changed.size;
  }
  Journal::OnChange(worker, changed);
}

bool FaultyJournal::Loses(int worker, const Change& change) const {
  switch (mutant_) {
    case ServerMutant::kExpiryUnrecorded:
      return change.kind == Change::Kind::kDelete && open_[static_cast<size_t>(worker)] == 0;
    case ServerMutant::kPersistUnrecorded:
      return change.kind == Change::Kind::kPersist;
    case ServerMutant::kDeadlineUnrecorded:
      return change.kind == Change::Kind::kExpireAt;
    case ServerMutant::kFlushUnrecorded:
      return change.kind == Change::Kind::kFlushDatabase;
    case ServerMutant::kSlotFlushUnrecorded:
      return change.kind == Change::Kind::kFlushSlot;
    case ServerMutant::kSwapUnrecorded:
      return change.kind == Change::Kind::kSwapDatabases;
    default:
      return false;
  }
}

void FaultyJournal::BeginGroup(int worker) {
  open_[static_cast<size_t>(worker)] = 1;
  if (mutant_ != ServerMutant::kGroupsUnmarked) Journal::BeginGroup(worker);
}

void FaultyJournal::EndGroup(int worker) {
  open_[static_cast<size_t>(worker)] = 0;
  if (mutant_ != ServerMutant::kGroupsUnmarked) Journal::EndGroup(worker);
}

}  // namespace damselfly
