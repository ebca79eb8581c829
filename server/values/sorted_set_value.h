#ifndef DAMSELFLY_SERVER_VALUES_SORTED_SET_VALUE_H_
#define DAMSELFLY_SERVER_VALUES_SORTED_SET_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/values/operations.h"
#include "server/values/pack.h"
#include "server/values/rdb_reader.h"
#include "server/values/sorted_set_ranges.h"
#include "server/values/sorted_set_table.h"
#include "server/values/value_context.h"
#include "server/values/value_type.h"

namespace damselfly {

// Steps of a sorted set, as replicas are told them. On the wire: numbers never change.
enum class SortedSetStep : uint8_t {
  kSet = 0,         // member, score: the member has this score from now on
  kErase = 1,       // member
  kEraseRanks = 2,  // first rank, count
};

// A member and its score, apart from any set.
struct ScoredMember {
  std::string member;
  double score;
};

// The order of sorted sets: by score, then by the member's bytes.
inline bool Precedes(const ScoredMember& a, const ScoredMember& b) {
  return a.score < b.score || (a.score == b.score && a.member < b.member);
}

// A sorted set, one word: nothing, a pack (sorted_set_pack.h), or a SortedSetTable. It is packed
// until it has more members, or a longer one, than the context allows, and never becomes so again.
// Scores are never NaN. Not thread-safe. Views of members are valid until the next change.
class SortedSetValue {
 public:
  static constexpr ValueType kType = ValueType::kSortedSet;

  SortedSetValue() = default;
  ~SortedSetValue() { Clear(); }
  SortedSetValue(SortedSetValue&& other) noexcept : word_(other.Release()) {}
  SortedSetValue& operator=(SortedSetValue&& other) noexcept;
  SortedSetValue(const SortedSetValue&) = delete;
  SortedSetValue& operator=(const SortedSetValue&) = delete;
  SortedSetValue Clone() const;

  // An empty set that is about to have so many members: where these are too many for a pack, it is
  // a table from the beginning.
  static SortedSetValue ForMembers(size_t members, const ValueContext& context);

  // Requires members that are all different and stand in the set's order.
  static SortedSetValue FromSorted(absl::Span<const ScoredMember> members,
                                   const ValueContext& context);

  size_t size() const;
  // Bytes asked of the allocator beyond the word.
  size_t memory_bytes() const;
  // Where members are looked up; null while it is small. For prefetching.
  const ElementTable* members_table() const { return is_table() ? &table()->members() : nullptr; }
  absl::string_view encoding() const { return is_table() ? "skiplist" : "listpack"; }

  // ---- Reading ----

  // Whether the member is there, and its score.
  bool Find(absl::string_view member, double* score) const;
  bool FindRank(absl::string_view member, size_t* rank) const;

  RankRange RangeByScore(const ScoreRange& range) const;
  RankRange RangeByLex(const LexRange& range) const;

  // Requires ranks up to size(). The visitor returns whether it wants more; the view it is given is
  // valid during the call.
  using Visitor = absl::FunctionRef<bool(absl::string_view member, double score)>;
  void Visit(const RankRange& range, Visitor visit) const;
  void VisitReverse(const RankRange& range, Visitor visit) const;
  void VisitAll(Visitor visit) const { Visit({0, size()}, visit); }

  // A packed set has no cursors: whoever iterates over it is done after one step.
  bool is_packed() const { return !is_table(); }
  // Requires !is_packed(). See ElementTable::Scan.
  uint64_t Scan(uint64_t cursor, size_t count,
                absl::FunctionRef<void(absl::string_view member, double score)> visit) const {
    return table()->Scan(cursor, count, visit);
  }
  // Requires is_packed(): members and scores in turn, as they are written.
  PackView pack_view() const;

  // ---- Changing ----

  enum class Outcome : uint8_t { kUnchanged, kAdded, kChanged };
  // Looks the member up and asks `decide` what to do: given its score, or null when it is not
  // there, it returns whether the member gets another one, which it puts into *score. A score that
  // equals the present one changes nothing.
  using Decide = absl::FunctionRef<bool(const double* present, double* score)>;
  Outcome Update(absl::string_view member, Decide decide, const ValueContext& context);

  Outcome Set(absl::string_view member, double score, const ValueContext& context);
  // Returns whether it was there.
  bool Erase(absl::string_view member);
  // Requires ranks up to size().
  void EraseRanks(const RankRange& range);

  // Frees about `count` elements' memory; true when nothing is left. Afterwards only this and the
  // destructor are allowed.
  bool FreeSome(size_t count);

  // ---- Wire forms (sorted_set_wire.cc) ----

  // The RDB type and what follows it, as Redis 7.0 writes them.
  void AppendRdb(std::string* out) const;
  // Into an empty set; false, and the set is empty, for what is malformed.
  bool LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context);
  // Does one recorded step; false for one that is malformed or cannot be done.
  bool ApplyOperation(OperationReader* reader, const ValueContext& context);

 private:
  static constexpr uintptr_t kTableBit = 1;

  explicit SortedSetValue(uintptr_t word) : word_(word) {}
  static uintptr_t WordOf(SortedSetTable* table) {
    return reinterpret_cast<uintptr_t>(table) | kTableBit;
  }

  bool is_table() const { return word_ & kTableBit; }
  SortedSetTable* table() const { return reinterpret_cast<SortedSetTable*>(word_ & ~kTableBit); }
  // Calls change(Pack*) and keeps what becomes of the pack. Requires !is_table().
  template <typename Change>
  void ChangePack(Change change);

  uintptr_t Release() {
    const uintptr_t word = word_;
    word_ = 0;
    return word;
  }
  void Clear();
  void BecomeTable(const ValueContext& context);
  Outcome UpdateTable(absl::string_view member, Decide decide);
  Outcome UpdatePack(absl::string_view member, Decide decide, const ValueContext& context);
  bool LoadPack(PackView pack, const ValueContext& context);
  bool LoadMembers(uint8_t rdb_type, RdbReader* reader, const ValueContext& context);

  uintptr_t word_ = 0;
};

static_assert(sizeof(SortedSetValue) == 8);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_SORTED_SET_VALUE_H_
