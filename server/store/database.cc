#include "server/store/database.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/store/slot_extra.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

// Values from this size on are worth a detour through the background when they are unlinked.
constexpr size_t kBackgroundBytesMin = 64 * 1024;
// Collections of more elements are freed in the background whatever drops them, bit by bit.
constexpr size_t kBackgroundElementsMin = 64;
// But up to so many at once where the background cannot keep up: a fraction of a millisecond.
constexpr size_t kElementsFreedHereMax = 4096;

// How much room a big string gets that has just outgrown its own: as much again while it is small,
// a quarter more from there on. Appending costs O(1) a byte either way.
size_t GrownCapacity(size_t size) {
  constexpr size_t kDoublingBytesMax = 1024 * 1024;
  return size + std::max(std::min(size, kDoublingBytesMax), size / 4);
}

// A value of this kind takes memory beside its entry's.
bool OwnsMore(Entry::Kind kind) {
  return kind == Entry::Kind::kBlob || kind == Entry::Kind::kCollection;
}

// Of a string that may be written in place.
char* MutableBytes(Entry* entry) {
  return entry->kind() == Entry::Kind::kBlob ? entry->blob_pointer()->mutable_data()
                                             : entry->mutable_inline_bytes();
}

}  // namespace

Table Database::TableAt(TableRoot* root, const Key& key) const {
  return store_->TableAt(root, key.slot, index_, counters_);
}

inline bool Database::has_sink() const { return store_->change_sink() != nullptr; }

inline void Database::NotifyNew(absl::string_view key) const {
  store_->Notify(counters_->worker, index_, KeyEventClass::kNew, "new", key);
}

// ---- Reading ----

inline Table::Location Database::LocationOf(const Table& table, const Key& key) const {
  if (store_->Holds(key.guess, index_)) {
    const Table::Location at{key.guess.bucket, key.guess.place};
    if (at.bucket->occupied(at.place) && at.entry()->HasKey(key.bytes)) {
      DFLY_DCHECK(table.Find(key.hash, key.bytes).entry() == at.entry());
      return at;
    }
  }
  return table.Find(key.hash, key.bytes);
}

inline Entry* Database::Locate(const Key& key) {
  TableRoot* const root = store_->FindRoot(key.slot, index_);
  if (root == nullptr) return nullptr;
  const Table table = TableAt(root, key);
  const Table::Location at = LocationOf(table, key);
  if (!at.found()) return nullptr;
  Entry* const entry = at.entry();
  if (entry->has_expiry() && entry->IsExpired(now_ms_)) return FindExpired(table, at, key);
  return entry;
}

// Returns the entry, so that Find ends with it: what is to be kept across a call would cost Find
// more than the look whether it is needed.
[[gnu::noinline]] Entry* Database::NoteAccess(Entry* entry) const {
  if (entry != nullptr) store_->evictor_.NoteAccess(entry, counters_->worker);
  return entry;
}

inline bool Database::notes_accesses() const { return store_->evictor_.notes_accesses(); }

inline void Database::CountLook(const Entry* found, const Key& key, bool quiet) const {
  (found != nullptr ? counters_->keyspace_hits : counters_->keyspace_misses).Add(1);
  if (found == nullptr && !quiet)
    store_->Notify(counters_->worker, index_, KeyEventClass::kKeyMiss, "keymiss", key.bytes);
}

Entry* Database::Find(const Key& key) {
  Entry* const entry = Locate(key);
  if (notes_accesses()) [[unlikely]]
    return NoteAccess(entry);
  return entry;
}

// Lazy expiry. Always returns null.
Entry* Database::FindExpired(Table table, Table::Location at, const Key& key) {
  if (store_->MayExpire(now_ms_)) EraseExpired({table, at, at.entry()}, key);
  return nullptr;
}

Entry* Database::FindCounted(const Key& key) {
  Entry* const entry = Find(key);
  CountLook(entry, key);
  return entry;
}

Entry* Database::Peek(const Key& key) { return Locate(key); }

Entry* Database::PeekCounted(const Key& key, bool quiet) {
  Entry* const entry = Locate(key);
  CountLook(entry, key, quiet);
  return entry;
}

// ---- Creating and replacing ----

