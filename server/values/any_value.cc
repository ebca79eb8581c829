#include "server/values/any_value.h"

#include "server/base/check.h"
#include "server/values/hash_value.h"
#include "server/values/list_value.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set_value.h"
#include "server/values/stream_value.h"

namespace damselfly {
namespace {

template <class V>
struct Of {
  static_assert(sizeof(V) == sizeof(uint64_t));
  static V& At(void* word) { return *std::launder(static_cast<V*>(word)); }
  static const V& At(const void* word) { return *std::launder(static_cast<const V*>(word)); }

  static void Destroy(void* word) { At(word).~V(); }
  static void Clone(const void* word, void* to) { new (to) V(At(word).Clone()); }
  static size_t Size(const void* word) { return At(word).size(); }
  static size_t MemoryBytes(const void* word) { return At(word).memory_bytes(); }
  static absl::string_view Encoding(const void* word) { return At(word).encoding(); }
  static bool FreeSome(void* word, size_t count) { return At(word).FreeSome(count); }
  static void AppendRdb(const void* word, std::string* out) { At(word).AppendRdb(out); }
  static bool LoadRdb(void* word, uint8_t rdb_type, RdbReader* reader,
                      const ValueContext& context) {
    return At(word).LoadRdb(rdb_type, reader, context);
  }
  static bool ApplyOperation(void* word, OperationReader* reader, const ValueContext& context) {
    return At(word).ApplyOperation(reader, context);
  }

  static constexpr ValueTraits kTraits = {V::kType,       V::kType == ValueType::kStream,
                                          &Destroy,       &Clone,
                                          &Size,          &MemoryBytes,
                                          &Encoding,      &FreeSome,
                                          &AppendRdb,     &LoadRdb,
                                          &ApplyOperation};
};

}  // namespace

const ValueTraits* TraitsOf(ValueType type) {
  switch (type) {
    case ValueType::kString:
      break;
    case ValueType::kList:
      return &Of<ListValue>::kTraits;
    case ValueType::kHash:
      return &Of<HashValue>::kTraits;
    case ValueType::kSet:
      return &Of<SetValue>::kTraits;
    case ValueType::kSortedSet:
      return &Of<SortedSetValue>::kTraits;
    case ValueType::kStream:
      return &Of<StreamValue>::kTraits;
  }
  return nullptr;
}

bool TypeOfRdbType(uint8_t rdb_type, ValueType* type) {
  switch (rdb_type) {
    case 1:   // list
    case 10:  // ziplist
    case 14:  // quicklist of ziplists
    case 18:  // quicklist of listpacks
      *type = ValueType::kList;
      return true;
    case 2:   // set
    case 11:  // intset
      *type = ValueType::kSet;
      return true;
    case 3:   // scores as text
    case 5:   // scores as doubles
    case 12:  // ziplist
    case 17:  // listpack
      *type = ValueType::kSortedSet;
      return true;
    case 4:   // hash
    case 9:   // zipmap
    case 13:  // ziplist
    case 16:  // listpack
      *type = ValueType::kHash;
      return true;
    case 15:  // listpacks
    case 19:  // with what Redis 7.0 knows besides
      *type = ValueType::kStream;
      return true;
    default:
      return false;
  }
}

AnyValue AnyValue::FromRdb(absl::string_view bytes, const ValueContext& context, Behind behind) {
  ValueType type;
  if (bytes.empty()) return AnyValue();
  const auto rdb_type = static_cast<uint8_t>(bytes[0]);
  if (!TypeOfRdbType(rdb_type, &type)) return AnyValue();
  AnyValue value(type);
  if (!value) return AnyValue();
  RdbReader reader(bytes.substr(1));
  const ValueTraits& traits = value.traits();
  if (!traits.load_rdb(&value.word_, rdb_type, &reader, context)) return AnyValue();
  if (behind == Behind::kNothing && reader.remaining() > 0) return AnyValue();
  if (!traits.lives_empty && value.size() == 0) return AnyValue();
  return value;
}

bool AnyValue::Apply(ValueType type, void* word, absl::string_view operations,
                     const ValueContext& context) {
  const ValueTraits* const traits = TraitsOf(type);
  if (traits == nullptr) return false;
  OperationReader reader(operations);
  while (!reader.done()) {
    if (!traits->apply_operation(word, &reader, context)) return false;
  }
  return true;
}

}  // namespace damselfly
