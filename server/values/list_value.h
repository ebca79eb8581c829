#ifndef DAMSELFLY_SERVER_VALUES_LIST_VALUE_H_
#define DAMSELFLY_SERVER_VALUES_LIST_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/values/list_chain.h"
#include "server/values/list_iterator.h"
#include "server/values/operations.h"
#include "server/values/rdb_reader.h"
#include "server/values/value_context.h"
#include "server/values/value_type.h"

namespace damselfly {

// What can be recorded as done to a list, with the arguments of each step. Numbers are on the wire
// between nodes: they never change their meaning.
enum class ListStep : uint8_t {
  kPushHead = 1,      // text
  kPushTail = 2,      // text
  kInsertBefore = 3,  // index, text
  kInsertAfter = 4,   // index, text
  kSet = 5,           // index, text
  kErase = 6,         // first, count
  kRemoveHead = 7,    // text, count: up to so many equal ones, from the head
  kRemoveTail = 8,    // text, count: from the tail
};

// A list: a sequence of texts, quick at both ends, in one word.
//
//     0                empty
//     pack             all of it in one pack, with nothing around it
//     ListChain | 1    linked nodes of packs
//
// Not thread-safe. Texts that are put in may not lie in the list itself.
class ListValue {
 public:
  static constexpr ValueType kType = ValueType::kList;

  ListValue() = default;
  ~ListValue() { Destroy(); }
  ListValue(ListValue&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  ListValue& operator=(ListValue&& other) noexcept {
    std::swap(word_, other.word_);
    return *this;
  }
  ListValue Clone() const;

  size_t size() const;
  // Bytes asked of the allocator beyond the word.
  size_t memory_bytes() const;
  absl::string_view encoding() const { return "quicklist"; }
  // The number of packs and big elements it is kept in.
  size_t node_count() const;

  // ---- Reading ----

  // At the element with this index; past the end if there is none. Skips whole nodes, from the
  // nearer end.
  ListIterator At(size_t index) const;
  ListIterator First() const;
  ListIterator Last() const;

  // ---- Changing ----

  void Push(ListEnd end, absl::string_view text, const ValueContext& context);
  // Beside the element with this index. Requires index < size(), here and below.
  void Insert(size_t index, ListSide side, absl::string_view text, const ValueContext& context);
  void Set(size_t index, absl::string_view text, const ValueContext& context);
  // Requires first <= size(); fewer go if there are fewer.
  void EraseRange(size_t first, size_t count);
  // Removes up to `max` elements with this text, beginning at one end. Returns how many there were.
  size_t EraseEqual(absl::string_view text, size_t max, ListEnd from);

  // ---- As every value ----

  // Frees about `count` elements; true when nothing is left. After the first call it can only be
  // freed.
  bool FreeSome(size_t count);
  // RDB's type 18, as redis-server 7.0 writes it.
  void AppendRdb(std::string* out) const;
  // Into an empty list: types 1, 10, 14 and 18. False, and the list is empty, if the bytes are
  // malformed or hold no element.
  bool LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context);
  // Does one step as it was recorded. False if it is malformed or cannot be done.
  bool ApplyOperation(OperationReader* reader, const ValueContext& context);

 private:
  static constexpr uintptr_t kChainTag = 1;

  bool is_chain() const { return (word_ & kChainTag) != 0; }
  ListChain* chain() const { return reinterpret_cast<ListChain*>(word_ - kChainTag); }
  // Of a list that is no chain.
  PackView pack_view() const;
  template <class F>
  auto ChangePack(F change);

  void Destroy();
  ListChain* MakeChain();
  void MakePackIfShort();
  bool LoadNodes(RdbReader* reader, bool are_packs, const ValueContext& context);
  bool LoadPack(absl::string_view bytes, const ValueContext& context);
  bool LoadZiplist(absl::string_view bytes, const ValueContext& context);
  bool ApplyInsert(OperationReader* reader, ListStep step, const ValueContext& context);
  bool ApplyErase(OperationReader* reader);
  bool ApplyRemove(OperationReader* reader, ListEnd from);

  uintptr_t word_ = 0;
};

static_assert(sizeof(ListValue) == 8);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_LIST_VALUE_H_