// Finds the key's place and makes the table if need be. What is past its deadline is removed, so
// that a write never inherits from it.
Database::Place Database::OpenForWriting(const Key& key) {
  TableRoot& root = store_->EnsureRoot(key.slot, index_);
  Place place{TableAt(&root, key), {}, nullptr};
  place.at = LocationOf(place.table, key);
  if (!place.at.found()) return place;
  place.entry = place.at.entry();
  if (place.entry->IsExpired(now_ms_)) {
    EraseExpired(place, key);
    place.entry = nullptr;
  }
  if (notes_accesses()) [[unlikely]]
    NoteAccess(place.entry);
  return place;
}

void Database::ApplyExpiry(Entry::Parts* parts, const Entry* previous, Expiry expiry) {
  switch (expiry.kind) {
    case Expiry::Kind::kNone:
      parts->has_expiry = false;
      return;
    case Expiry::Kind::kKeep:
      parts->has_expiry = previous != nullptr && previous->has_expiry();
      parts->expiry_ms = parts->has_expiry ? previous->expiry_ms() : 0;
      return;
    case Expiry::Kind::kAt:
      parts->has_expiry = true;
      parts->expiry_ms = expiry.at_ms;
      return;
  }
}

void Database::Charge(uint16_t slot, int64_t bytes) const {
  counters_->used_bytes.Add(bytes);
  store_->ChargeSlot(slot, index_, bytes);
}

// Gives the key a value made from `parts`, in place where the allocation allows, and tells nobody.
Entry* Database::Keep(const Place& place, const Key& key, const Entry::Parts& parts) {
  TableRoot& root = place.table.root();
  Entry* entry = place.entry;
  if (entry == nullptr) {
    entry = Entry::Create(parts);
    entry->set_access(store_->evictor_.clock().first());
    Table table = place.table;
    store_->NoteUsed(key.slot, root);
    table.Insert(key.hash, entry);
    Charge(key.slot, static_cast<int64_t>(entry->memory_bytes()));
    store_->AddKeys(key.slot, root, index_, 1, counters_);
    if (parts.has_expiry) store_->AddExpiringKeys(root, index_, 1, counters_);
    NotifyNew(entry->key());
  } else {
    const int expiring = static_cast<int>(parts.has_expiry) - static_cast<int>(entry->has_expiry());
    if (expiring != 0) store_->AddExpiringKeys(root, index_, expiring, counters_);
    place.table.PrepareChange(place.at);
    // What is rewritten and owns nothing elsewhere takes as much as before.
    const bool owns_more = OwnsMore(entry->kind()) || OwnsMore(parts.kind);
    if (owns_more || !entry->Rewrite(parts)) {
      const size_t bytes_before = entry->memory_bytes();
      AnyValue previous;
      if (entry->kind() == Entry::Kind::kCollection) previous = entry->ReleaseCollection();
      if (!owns_more || !entry->Rewrite(parts)) {
        Entry* const replacement = Entry::Create(parts);
        replacement->set_access(entry->access());
        Table table = place.table;
        table.Replace(place.at, replacement);
        Entry::Destroy(entry);
        entry = replacement;
      }
      Charge(key.slot,
             static_cast<int64_t>(entry->memory_bytes()) - static_cast<int64_t>(bytes_before));
      if (previous) Dispose(std::move(previous));
    }
  }
  if (parts.has_expiry) store_->HintAt(key.slot, index_).Note(parts.expiry_ms);
  return entry;
}

Entry* Database::Put(const Place& place, const Key& key, const Entry::Parts& parts) {
  Entry* const entry = Keep(place, key, parts);
  Changed(key, entry->key());
  if (has_sink()) [[unlikely]]
    TellSet(key, *entry);
  return entry;
}

// What Put does, where the entry keeps its size and shape: nothing is to be accounted for. False,
// and nothing done, where it does not.
inline bool Database::RewriteText(const Place& place, const Key& key, absl::string_view value) {
  Entry* const entry = place.entry;
  if (entry == nullptr || !entry->HoldsText(value.size())) return false;
  place.table.PrepareChange(place.at);
  entry->RewriteText(value);
  Changed(key, entry->key());
  if (has_sink()) [[unlikely]]
    TellText(key, value);
  return true;
}

