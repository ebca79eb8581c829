#ifndef DAMSELFLY_SERVER_STORE_CHANGE_H_
#define DAMSELFLY_SERVER_STORE_CHANGE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/values/value_type.h"

namespace damselfly {

class Blob;
class Entry;

// One effect on the key space, complete in itself: applied to an equal key space it gives an equal
// one, whatever the time and wherever it is done. Relative times are deadlines here, sums are
// results, random choices are what was chosen (ARCHITECTURE, "One change stream").
//
// Views lie in memory of whoever makes the change and are valid during OnChange only.
struct Change {
  // Numbers are on the wire between nodes: they never change their meaning.
  enum class Kind : uint8_t {
    kSet = 1,            // the key becomes `value`, with `expiry_ms`
    kWriteRange = 2,     // the string becomes `size` bytes long ("raw", zeros where it grows), then
                         // `value` is put at `offset`; the deadline stays
    kExpireAt = 3,       // the key's deadline becomes `expiry_ms`
    kPersist = 4,        // the key has no deadline any more
    kDelete = 5,         // the key is gone: by a command or by its deadline
    kFlushSlot = 6,      // all keys of `slot`, in all databases, are gone
    kFlushDatabase = 7,  // all keys of `database` (kAllDatabases: of all) are gone
    kSwapDatabases = 8,  // `database` and `other_database` change places
    kUpdate = 9,         // the steps in `value` (server/values/operations.h) are done to the key's
                         // collection of type `type`, an empty one where there is no key
  };
  static constexpr int kAllDatabases = -1;

  // How the value of kSet is kept, which OBJECT ENCODING shows.
  enum class Form : uint8_t {
    kInteger = 1,     // `integer`
    kText = 2,        // `value`
    kRaw = 3,         // `value`, a string that has been written in place
    kCollection = 4,  // `value`: an RDB value type and what follows it
  };

  Kind kind = Kind::kDelete;
  Form form = Form::kText;
  int database = 0;
  int other_database = 0;
  uint16_t slot = 0;  // of kFlushSlot, and of the key
  absl::string_view key;
  absl::string_view value;
  // Not null: `value` is all of this blob, which may be shared in place of a copy.
  Blob* blob = nullptr;
  ValueType type = ValueType::kString;  // of kUpdate
  int64_t integer = 0;
  int64_t expiry_ms = -1;  // Unix time in ms; Entry::kNoExpiry: none
  uint64_t offset = 0;
  uint64_t size = 0;

  bool has_key() const { return !is_global() && kind != Kind::kFlushSlot; }
  // Concerns all slots.
  bool is_global() const { return kind == Kind::kFlushDatabase || kind == Kind::kSwapDatabases; }

  // The kSet that makes this entry where it is not: what a walk's receiver sends. Views, and the
  // blob, are the entry's own; a collection is written into `rdb` first.
  static Change SetOf(uint16_t slot, int database, const Entry& entry, std::string* rdb);
};

// Whoever wants to know of all changes (the journal). Attached with Store::set_change_sink.
//
// What is changed between BeginGroup and EndGroup of one worker belongs together (a command, a
// transaction): nobody may ever see a part of it. A change outside a group (a deadline that has
// passed) stands alone. Groups do not nest.
class ChangeSink {
 public:
  virtual ~ChangeSink() = default;

  // All are called by worker `worker` in its own thread, with the locks held of every slot that is
  // changed (of all slots, for global changes); EndGroup before they are released. Short; must not
  // touch the store.
  virtual void OnChange(int worker, const Change& change) = 0;
  virtual void BeginGroup(int worker) = 0;
  virtual void EndGroup(int worker) = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_CHANGE_H_
