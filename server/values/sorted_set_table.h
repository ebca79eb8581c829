#ifndef DAMSELFLY_SERVER_VALUES_SORTED_SET_TABLE_H_
#define DAMSELFLY_SERVER_VALUES_SORTED_SET_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "server/values/element_table.h"
#include "server/values/ordered_tree.h"
#include "server/values/sorted_set_ranges.h"

namespace damselfly {

// A big sorted set: a table from members to scores, which owns the elements, and a tree that has
// them in order.
//
//   ElementTable  member ──> element {member, score} <── {score, pointer}  OrderedTree
//
// Not thread-safe.
class SortedSetTable {
 public:
  explicit SortedSetTable(uint64_t hash_seed) : table_(ElementPayload::kWord, hash_seed) {}
  SortedSetTable(const SortedSetTable&) = delete;
  SortedSetTable& operator=(const SortedSetTable&) = delete;
  std::unique_ptr<SortedSetTable> Clone() const;

  size_t size() const { return tree_.size(); }
  // Bytes asked of the allocator, this object included.
  size_t memory_bytes() const {
    return sizeof(*this) + table_.memory_bytes() + tree_.memory_bytes();
  }

  // A member's element, or null; `hash` is HashOf(member).
  const Element* Find(absl::string_view member, uint64_t hash) const {
    return table_.Find(member, hash);
  }
  const Element* Find(absl::string_view member) const { return table_.Find(member); }
  uint64_t HashOf(absl::string_view member) const { return table_.HashOf(member); }
  const ElementTable& members() const { return table_; }
  static double ScoreOf(const Element& element);
  size_t RankOf(const Element& element) const {
    return tree_.RankOf(ScoreOf(element), element.member());
  }

  RankRange RangeByScore(const ScoreRange& range) const;
  RankRange RangeByLex(const LexRange& range) const;

  // The visitor returns whether it wants more.
  using Visitor = absl::FunctionRef<bool(absl::string_view member, double score)>;
  void Visit(const RankRange& range, Visitor visit) const;
  void VisitReverse(const RankRange& range, Visitor visit) const;
  // See ElementTable::Scan.
  uint64_t Scan(uint64_t cursor, size_t count,
                absl::FunctionRef<void(absl::string_view member, double score)> visit) const;

  // Makes an empty table ready for so many.
  void Reserve(size_t elements) { table_.Reserve(elements); }
  // Requires that the member is not there.
  void Add(absl::string_view member, uint64_t hash, double score);
  // `element` is one of the table's.
  void ChangeScore(const Element& element, double score);
  // Returns whether it was there.
  bool Erase(absl::string_view member);
  void EraseRanks(const RankRange& range);

  // Frees about `count` elements' memory; true when nothing is left. Afterwards only this and the
  // destructor are allowed.
  bool FreeSome(size_t count) { return tree_.FreeSome(count) && table_.FreeSome(count); }

 private:
  ElementTable table_;
  OrderedTree tree_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_SORTED_SET_TABLE_H_