Entry* Database::SetString(const Key& key, absl::string_view value, Expiry expiry) {
  Entry::Parts parts;
  int64_t integer;
  if (value.size() <= Entry::kIntegerTextBytesMax && ParseInt64(value, &integer)) {
    parts.SetInteger(integer);
  } else if (value.size() <= Entry::kInlineBytesMax) {
    parts.bytes = value;
  } else {
    return SetBlob(key, Blob::Copy(value), expiry);
  }
  const Place place = OpenForWriting(key);
  if (parts.kind == Entry::Kind::kInline && expiry.kind == Expiry::Kind::kNone &&
      RewriteText(place, key, value)) {
    return place.entry;
  }
  parts.key = key.bytes;
  ApplyExpiry(&parts, place.entry, expiry);
  return Put(place, key, parts);
}

Entry* Database::SetText(const Key& key, absl::string_view value, Expiry expiry) {
  return SetInline(key, value, /*is_raw=*/false, expiry);
}

Entry* Database::SetRaw(const Key& key, absl::string_view value, Expiry expiry) {
  return SetInline(key, value, /*is_raw=*/true, expiry);
}

// Sets the key to text in the entry itself, or in a blob where it is too long for that.
Entry* Database::SetInline(const Key& key, absl::string_view value, bool is_raw, Expiry expiry) {
  if (value.size() > Entry::kInlineBytesMax) return SetBlob(key, Blob::Copy(value), expiry);
  const Place place = OpenForWriting(key);
  Entry::Parts parts;
  parts.key = key.bytes;
  parts.bytes = value;
  parts.is_raw = is_raw;
  ApplyExpiry(&parts, place.entry, expiry);
  return Put(place, key, parts);
}

Entry* Database::SetBlob(const Key& key, BlobRef value, Expiry expiry) {
  const Place place = OpenForWriting(key);
  Entry::Parts parts;
  parts.key = key.bytes;
  parts.kind = Entry::Kind::kBlob;
  parts.blob = value.Release();
  ApplyExpiry(&parts, place.entry, expiry);
  return Put(place, key, parts);
}

Entry* Database::SetInteger(const Key& key, int64_t value, Expiry expiry) {
  const Place place = OpenForWriting(key);
  Entry::Parts parts;
  parts.key = key.bytes;
  parts.SetInteger(value);
  ApplyExpiry(&parts, place.entry, expiry);
  return Put(place, key, parts);
}

Entry* Database::SetCollection(const Key& key, AnyValue value, Expiry expiry) {
  DFLY_CHECK(value.traits().lives_empty || value.size() > 0);
  const Place place = OpenForWriting(key);
  Entry::Parts parts;
  parts.key = key.bytes;
  parts.kind = Entry::Kind::kCollection;
  parts.type = value.type();
  parts.collection = value.Release();
  ApplyExpiry(&parts, place.entry, expiry);
  return Put(place, key, parts);
}

// ---- Changing in place ----

Entry* Database::WriteRange(const Key& key, size_t new_size, size_t offset,
                            absl::string_view bytes) {
  DFLY_CHECK_LE(offset, new_size);
  DFLY_CHECK_LE(bytes.size(), new_size - offset);
  Entry* const entry = ResizeString(OpenForWriting(key), key, new_size);
  if (!bytes.empty()) std::memcpy(MutableBytes(entry) + offset, bytes.data(), bytes.size());
  Changed(key, entry->key());
  if (has_sink()) [[unlikely]]
    TellWrite(key, *entry, offset, bytes);
  return entry;
}

