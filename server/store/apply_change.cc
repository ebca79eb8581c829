#include "server/store/apply_change.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "server/base/blob.h"
#include "server/base/check.h"
#include "server/base/crc16.h"
#include "server/base/hash.h"
#include "server/store/database.h"
#include "server/store/store.h"
#include "server/store/value_edit.h"
#include "server/values/any_value.h"

namespace damselfly {
namespace {

// No deadline has passed yet.
constexpr int64_t kBeforeAllDeadlinesMs = std::numeric_limits<int64_t>::min();

bool IsDatabase(int index) { return index >= 0 && index < Store::kDatabaseCount; }

// Whether a string can become so long. Memory that is only reserved costs nothing.
bool FitsMemory(uint64_t size) {
  constexpr uint64_t kSurelyFits = uint64_t{1} << 30;
  if (size <= kSurelyFits) return true;
  // A string that grows is given room for as much again.
  return size <= Blob::kCapacityMax / 2 && Blob::TryCreate(2 * static_cast<size_t>(size));
}

bool IsPossible(const Change& change) {
  if (change.slot >= kSlotCount) return false;
  switch (change.kind) {
    case Change::Kind::kFlushSlot:
      return true;
    case Change::Kind::kFlushDatabase:
      return change.database == Change::kAllDatabases || IsDatabase(change.database);
    case Change::Kind::kSwapDatabases:
      return IsDatabase(change.database) && IsDatabase(change.other_database);
    case Change::Kind::kWriteRange:
      return IsDatabase(change.database) && change.offset <= change.size &&
             change.value.size() <= change.size - change.offset && FitsMemory(change.size);
    case Change::Kind::kUpdate:
      return IsDatabase(change.database) && TraitsOf(change.type) != nullptr;
    case Change::Kind::kSet:
    case Change::Kind::kExpireAt:
    case Change::Kind::kPersist:
    case Change::Kind::kDelete:
      return IsDatabase(change.database);
  }
  return false;
}

bool ApplySet(Database& db, const Key& key, const Change& change) {
  const Database::Expiry expiry = change.expiry_ms == Entry::kNoExpiry
                                      ? Database::Expiry::None()
                                      : Database::Expiry::At(change.expiry_ms);
  if (change.form == Change::Form::kCollection) {
    AnyValue value = AnyValue::FromRdb(change.value, db.store().value_context());
    if (!value) return false;
    db.SetCollection(key, std::move(value), expiry);
  } else if (change.form == Change::Form::kInteger) {
    db.SetInteger(key, change.integer, expiry);
  } else if (change.blob != nullptr && change.value.size() > Entry::kInlineBytesMax) {
    db.SetBlob(key, BlobRef::Share(change.blob), expiry);
  } else if (change.form == Change::Form::kRaw) {
    db.SetRaw(key, change.value, expiry);
  } else {
    db.SetText(key, change.value, expiry);
  }
  return true;
}

// Whether a store can have made the change, where the key holds what it does.
bool ApplyToKey(Database& db, const Key& key, const Change& change) {
  switch (change.kind) {
    case Change::Kind::kSet:
      return ApplySet(db, key, change);
    case Change::Kind::kUpdate: {
      AppliedEdit edit(&db, key, change.type);
      return edit.Apply(change.value);
    }
    case Change::Kind::kWriteRange: {
      const Entry* const entry = db.Find(key);
      if (entry != nullptr && entry->type() != ValueType::kString) return false;
      db.WriteRange(key, change.size, change.offset, change.value);
      return true;
    }
    case Change::Kind::kExpireAt:
      if (db.Find(key) != nullptr) db.SetExpiry(key, change.expiry_ms);
      return true;
    case Change::Kind::kPersist:
      db.Persist(key);
      return true;
    case Change::Kind::kDelete:
      db.Delete(key, /*background=*/true);
      return true;
    case Change::Kind::kFlushSlot:
    case Change::Kind::kFlushDatabase:
    case Change::Kind::kSwapDatabases:
      break;
  }
  DFLY_UNREACHABLE();
}

bool ApplyToKey(Store* store, const Change& change, const Key& key, StoreCounters* counters) {
  DFLY_DCHECK_EQ(change.slot, KeySlot(change.key));
  Database db(store, change.database, kBeforeAllDeadlinesMs, counters);
  return ApplyToKey(db, key, change);
}

}  // namespace

bool ApplyChange(Store* store, const Change& change, StoreCounters* counters) {
  if (!IsPossible(change)) return false;
  switch (change.kind) {
    case Change::Kind::kFlushSlot:
      store->FlushSlot(change.slot, counters);
      return true;
    case Change::Kind::kFlushDatabase:
      store->Flush(change.database, /*wait=*/false, counters);
      return true;
    case Change::Kind::kSwapDatabases:
      store->SwapDatabases(change.database, change.other_database, counters);
      return true;
    default:
      break;
  }
  const Key key{change.key, HashBytes(change.key, store->hash_seed()), change.slot};
  return ApplyToKey(store, change, key, counters);
}

bool ApplyChange(Store* store, const Change& change, const Key& key, StoreCounters* counters) {
  DFLY_DCHECK(change.has_key() && key.bytes == change.key);
  return IsPossible(change) && ApplyToKey(store, change, key, counters);
}

}  // namespace damselfly
