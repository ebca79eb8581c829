#ifndef DAMSELFLY_SERVER_STORE_DATABASE_H_
#define DAMSELFLY_SERVER_STORE_DATABASE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/base/blob.h"
#include "server/store/change.h"
#include "server/store/entry.h"
#include "server/store/key.h"
#include "server/store/table.h"
#include "server/values/any_value.h"

namespace damselfly {

class Store;
struct StoreCounters;

// One of the 16 logical databases, as one command sees it: at one instant, on one worker. This is
// the only way to change the key space; every change prepares the bucket for running walks
// (snapshots) before it happens, marks watchers, counts as dirty, and is told to the store's
// ChangeSink when it has happened.
//
// Requires, of every method that takes a Key: the caller holds the lock of key.slot. Entries
// returned stay valid until the next change of the same slot or until the lock is released. Cheap
// to copy.
class Database {
 public:
  // `now_ms` is Unix time in milliseconds, the same for a whole command (or EXEC). `counters`
  // belong to the calling worker.
  Database(Store* store, int index, int64_t now_ms, StoreCounters* counters)
      : store_(store), counters_(counters), now_ms_(now_ms), index_(index) {}

  int index() const { return index_; }
  int64_t now_ms() const { return now_ms_; }
  Store& store() const { return *store_; }

  // ---- Reading ----

  // The entry, or null when there is none. An entry past its deadline counts as none: it is deleted
  // here (lazy expiry), unless the store does not own its expiry (a replica), where it is only
  // hidden. An access, where accesses are noted (Evictor).
  Entry* Find(const Key& key);

  // As Find, and counts a keyspace hit or miss, as Redis does for commands that read. A miss is a
  // key event.
  Entry* FindCounted(const Key& key);

  // As Find and FindCounted, but no access: for commands that look at a key from outside (TTL,
  // OBJECT). A miss that is `quiet` is no key event.
  Entry* Peek(const Key& key);
  Entry* PeekCounted(const Key& key, bool quiet = false);

  // ---- Creating and replacing ----

  // What happens to the deadline of a key that is written.
  struct Expiry {
    enum class Kind : uint8_t { kNone, kKeep, kAt };
    Kind kind = Kind::kNone;
    int64_t at_ms = 0;
    static Expiry None() { return {}; }
    static Expiry Keep() { return {Kind::kKeep, 0}; }
    static Expiry At(int64_t at_ms) { return {Kind::kAt, at_ms}; }
  };

  // Sets the key to a string, whatever it held. Text that is a canonical int64 is kept as an
  // integer (encoding "int"); up to 44 bytes are "embstr", more are "raw". Returns the new entry. A
  // deadline in the past deletes at once on the next look; callers check before.
  Entry* SetString(const Key& key, absl::string_view value, Expiry expiry);

  // The same, but never as an integer: for text that a command has computed (INCRBYFLOAT).
  Entry* SetText(const Key& key, absl::string_view value, Expiry expiry);

  // The same, as a string that has been written in place: "raw", however short.
  Entry* SetRaw(const Key& key, absl::string_view value, Expiry expiry);

  // The same, for a big value that is already in a blob of its own: shares it, copies nothing.
  Entry* SetBlob(const Key& key, BlobRef value, Expiry expiry);

  // Sets the key to an integer; an existing deadline is kept or dropped by `expiry`.
  Entry* SetInteger(const Key& key, int64_t value, Expiry expiry);

  // Sets the key to a collection, whatever it held. Requires one that is not empty, streams apart.
  Entry* SetCollection(const Key& key, AnyValue value, Expiry expiry);
  template <class V>
  Entry* SetCollection(const Key& key, V&& value, Expiry expiry) {
    return SetCollection(key, AnyValue::Of(std::move(value)), expiry);
  }

  // ---- Changing in place (collections: ValueEdit) ----