// Makes the string `new_size` bytes long, new bytes zero, and tells nobody. The entry returned is
// inline and raw, or a blob of its own.
Entry* Database::ResizeString(const Place& place, const Key& key, size_t new_size) {
  Entry* const entry = place.entry;
  if (entry != nullptr) {
    place.table.PrepareChange(place.at);
    if (entry->ResizeInPlace(new_size)) return entry;
    if (entry->kind() == Entry::Kind::kBlob) {
      ResizeBlob(place, new_size);
      return entry;
    }
  }
  char scratch[Entry::kIntegerTextBytesMax];
  const absl::string_view before =
      entry == nullptr ? absl::string_view("") : entry->StringValue(scratch);
  const size_t kept = std::min(before.size(), new_size);
  Entry::Parts parts;
  parts.key = key.bytes;
  ApplyExpiry(&parts, entry, Expiry::Keep());
  if (new_size <= Entry::kInlineBytesMax) {
    char content[Entry::kInlineBytesMax];
    std::memcpy(content, before.data(), kept);
    std::memset(content + kept, 0, new_size - kept);
    parts.bytes = absl::string_view(content, new_size);
    parts.is_raw = true;
    return Keep(place, key, parts);
  }
  BlobRef blob = Blob::Create(entry == nullptr ? new_size : GrownCapacity(new_size));
  blob->set_size(new_size);
  std::memcpy(blob->mutable_data(), before.data(), kept);
  std::memset(blob->mutable_data() + kept, 0, new_size - kept);
  parts.kind = Entry::Kind::kBlob;
  parts.blob = blob.Release();
  return Keep(place, key, parts);
}

Entry* Database::MakeRaw(const Key& key) {
  const Place place = OpenForWriting(key);
  DFLY_CHECK(place.entry != nullptr);
  if (place.entry->string_encoding() == StringEncoding::kRaw) return place.entry;
  char content[Entry::kEmbstrBytesMax];
  char scratch[Entry::kIntegerTextBytesMax];
  const absl::string_view value = place.entry->StringValue(scratch);
  std::memcpy(content, value.data(), value.size());
  Entry::Parts parts;
  parts.key = key.bytes;
  parts.bytes = absl::string_view(content, value.size());
  parts.is_raw = true;
  ApplyExpiry(&parts, place.entry, Expiry::Keep());
  Entry* const entry = Keep(place, key, parts);
  if (has_sink()) [[unlikely]]
    TellWrite(key, *entry, entry->string_size(), absl::string_view());
  return entry;
}

// A blob that a reply (or anybody else) still refers to stays as it is for them: the entry gets a
// copy.
void Database::ResizeBlob(const Place& place, size_t new_size) {
  Entry* const entry = place.entry;
  const auto bytes_before = static_cast<int64_t>(entry->memory_bytes());
  BlobRef blob = BlobRef::Adopt(entry->blob_pointer());
  const size_t kept = std::min(blob->size(), new_size);
  if (!blob->unique()) {
    BlobRef copy = Blob::Create(new_size > blob->size() ? GrownCapacity(new_size) : new_size);
    std::memcpy(copy->mutable_data(), blob->data(), kept);
    blob = std::move(copy);
  } else if (blob->capacity() < new_size) {
    blob.Resize(GrownCapacity(new_size));
  }
  blob->set_size(new_size);
  std::memset(blob->mutable_data() + kept, 0, new_size - kept);
  entry->SetBlobPointer(blob.Release());
  Charge(place.table.slot(), static_cast<int64_t>(entry->memory_bytes()) - bytes_before);
}

// ---- Deadlines ----

// Gives the entry another shape with the same value: `parts` are its own, with or without deadline.
Entry* Database::Reshape(const Place& place, const Entry::Parts& parts) {
  Entry* const entry = place.entry;
  const auto bytes_before = static_cast<int64_t>(entry->memory_bytes());
  Entry* const replacement = Entry::Create(parts);
  replacement->set_access(entry->access());
  Table table = place.table;
  table.Replace(place.at, replacement);
  // The blob or the collection, if there is one, is the replacement's now.
  if (entry->kind() == Entry::Kind::kBlob) entry->ReleaseBlob().Release();
  if (entry->kind() == Entry::Kind::kCollection) entry->ReleaseCollection().Release();
  Entry::Destroy(entry);
  Charge(place.table.slot(), static_cast<int64_t>(replacement->memory_bytes()) - bytes_before);
  return replacement;
}

Entry* Database::SetExpiry(const Key& key, int64_t at_ms) {
  const Place place = OpenForWriting(key);
  DFLY_CHECK(place.entry != nullptr);
  Entry* entry = place.entry;
  if (entry->has_expiry()) {
    place.table.PrepareChange(place.at);
    entry->set_expiry_ms(at_ms);
  } else {
    Entry::Parts parts = entry->ToParts();
    parts.has_expiry = true;
    parts.expiry_ms = at_ms;
    entry = Reshape(place, parts);
    store_->AddExpiringKeys(place.table.root(), index_, 1, counters_);
  }
  store_->HintAt(key.slot, index_).Note(at_ms);
  Changed(key, entry->key());
  if (has_sink()) [[unlikely]]
    TellOfKey(Change::Kind::kExpireAt, key, entry->key(), at_ms);
  return entry;
}

