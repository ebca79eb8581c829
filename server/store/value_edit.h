#ifndef DAMSELFLY_SERVER_STORE_VALUE_EDIT_H_
#define DAMSELFLY_SERVER_STORE_VALUE_EDIT_H_

#include <cstddef>
#include <cstdint>
#include <new>

#include "absl/strings/string_view.h"
#include "server/base/check.h"
#include "server/store/database.h"
#include "server/store/key.h"
#include "server/values/operations.h"
#include "server/values/value_context.h"
#include "server/values/value_type.h"

namespace damselfly {

// One command's changes of one collection, from its lookup to the telling of what was done. Each
// type has an edit of its own on top (HashEdit, ListEdit, ...), whose mutators change the value and
// record the step they took.
//
//     HashEdit edit(&ctx.db, key);
//     if (edit.wrong_type()) return ctx.WrongType();
//     edit.Set(field, value);
//
// A missing key is opened as an empty value, and comes into being when the edit closes (in its
// destructor) with something in it. A value that has been emptied goes with its key, streams apart.
// Where nothing was changed nothing happens. Walks are handed the value as it was when the edit
// began.
//
// Requires that the caller holds the lock of key.slot, and changes nothing else of that slot as
// long as the edit is open. key.bytes stay valid as long.
class ValueEdit {
 public:
  ValueEdit(const ValueEdit&) = delete;
  ValueEdit& operator=(const ValueEdit&) = delete;

  // The key holds a value of another type: nothing else may be asked.
  bool wrong_type() const { return word_ == nullptr; }
  // The key was there when the edit began.
  bool existed() const { return place_.entry != nullptr; }

 protected:
  ValueEdit(Database* db, const Key& key, ValueType type);
  ~ValueEdit() {
    if (changed_) Close();
    DropOwnWord();
  }

  // The value; V is the class that belongs to the type. Valid until the edit closes.
  template <class V>
  V& value() {
    DFLY_DCHECK(V::kType == type_);
    return *std::launder(reinterpret_cast<V*>(word_));
  }
  template <class V>
  const V& value() const {
    DFLY_DCHECK(V::kType == type_);
    return *std::launder(reinterpret_cast<const V*>(word_));
  }
  const ValueContext& context() const;

  // The value has been changed, or will be right away. Returns where to record the step, or null
  // when nobody listens.
  OperationWriter* Changed() {
    noticed_by_ = Audience::kEverybody;
    return ChangedAside();
  }
  // The same, of what Redis does not take for a modification of the key (how far consumers of a
  // stream have read): whoever watches the key, waits for it or has it cached does not notice.
  OperationWriter* ChangedAside() {
    changed_ = true;
    return is_told_ ? &operations_ : nullptr;
  }
  // The same, but whoever waits for the key looks at it again.
  OperationWriter* ChangedForWaiters() {
    if (noticed_by_ == Audience::kNobody) noticed_by_ = Audience::kWaiters;
    return ChangedAside();
  }

  ValueType type() const { return type_; }
  void* word() { return word_; }

 private:
  // Who learns of the change, beside those who follow all of them.
  enum class Audience : uint8_t { kNobody, kWaiters, kEverybody };

  void Close();
  void CloseExisting();
  void CloseNew();
  void NoteAside(absl::string_view key);
  void DropOwnWord();
  void Tell(const Entry& entry);

  Database* const db_;
  const Key key_;
  Database::Place place_;
  void* word_ = nullptr;  // in the entry, or own_word_
  alignas(8) uint64_t own_word_ = 0;
  int64_t bytes_before_ = 0;
  OperationWriter operations_;
  const ValueType type_;
  bool changed_ = false;
  Audience noticed_by_ = Audience::kNobody;
  bool is_told_;
};

// Steps that somebody else has recorded.
class AppliedEdit : public ValueEdit {
 public:
  AppliedEdit(Database* db, const Key& key, ValueType type) : ValueEdit(db, key, type) {}

  // Does them. False if they are malformed, or cannot have been done to this value: what is left of
  // it then is of no use.
  bool Apply(absl::string_view operations);
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_VALUE_EDIT_H_
