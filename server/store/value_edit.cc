#include "server/store/value_edit.h"

#include <utility>

#include "server/store/store.h"
#include "server/values/any_value.h"

namespace damselfly {

ValueEdit::ValueEdit(Database* db, const Key& key, ValueType type)
    : db_(db),
      key_(key),
      place_{Table(nullptr, db->store_->context_, key.slot, db->index_, nullptr), {}, nullptr},
      type_(type),
      is_told_(db->store_->change_sink() != nullptr) {
  // A key that is only looked for makes no table.
  if (db->store_->FindRoot(key.slot, db->index_) != nullptr) place_ = db->OpenForWriting(key);
  if (place_.entry == nullptr) {
    word_ = &own_word_;
    return;
  }
  if (place_.entry->type() != type) return;
  place_.table.PrepareChange(place_.at);
  word_ = place_.entry->collection_word();
  bytes_before_ = static_cast<int64_t>(place_.entry->memory_bytes());
}

const ValueContext& ValueEdit::context() const { return db_->store_->value_context(); }

void ValueEdit::Close() {
  if (place_.entry != nullptr) {
    CloseExisting();
  } else {
    CloseNew();
  }
}

void ValueEdit::CloseExisting() {
  Entry* const entry = place_.entry;
  const ValueTraits& traits = entry->traits();
  const auto bytes = static_cast<int64_t>(entry->memory_bytes());
  if (bytes != bytes_before_) db_->Charge(key_.slot, bytes - bytes_before_);
  if (traits.size(word_) > 0 || traits.lives_empty) {
    if (noticed_by_ == Audience::kEverybody) {
      db_->Changed(key_, entry->key());
    } else {
      NoteAside(entry->key());
    }
    Tell(*entry);
    return;
  }
  db_->Detach(place_, key_);
  db_->Changed(key_, entry->key());
  if (is_told_) db_->TellOfKey(Change::Kind::kDelete, key_, entry->key());
  db_->Dispose(entry);
}

void ValueEdit::NoteAside(absl::string_view key) {
  db_->counters_->dirty.Add(1);
  if (noticed_by_ == Audience::kWaiters)
    db_->store_->WakeWaiters(key_.slot, db_->index_, key, db_->counters_->worker);
}

void ValueEdit::CloseNew() {
  const ValueTraits& traits = *TraitsOf(type_);
  if (traits.size(word_) == 0 && !traits.lives_empty) return;
  Entry::Parts parts;
  parts.key = key_.bytes;
  parts.kind = Entry::Kind::kCollection;
  parts.type = type_;
  parts.collection = std::exchange(own_word_, 0);
  Entry* const entry = db_->Keep(db_->OpenForWriting(key_), key_, parts);
  db_->Changed(key_, entry->key());
  Tell(*entry);
}

void ValueEdit::Tell(const Entry& entry) {
  if (is_told_ && !operations_.empty()) db_->TellUpdate(key_, entry, operations_.bytes());
}

// What was made for a missing key and has not become an entry's.
void ValueEdit::DropOwnWord() {
  if (own_word_ != 0) AnyValue::Adopt(type_, own_word_);
}

bool AppliedEdit::Apply(absl::string_view operations) {
  if (wrong_type()) return false;
  OperationWriter* const told = Changed();
  if (told != nullptr) told->Steps(operations);
  return AnyValue::Apply(type(), word(), operations, context());
}

}  // namespace damselfly