bool Database::Persist(const Key& key) {
  const Place place = OpenForWriting(key);
  if (place.entry == nullptr || !place.entry->has_expiry()) return false;
  Entry* const entry = place.entry;
  place.table.PrepareChange(place.at);
  const auto bytes_before = static_cast<int64_t>(entry->memory_bytes());
  entry->DropDeadline();
  Charge(key.slot, static_cast<int64_t>(entry->memory_bytes()) - bytes_before);
  store_->AddExpiringKeys(place.table.root(), index_, -1, counters_);
  Changed(key, entry->key());
  if (has_sink()) [[unlikely]]
    TellOfKey(Change::Kind::kPersist, key, entry->key());
  return true;
}

// ---- Removing and moving ----

// Takes the entry out of the table and the accounts; the caller destroys it.
Entry* Database::Detach(const Place& place, const Key& key) {
  TableRoot& root = place.table.root();
  Table table = place.table;
  table.Remove(place.at, key.hash);
  store_->AddKeys(key.slot, root, index_, -1, counters_);
  if (place.entry->has_expiry()) store_->AddExpiringKeys(root, index_, -1, counters_);
  Charge(key.slot, -static_cast<int64_t>(place.entry->memory_bytes()));
  return place.entry;
}

void Database::EraseExpired(const Place& place, const Key& key) {
  Entry* const entry = Detach(place, key);
  store_->Touch(key.slot, index_, entry->key(), counters_->worker, InvalidationCause::kDeadline);
  // Who does not own expiry is told of it by who does, and tells nobody.
  if (store_->owns_expiry()) {
    counters_->expired_keys.Add(1);
    store_->Notify(counters_->worker, index_, KeyEventClass::kExpired, "expired", entry->key());
    if (has_sink()) [[unlikely]]
      TellOfKey(Change::Kind::kDelete, key, entry->key());
  }
  Dispose(entry);
}

// Frees a value that is in no account any more: a big one in the background, where it counts until
// it is gone.
void Database::Dispose(AnyValue value) {
  if (value.size() <= kBackgroundElementsMin) return;
  if (value.size() <= kElementsFreedHereMax && store_->reclaimer_.IsBehind()) return;
  counters_->used_bytes.Add(static_cast<int64_t>(value.memory_bytes()));
  store_->reclaimer_.AddValue(std::move(value), counters_);
}

void Database::Dispose(Entry* entry) {
  if (entry->kind() == Entry::Kind::kCollection) Dispose(entry->ReleaseCollection());
  Entry::Destroy(entry);
}

bool Database::Delete(const Key& key, bool background) {
  // Not OpenForWriting(): a deletion makes no table.
  TableRoot* const root = store_->FindRoot(key.slot, index_);
  if (root == nullptr) return false;
  Place place{TableAt(root, key), {}, nullptr};
  place.at = LocationOf(place.table, key);
  if (!place.at.found()) return false;
  place.entry = place.at.entry();
  if (place.entry->IsExpired(now_ms_)) {
    EraseExpired(place, key);
    return false;
  }
  Entry* const entry = Detach(place, key);
  Changed(key, entry->key());
  if (has_sink()) [[unlikely]]
    TellOfKey(Change::Kind::kDelete, key, entry->key());
  if (background && entry->kind() == Entry::Kind::kBlob &&
      entry->memory_bytes() >= kBackgroundBytesMin) {
    BlobRef blob = entry->ReleaseBlob();
    counters_->used_bytes.Add(static_cast<int64_t>(blob->memory_bytes()));
    store_->reclaimer_.AddBlob(std::move(blob), counters_);
  }
  Dispose(entry);
  return true;
}