  // Makes the string value `new_size` bytes long ("raw" from now on) and puts `bytes` at `offset`.
  // What else was there is kept; what else is new is zero. Creates the key (without deadline) if it
  // is missing. Keeps the deadline. Amortised O(1) per appended byte. Returns the entry, which may
  // have moved. Requires: the entry, if any, is a string; the bytes end at `new_size` or before and
  // are not the entry's own.
  Entry* WriteRange(const Key& key, size_t new_size, size_t offset, absl::string_view bytes);

  // Makes a string "raw" as WriteRange does, leaving its bytes and its size; no change of the key
  // that watchers are told of. For commands that open a string for writing and then find nothing to
  // write (SETBIT). Returns the entry, which may have moved. Requires a live string.
  Entry* MakeRaw(const Key& key);

  // ---- Deadlines ----

  // Sets the deadline (Unix time, ms). Requires an existing live key. The entry may move.
  Entry* SetExpiry(const Key& key, int64_t at_ms);

  // Removes the deadline; returns whether there was one.
  bool Persist(const Key& key);

  // ---- What is known of accesses (AccessClock), for an entry that comes from elsewhere. Each has
  // an effect only while that is what is kept. ----
  void SetIdleness(Entry* entry, int64_t idle_ms);
  void SetFrequency(Entry* entry, int frequency);

  // ---- Removing and moving ----

  // Returns whether a live key was there. Big values are freed in the background when `background`
  // (UNLINK).
  bool Delete(const Key& key, bool background = false);

  // Moves the value and the deadline of `from` (live, required) here under `to`, replacing what
  // `to` held. `source` may be another database; both slots' locks are held.
  void MoveFrom(Database& source, const Key& from, const Key& to);

  // Copies the value and the deadline; otherwise as MoveFrom. Requires from != to or another
  // database.
  void CopyFrom(Database& source, const Key& from, const Key& to);

 private:
  friend class Store;
  friend class ValueEdit;

  // Where a key is, or would be.
  struct Place {
    Table table;
    Table::Location at;
    Entry* entry;  // null: the key is not there
  };

  Table TableAt(TableRoot* root, const Key& key) const;
  Entry* Locate(const Key& key);
  bool notes_accesses() const;
  Entry* NoteAccess(Entry* entry) const;
  void CountLook(const Entry* found, const Key& key, bool quiet = false) const;
  void Charge(uint16_t slot, int64_t bytes) const;
  Entry* FindExpired(Table table, Table::Location at, const Key& key);
  Place OpenForWriting(const Key& key);
  // Where the key is in its table.
  Table::Location LocationOf(const Table& table, const Key& key) const;
  Entry* Keep(const Place& place, const Key& key, const Entry::Parts& parts);
  Entry* Put(const Place& place, const Key& key, const Entry::Parts& parts);
  bool RewriteText(const Place& place, const Key& key, absl::string_view value);
  Entry* Reshape(const Place& place, const Entry::Parts& parts);
  Entry* Detach(const Place& place, const Key& key);
  void Dispose(AnyValue value);
  void Dispose(Entry* entry);
  void EraseExpired(const Place& place, const Key& key);
  Entry* SetInline(const Key& key, absl::string_view value, bool is_raw, Expiry expiry);
  Entry* ResizeString(const Place& place, const Key& key, size_t new_size);
  void ResizeBlob(const Place& place, size_t new_size);
  void Changed(const Key& key, absl::string_view key_bytes);
  void NotifyNew(absl::string_view key) const;

  // Telling the change sink. Out of line: most nodes have none.
  bool has_sink() const;
  void TellSet(const Key& key, const Entry& entry);
  void TellText(const Key& key, absl::string_view value);
  void TellOfKey(Change::Kind kind, const Key& key, absl::string_view key_bytes,
                 int64_t expiry_ms = Entry::kNoExpiry);
  void TellUpdate(const Key& key, const Entry& entry, absl::string_view operations);
  void TellWrite(const Key& key, const Entry& entry, size_t offset, absl::string_view bytes);

  static void ApplyExpiry(Entry::Parts* parts, const Entry* previous, Expiry expiry);

  Store* store_;
  StoreCounters* counters_;
  int64_t now_ms_;
  int index_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_DATABASE_H_
