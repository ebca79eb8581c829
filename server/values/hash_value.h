#ifndef DAMSELFLY_SERVER_VALUES_HASH_VALUE_H_
#define DAMSELFLY_SERVER_VALUES_HASH_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/runtime/random.h"
#include "server/values/element_table.h"
#include "server/values/operations.h"
#include "server/values/pack.h"
#include "server/values/rdb_reader.h"
#include "server/values/value_context.h"
#include "server/values/value_type.h"

namespace damselfly {

// Steps of hashes in operations. On the wire between nodes: numbers keep their meaning.
enum class HashStep : uint8_t {
  kSet = 0,    // field, value
  kErase = 1,  // field
};

// A hash: fields with values. Small ones are a pack of fields and values in turn, in the order in
// which the fields came; one that outgrows the limits becomes a table and stays one. One word; not
// thread-safe. Views that are handed out are valid until the next change.
class HashValue {
 public:
  static constexpr ValueType kType = ValueType::kHash;

  HashValue() = default;
  ~HashValue() {
    if (word_ != 0) Free();
  }
  HashValue(HashValue&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  HashValue& operator=(HashValue&& other) noexcept {
    std::swap(word_, other.word_);
    return *this;
  }
  HashValue Clone() const;

  size_t size() const { return is_table() ? table()->size() : pack().count() / 2; }
  size_t memory_bytes() const;
  // Where fields are looked up; null while it is small. For prefetching.
  const ElementTable* members_table() const { return is_table() ? table() : nullptr; }
  absl::string_view encoding() const { return is_table() ? "hashtable" : "listpack"; }

  // Returns whether the field is there; if so sets *value, for which an integer is written into
  // `scratch` (kIntegerBytesMax bytes).
  bool Get(absl::string_view field, char* scratch, absl::string_view* value) const {
    if (is_table()) return GetFromTable(field, value);
    const PackView pack = this->pack();
    const PackView::Cursor at = pack.Find(pack.First(), PackItem(field), 1);
    if (at == PackView::kNone) return false;
    *value = pack.Get(pack.Behind(at)).Text(scratch);
    return true;
  }
  bool Contains(absl::string_view field) const;

  // Calls visit(field, value) for each.
  template <typename Visit>
  void ForEach(Visit visit) const {
    if (is_table()) {
      table()->ForEach([&](const Element& element) { visit(element.member(), element.text()); });
      return;
    }
    const PackView pack = this->pack();
    for (auto at = pack.First(); at != PackView::kNone; at = pack.Skip(at, 2))
      VisitPair(pack, at, visit);
  }

  // Calls visit(field, value) for some of a table's, as ElementTable::Scan does, or for all of a
  // small hash. Returns the cursor to go on from, 0 at the end.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const {
    if (is_table()) {
      return table()->Scan(
          cursor, count, [&](const Element& element) { visit(element.member(), element.text()); });
    }
    ForEach(visit);
    return 0;
  }

  // Calls visit(field, value) for `count` fields chosen uniformly, the same one perhaps again,
  // until it returns false. Requires size() > 0.
  template <typename Visit>
  void VisitRandom(size_t count, Random& random, Visit visit) const {
    if (is_table()) {
      for (; count > 0; --count) {
        const Element& element = *table()->RandomElement(random);
        if (!visit(element.member(), element.text())) return;
      }
      return;
    }
    const std::vector<PackView::Cursor> cursors = Fields();
    while (count > 0 && VisitPair(pack(), cursors[random.Below(cursors.size())], visit)) --count;
  }

  // Calls visit(field, value) for `count` different fields, each choice equally likely. Requires
  // count <= size().
  template <typename Visit>
  void VisitSample(size_t count, Random& random, Visit visit) const {
    if (is_table()) {
      for (const Element* element : table()->Sample(count, random))
        visit(element->member(), element->text());
      return;
    }
    for (PackView::Cursor at : SampleFields(count, random)) VisitPair(pack(), at, visit);
  }

  // Returns whether the field is new.
  bool Set(absl::string_view field, absl::string_view value, const ValueContext& context);
  // Returns whether it was there.
  bool Erase(absl::string_view field);

  bool FreeSome(size_t count);
  void AppendRdb(std::string* out) const;
  bool LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context);
  bool ApplyOperation(OperationReader* reader, const ValueContext& context);

 private:
  // The word is a pack's bytes, or a table with this bit set.
  static constexpr uint64_t kTableBit = 1;

  bool is_table() const { return word_ & kTableBit; }
  ElementTable* table() const { return reinterpret_cast<ElementTable*>(word_ & ~kTableBit); }
  PackView pack() const {
    return word_ != 0 ? PackView(reinterpret_cast<const char*>(word_)) : PackView::Empty();
  }
  Pack TakePack() { return Pack::Adopt(reinterpret_cast<char*>(std::exchange(word_, 0))); }
  void SetPack(Pack pack) { word_ = reinterpret_cast<uint64_t>(pack.Release()); }

  template <typename Visit>
  static auto VisitPair(PackView pack, PackView::Cursor at, Visit& visit) {
    char field_scratch[kIntegerBytesMax], value_scratch[kIntegerBytesMax];
    return visit(pack.Get(at).Text(field_scratch), pack.Get(pack.Behind(at)).Text(value_scratch));
  }
  bool GetFromTable(absl::string_view field, absl::string_view* value) const;
  std::vector<PackView::Cursor> Fields() const;
  std::vector<PackView::Cursor> SampleFields(size_t count, Random& random) const;
  void Free();
  void MakeTable(size_t elements, const ValueContext& context);
  bool LoadPairs(RdbReader* reader, const ValueContext& context);
  bool LoadPack(Pack pack, const ValueContext& context);

  uint64_t word_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_HASH_VALUE_H_