void Database::MoveFrom(Database& source, const Key& from, const Key& to) {
  const Place origin = source.OpenForWriting(from);
  DFLY_CHECK(origin.entry != nullptr);
  Entry* const moved = source.Detach(origin, from);
  store_->Touch(from.slot, source.index_, moved->key(), counters_->worker);
  if (has_sink()) [[unlikely]]
    source.TellOfKey(Change::Kind::kDelete, from, moved->key());
  Entry::Parts parts = moved->ToParts();
  parts.key = to.bytes;
  const Place place = OpenForWriting(to);
  // As if what was there had been deleted first.
  if (place.entry != nullptr) NotifyNew(to.bytes);
  Put(place, to, parts)->set_access(moved->access());
  if (moved->kind() == Entry::Kind::kBlob) moved->ReleaseBlob().Release();
  if (moved->kind() == Entry::Kind::kCollection) moved->ReleaseCollection().Release();
  Entry::Destroy(moved);
}

void Database::CopyFrom(Database& source, const Key& from, const Key& to) {
  const Entry* const original = source.OpenForWriting(from).entry;
  DFLY_CHECK(original != nullptr);
  // Finding the destination may remove what has expired there, which moves no entry.
  const Place place = OpenForWriting(to);
  DFLY_CHECK(place.entry != original);
  Entry::Parts parts = original->ToParts();
  parts.key = to.bytes;
  if (parts.kind == Entry::Kind::kBlob) parts.blob = BlobRef::Share(parts.blob).Release();
  if (parts.kind == Entry::Kind::kCollection) {
    parts.collection = AnyValue::CloneOf(parts.type, original->collection_word()).Release();
  }
  if (place.entry != nullptr) NotifyNew(to.bytes);
  Put(place, to, parts);
}

// ---- What is known of accesses ----

void Database::SetIdleness(Entry* entry, int64_t idle_ms) {
  const AccessClock& clock = store_->evictor_.clock();
  if (clock.kind() == AccessClock::Kind::kLru)
    entry->set_access(clock.AfterIdleness(idle_ms, now_ms_));
}

void Database::SetFrequency(Entry* entry, int frequency) {
  if (store_->evictor_.clock().kind() == AccessClock::Kind::kLfu)
    entry->set_access(AccessClock::WithFrequency(frequency));
}

// `key_bytes` are the key's, in memory that is still valid: key.bytes may point into an entry that
// is gone.
void Database::Changed(const Key& key, absl::string_view key_bytes) {
  counters_->dirty.Add(1);
  store_->Touch(key.slot, index_, key_bytes, counters_->worker);
}

// ---- Telling the change sink ----

[[gnu::noinline]] void Database::TellSet(const Key& key, const Entry& entry) {
  std::string rdb;
  store_->Tell(Change::SetOf(key.slot, index_, entry, &rdb), *counters_);
}

// What TellSet does, of short text without a deadline: what most SETs come to.
[[gnu::noinline]] void Database::TellText(const Key& key, absl::string_view value) {
  Change change;
  change.kind = Change::Kind::kSet;
  change.form = Change::Form::kText;
  change.database = index_;
  change.slot = key.slot;
  change.key = key.bytes;
  change.value = value;
  store_->Tell(change, *counters_);
}

[[gnu::noinline]] void Database::TellOfKey(Change::Kind kind, const Key& key,
                                           absl::string_view key_bytes, int64_t expiry_ms) {
  Change change;
  change.kind = kind;
  change.database = index_;
  change.slot = key.slot;
  change.key = key_bytes;
  change.expiry_ms = expiry_ms;
  store_->Tell(change, *counters_);
}

[[gnu::noinline]] void Database::TellUpdate(const Key& key, const Entry& entry,
                                            absl::string_view operations) {
  Change change;
  change.kind = Change::Kind::kUpdate;
  change.database = index_;
  change.slot = key.slot;
  change.key = entry.key();
  change.type = entry.type();
  change.value = operations;
  store_->Tell(change, *counters_);
}

// The string has now the size that the entry has, and `bytes` at `offset`.
[[gnu::noinline]] void Database::TellWrite(const Key& key, const Entry& entry, size_t offset,
                                           absl::string_view bytes) {
  Change change;
  change.kind = Change::Kind::kWriteRange;
  change.database = index_;
  change.slot = key.slot;
  change.key = entry.key();
  change.value = bytes;
  change.offset = offset;
  change.size = entry.string_size();
  store_->Tell(change, *counters_);
}

}  // namespace damselfly
