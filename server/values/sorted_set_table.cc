#include "server/values/sorted_set_table.h"

#include <bit>

#include "server/base/check.h"

namespace damselfly {

double SortedSetTable::ScoreOf(const Element& element) {
  return std::bit_cast<double>(element.word());
}

std::unique_ptr<SortedSetTable> SortedSetTable::Clone() const {
  auto clone = std::make_unique<SortedSetTable>(table_.hash_seed());
  clone->Reserve(size());
  Visit({0, size()}, [&](absl::string_view member, double score) {
    clone->Add(member, HashOf(member), score);
    return true;
  });
  return clone;
}

RankRange SortedSetTable::RangeByScore(const ScoreRange& range) const {
  return {
      tree_.CountWhile([&](const OrderedItem& item) { return !range.IsAboveMin(item.score); }),
      tree_.CountWhile([&](const OrderedItem& item) { return range.IsBelowMax(item.score); }),
  };
}

RankRange SortedSetTable::RangeByLex(const LexRange& range) const {
  return {
      tree_.CountWhile([&](const OrderedItem& item) { return !range.IsAboveMin(item.member()); }),
      tree_.CountWhile([&](const OrderedItem& item) { return range.IsBelowMax(item.member()); }),
  };
}

void SortedSetTable::Visit(const RankRange& range, Visitor visit) const {
  if (range.empty()) return;
  OrderedTree::Cursor at = tree_.Seek(range.first);
  for (size_t left = range.count(); left > 0; --left) {
    at.PrefetchAhead();
    if (!visit(at->member(), at->score)) return;
    at.MoveForward();
  }
}

void SortedSetTable::VisitReverse(const RankRange& range, Visitor visit) const {
  if (range.empty()) return;
  OrderedTree::Cursor at = tree_.Seek(range.last - 1);
  for (size_t left = range.count(); left > 0; --left) {
    at.PrefetchBehind();
    if (!visit(at->member(), at->score)) return;
    at.MoveBack();
  }
}

uint64_t SortedSetTable::Scan(
    uint64_t cursor, size_t count,
    absl::FunctionRef<void(absl::string_view member, double score)> visit) const {
  return table_.Scan(cursor, count,
                     [&](const Element& element) { visit(element.member(), ScoreOf(element)); });
}

void SortedSetTable::Add(absl::string_view member, uint64_t hash, double score) {
  Element* const element = Element::CreateWithWord(member, std::bit_cast<uint64_t>(score));
  table_.Insert(element, hash);
  tree_.Insert(score, element);
}

void SortedSetTable::ChangeScore(const Element& element, double score) {
  tree_.ChangeScore(ScoreOf(element), &element, score);
  const_cast<Element&>(element).set_word(std::bit_cast<uint64_t>(score));
}

bool SortedSetTable::Erase(absl::string_view member) {
  const Element* const element = table_.Find(member);
  if (element == nullptr) return false;
  tree_.EraseAt(RankOf(*element));
  table_.Erase(member);
  return true;
}

void SortedSetTable::EraseRanks(const RankRange& range) {
  for (size_t left = range.count(); left > 0; --left) {
    const OrderedItem item = tree_.EraseAt(range.first);
    DFLY_CHECK(table_.Erase(item.member()));
  }
}

}  // namespace damselfly
