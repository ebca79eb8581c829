#ifndef DAMSELFLY_SERVER_VALUES_ANY_VALUE_H_
#define DAMSELFLY_SERVER_VALUES_ANY_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/values/operations.h"
#include "server/values/rdb_reader.h"
#include "server/values/value_context.h"
#include "server/values/value_type.h"

namespace damselfly {

// What can be done with a value of any type but string, behind one table a type. `word` is where
// the value stands: every value class (HashValue, ListValue, ...) is one word long and says the
// same in its own header.
struct ValueTraits {
  ValueType type;
  bool lives_empty;  // streams: a key stays when nothing is in it any more

  void (*destroy)(void* word);
  void (*clone)(const void* word, void* to);  // `to` is raw memory
  size_t (*size)(const void* word);
  size_t (*memory_bytes)(const void* word);
  absl::string_view (*encoding)(const void* word);
  bool (*free_some)(void* word, size_t count);
  void (*append_rdb)(const void* word, std::string* out);
  bool (*load_rdb)(void* word, uint8_t rdb_type, RdbReader* reader, const ValueContext& context);
  bool (*apply_operation)(void* word, OperationReader* reader, const ValueContext& context);
};

// Null for strings, which are the store's own, and for what is no type.
const ValueTraits* TraitsOf(ValueType type);

// The type of values that RDB calls `rdb_type`; false when none of ours is kept so.
bool TypeOfRdbType(uint8_t rdb_type, ValueType* type);

// An owner of one value of any type but string. Moves, never throws.
class AnyValue {
 public:
  AnyValue() = default;
  // An empty value.
  explicit AnyValue(ValueType type) : traits_(TraitsOf(type)) {}
  // Takes the value over that stands at `word`, which is only bits from then on.
  static AnyValue Adopt(ValueType type, uint64_t word) {
    AnyValue value(type);
    value.word_ = word;
    return value;
  }
  template <class V>
  static AnyValue Of(V&& of) {
    static_assert(sizeof(V) == sizeof(uint64_t));
    AnyValue value(V::kType);
    new (&value.word_) V(std::move(of));
    return value;
  }
  AnyValue(AnyValue&& other) noexcept
      : traits_(std::exchange(other.traits_, nullptr)), word_(std::exchange(other.word_, 0)) {}
  AnyValue& operator=(AnyValue&& other) noexcept {
    std::swap(traits_, other.traits_);
    std::swap(word_, other.word_);
    return *this;
  }
  ~AnyValue() {
    if (traits_ != nullptr) traits_->destroy(&word_);
  }

  // False for one that owns nothing.
  explicit operator bool() const { return traits_ != nullptr; }
  // All below require that it does.
  ValueType type() const { return traits_->type; }
  const ValueTraits& traits() const { return *traits_; }
  size_t size() const { return traits_->size(&word_); }
  size_t memory_bytes() const { return traits_->memory_bytes(&word_); }
  void AppendRdb(std::string* out) const { traits_->append_rdb(&word_, out); }
  AnyValue Clone() const { return CloneOf(type(), &word_); }
  static AnyValue CloneOf(ValueType type, const void* word) {
    AnyValue value(type);
    value.traits_->clone(word, &value.word_);
    return value;
  }
  bool FreeSome(size_t count) { return traits_->free_some(&word_, count); }
  bool Apply(absl::string_view operations, const ValueContext& context) {
    return Apply(type(), &word_, operations, context);
  }
  template <class V>
  V& as() {
    return *std::launder(reinterpret_cast<V*>(&word_));
  }

  // Gives the value up: the word is the caller's.
  uint64_t Release() {
    traits_ = nullptr;
    return std::exchange(word_, 0);
  }

  // The value that `bytes`, an RDB value type and what follows it, describe; it owns nothing if
  // they describe none, or an empty one where keys with such are not kept, or if there are more of
  // them than may be.
  enum class Behind : uint8_t { kNothing, kAnything };
  static AnyValue FromRdb(absl::string_view bytes, const ValueContext& context,
                          Behind behind = Behind::kNothing);

  // Does all steps of `operations` to the value at `word`; false at the first that is malformed or
  // cannot be done.
  // Requires a type other than string.
  static bool Apply(ValueType type, void* word, absl::string_view operations,
                    const ValueContext& context);

 private:
  const ValueTraits* traits_ = nullptr;
  alignas(8) uint64_t word_ = 0;  // an empty value of every type is 0
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_ANY_VALUE_H_
