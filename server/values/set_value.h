#ifndef DAMSELFLY_SERVER_VALUES_SET_VALUE_H_
#define DAMSELFLY_SERVER_VALUES_SET_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/numbers.h"
#include "server/runtime/random.h"
#include "server/values/element_table.h"
#include "server/values/int_set.h"
#include "server/values/operations.h"
#include "server/values/pack.h"
#include "server/values/rdb_reader.h"
#include "server/values/sample.h"
#include "server/values/value_context.h"
#include "server/values/value_type.h"

namespace damselfly {

// Steps of sets in operations. On the wire between nodes: numbers keep their meaning.
enum class SetStep : uint8_t {
  kAdd = 0,    // member
  kErase = 1,  // member
};

// A set of strings. Integers alone are an IntSet; with the first other member, or too many of them,
// it becomes a pack in the order in which the members came, and that a table when it grows. To
// clients both of these are "hashtable". One word; not thread-safe. Views that are handed out are
// valid until the next change.
class SetValue {
 public:
  static constexpr ValueType kType = ValueType::kSet;
  // An integer, or text that may be one.
  using Member = PackElement;

  SetValue() = default;
  ~SetValue() {
    if (word_ != 0) Free();
  }
  SetValue(SetValue&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  SetValue& operator=(SetValue&& other) noexcept {
    std::swap(word_, other.word_);
    return *this;
  }
  SetValue Clone() const;

  size_t size() const;
  size_t memory_bytes() const;
  // Where members are looked up; null while it is small. For prefetching.
  const ElementTable* members_table() const { return form() == kTable ? table() : nullptr; }
  absl::string_view encoding() const { return form() == kIntSet ? "intset" : "hashtable"; }

  bool Contains(absl::string_view member) const;
  bool Contains(const Member& member) const;

  // Calls visit(const Member&) for each; as long as it returns true, if it returns something.
  template <typename Visit>
  void ForEach(Visit visit) const {
    ForEachWhile([&](const Member& member) {
      visit(member);
      return true;
    });
  }
  template <typename Visit>
  void ForEachWhile(Visit visit) const {
    switch (form()) {
      case kIntSet:
        for (size_t i = 0; i < size(); ++i) {
          if (!visit(IntegerAt(i))) return;
        }
        return;
      case kPack:
        for (auto at = pack().First(); at != PackView::kNone; at = pack().Next(at)) {
          if (!visit(pack().Get(at))) return;
        }
        return;
      case kTable:
        table()->ForEachWhile([&](const Element& element) { return visit(MemberOf(element)); });
    }
  }

  // Calls visit(const Member&) for some of a table's, as ElementTable::Scan does, or for all of a
  // small set. Returns the cursor to go on from, 0 at the end.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const {
    if (form() == kTable) {
      return table()->Scan(cursor, count,
                           [&](const Element& element) { visit(MemberOf(element)); });
    }
    ForEach(visit);
    return 0;
  }

  // A member chosen uniformly. Requires size() > 0.
  Member RandomMember(Random& random) const;

  // Calls visit(const Member&) for `count` different members, each choice equally likely. Requires
  // count <= size().
  template <typename Visit>
  void VisitSample(size_t count, Random& random, Visit visit) const {
    switch (form()) {
      case kIntSet:
        for (size_t index : SampleIndexes(size(), count, random)) visit(IntegerAt(index));
        return;
      case kPack:
        for (size_t index : SampleIndexes(size(), count, random))
          visit(pack().Get(pack().At(static_cast<int64_t>(index))));
        return;
      case kTable:
        for (const Element* element : table()->Sample(count, random)) visit(MemberOf(*element));
    }
  }

  // Returns whether it is new.
  bool Add(absl::string_view member, const ValueContext& context);
  bool Add(const Member& member, const ValueContext& context);
  // Returns whether it was there.
  bool Erase(absl::string_view member);

  // Removes `count` members, each choice equally likely, and calls visit(const Member&) for each
  // while it is still there. Takes O(count), of sets in compact form O(count * size()). Requires
  // count < size().
  template <typename Visit>
  void Pop(size_t count, Random& random, const ValueContext& context, Visit visit) {
    if ((size() - count) * kPopsAKept > count) {
      for (; count > 0; --count) {
        char scratch[kIntegerBytesMax];
        const Member member = RandomMember(random);
        visit(member);
        // The text of a table's member is freed with it.
        Erase(member.Text(scratch));
      }
      return;
    }
    SetValue kept;
    VisitSample(size() - count, random, [&](const Member& member) { kept.Add(member, context); });
    ForEach([&](const Member& member) {
      if (!kept.Contains(member)) visit(member);
    });
    *this = std::move(kept);
  }

  bool FreeSome(size_t count);
  void AppendRdb(std::string* out) const;
  bool LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context);
  bool ApplyOperation(OperationReader* reader, const ValueContext& context);

 private:
  // The low bits of the word; the others are the pointer.
  enum Form : uint64_t { kIntSet = 0, kPack = 1, kTable = 2 };
  static constexpr uint64_t kFormBits = 3;
  // With fewer members left for each one that goes, it is cheaper to pick out those that stay.
  static constexpr size_t kPopsAKept = 5;

  Form form() const { return static_cast<Form>(word_ & kFormBits); }
  char* pointer() const { return reinterpret_cast<char*>(word_ & ~kFormBits); }
  void SetWord(Form form, void* pointer) { word_ = reinterpret_cast<uint64_t>(pointer) | form; }
  ElementTable* table() const { return reinterpret_cast<ElementTable*>(pointer()); }
  PackView pack() const { return pointer() != nullptr ? PackView(pointer()) : PackView::Empty(); }
  Pack TakePack() { return Pack::Adopt(TakePointer()); }
  IntSet TakeIntSet() { return IntSet::Adopt(TakePointer()); }
  char* TakePointer() {
    char* const taken = pointer();
    word_ = 0;
    return taken;
  }
  Member IntegerAt(size_t index) const;
  static Member MemberOf(const Element& element) { return {false, 0, element.member()}; }

  void Free();
  bool AddInteger(int64_t member, const ValueContext& context);
  bool AddText(absl::string_view member, const ValueContext& context);
  void MakeHashed(size_t size, bool is_packable, const ValueContext& context);
  void MakeTable(size_t size, const ValueContext& context);
  bool LoadMembers(RdbReader* reader, const ValueContext& context);

  uint64_t word_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_SET_VALUE_H_
