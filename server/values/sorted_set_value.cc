#include "server/values/sorted_set_value.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "server/base/check.h"
#include "server/values/sorted_set_pack.h"

namespace damselfly {
namespace {

// Whether a pack may have so many members, and this one among them.
bool FitsPack(size_t members, size_t member_bytes, const ValueContext& context) {
  const int64_t entries_max = context.zset_max_listpack_entries;
  const int64_t value_max = context.zset_max_listpack_value;
  return static_cast<int64_t>(members) <= entries_max &&
         static_cast<int64_t>(member_bytes) <= value_max;
}

}  // namespace

SortedSetValue& SortedSetValue::operator=(SortedSetValue&& other) noexcept {
  if (this != &other) {
    Clear();
    word_ = other.Release();
  }
  return *this;
}

void SortedSetValue::Clear() {
  if (is_table()) {
    delete table();
  } else {
    Pack::Adopt(reinterpret_cast<char*>(word_));
  }
  word_ = 0;
}

SortedSetValue SortedSetValue::Clone() const {
  if (is_table()) return SortedSetValue(WordOf(table()->Clone().release()));
  SortedSetValue clone;
  if (word_ != 0) {
    clone.ChangePack([&](Pack* pack) { *pack = Pack::CopyOf(pack_view()); });
  }
  return clone;
}

SortedSetValue SortedSetValue::ForMembers(size_t members, const ValueContext& context) {
  SortedSetValue value;
  if (!FitsPack(members, 0, context)) value.BecomeTable(context);
  return value;
}

SortedSetValue SortedSetValue::FromSorted(absl::Span<const ScoredMember> members,
                                          const ValueContext& context) {
  SortedSetValue value;
  size_t longest_bytes = 0;
  size_t all_bytes = 0;
  for (const ScoredMember& member : members) {
    longest_bytes = std::max(longest_bytes, member.member.size());
    all_bytes += member.member.size();
  }
  if (FitsPack(members.size(), longest_bytes, context) &&
      Pack().HasRoomFor(all_bytes, 4 * members.size())) {
    value.ChangePack([&](Pack* pack) {
      for (const ScoredMember& member : members)
        sorted_set_pack::Append(pack, member.member, member.score);
    });
    return value;
  }
  value.BecomeTable(context);
  SortedSetTable* const table = value.table();
  table->Reserve(members.size());
  for (const ScoredMember& member : members)
    table->Add(member.member, table->HashOf(member.member), member.score);
  return value;
}

template <typename Change>
void SortedSetValue::ChangePack(Change change) {
  Pack pack = Pack::Adopt(reinterpret_cast<char*>(word_));
  change(&pack);
  if (pack.empty()) pack = Pack();
  word_ = reinterpret_cast<uintptr_t>(pack.Release());
}

PackView SortedSetValue::pack_view() const {
  return word_ != 0 ? PackView(reinterpret_cast<const char*>(word_)) : PackView::Empty();
}

size_t SortedSetValue::size() const {
  if (is_table()) return table()->size();
  return word_ == 0 ? 0 : pack_view().count() / 2;
}

size_t SortedSetValue::memory_bytes() const {
  if (is_table()) return table()->memory_bytes();
  return word_ == 0 ? 0 : pack_view().kept_bytes();
}

// ---- Reading ----

bool SortedSetValue::Find(absl::string_view member, double* score) const {
  if (is_table()) {
    const Element* const element = table()->Find(member);
    if (element == nullptr) return false;
    *score = SortedSetTable::ScoreOf(*element);
    return true;
  }
  sorted_set_pack::Place place;
  if (!sorted_set_pack::Find(pack_view(), member, &place)) return false;
  *score = place.score;
  return true;
}

bool SortedSetValue::FindRank(absl::string_view member, size_t* rank) const {
  if (is_table()) {
    const Element* const element = table()->Find(member);
    if (element == nullptr) return false;
    *rank = table()->RankOf(*element);
    return true;
  }
  sorted_set_pack::Place place;
  if (!sorted_set_pack::Find(pack_view(), member, &place)) return false;
  *rank = place.rank;
  return true;
}

RankRange SortedSetValue::RangeByScore(const ScoreRange& range) const {
  return is_table() ? table()->RangeByScore(range)
                    : sorted_set_pack::RangeByScore(pack_view(), range);
}

RankRange SortedSetValue::RangeByLex(const LexRange& range) const {
  return is_table() ? table()->RangeByLex(range) : sorted_set_pack::RangeByLex(pack_view(), range);
}

void SortedSetValue::Visit(const RankRange& range, Visitor visit) const {
  is_table() ? table()->Visit(range, visit) : sorted_set_pack::Visit(pack_view(), range, visit);
}

void SortedSetValue::VisitReverse(const RankRange& range, Visitor visit) const {
  is_table() ? table()->VisitReverse(range, visit)
             : sorted_set_pack::VisitReverse(pack_view(), range, visit);
}

// ---- Changing ----

SortedSetValue::Outcome SortedSetValue::Update(absl::string_view member, Decide decide,
                                               const ValueContext& context) {
  return is_table() ? UpdateTable(member, decide) : UpdatePack(member, decide, context);
}

SortedSetValue::Outcome SortedSetValue::UpdateTable(absl::string_view member, Decide decide) {
  const uint64_t hash = table()->HashOf(member);
  const Element* const element = table()->Find(member, hash);
  const double present = element != nullptr ? SortedSetTable::ScoreOf(*element) : 0;
  double score = 0;
  if (!decide(element != nullptr ? &present : nullptr, &score)) return Outcome::kUnchanged;
  DFLY_DCHECK(!std::isnan(score));
  if (element == nullptr) {
    table()->Add(member, hash, score);
    return Outcome::kAdded;
  }
  if (score == present) return Outcome::kUnchanged;
  table()->ChangeScore(*element, score);
  return Outcome::kChanged;
}

SortedSetValue::Outcome SortedSetValue::UpdatePack(absl::string_view member, Decide decide,
                                                   const ValueContext& context) {
  sorted_set_pack::Place place;
  const bool is_there = sorted_set_pack::Find(pack_view(), member, &place);
  double score = 0;
  if (!decide(is_there ? &place.score : nullptr, &score)) return Outcome::kUnchanged;
  DFLY_DCHECK(!std::isnan(score));
  if (is_there) {
    if (score == place.score) return Outcome::kUnchanged;
    ChangePack([&](Pack* pack) {
      sorted_set_pack::Erase(pack, place);
      sorted_set_pack::Insert(pack, member, score);
    });
    return Outcome::kChanged;
  }
  // Where it is not there, `rank` has counted all members.
  bool added = false;
  if (FitsPack(place.rank + 1, member.size(), context)) {
    ChangePack([&](Pack* pack) {
      added = pack->HasRoomFor(member.size(), 4);
      if (added) sorted_set_pack::Insert(pack, member, score);
    });
  }
  if (!added) {
    BecomeTable(context);
    table()->Add(member, table()->HashOf(member), score);
  }
  return Outcome::kAdded;
}

SortedSetValue::Outcome SortedSetValue::Set(absl::string_view member, double score,
                                            const ValueContext& context) {
  return Update(
      member,
      [score](const double*, double* chosen) {
        *chosen = score;
        return true;
      },
      context);
}

bool SortedSetValue::Erase(absl::string_view member) {
  if (is_table()) return table()->Erase(member);
  sorted_set_pack::Place place;
  if (!sorted_set_pack::Find(pack_view(), member, &place)) return false;
  ChangePack([&](Pack* pack) { sorted_set_pack::Erase(pack, place); });
  return true;
}

void SortedSetValue::EraseRanks(const RankRange& range) {
  if (is_table()) {
    table()->EraseRanks(range);
  } else {
    ChangePack([&](Pack* pack) { sorted_set_pack::EraseRanks(pack, range); });
  }
}

bool SortedSetValue::FreeSome(size_t count) {
  if (is_table() && !table()->FreeSome(count)) return false;
  Clear();
  return true;
}

void SortedSetValue::BecomeTable(const ValueContext& context) {
  auto big = std::make_unique<SortedSetTable>(context.hash_seed);
  VisitAll([&](absl::string_view member, double score) {
    big->Add(member, big->HashOf(member), score);
    return true;
  });
  Clear();
  word_ = WordOf(big.release());
}

}  // namespace damselfly
