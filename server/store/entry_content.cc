#include "server/store/entry_content.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/values/int_set.h"
#include "server/values/pack_view.h"
#include "server/values/rdb_reader.h"
#include "server/values/rdb_types.h"
#include "server/values/rdb_writer.h"

namespace damselfly {
namespace {

// The parts of each element of an unordered collection.
using Elements = std::vector<std::vector<std::string>>;

Elements ElementsOfTable(absl::string_view rdb, size_t parts) {
  RdbReader reader(rdb.substr(1));
  uint64_t count = 0;
  DFLY_CHECK(reader.Length(&count));
  Elements elements;
  for (uint64_t i = 0; i < count; ++i) {
    std::vector<std::string>& element = elements.emplace_back();
    for (size_t j = 0; j < parts; ++j) DFLY_CHECK(reader.String(&element.emplace_back()));
  }
  DFLY_CHECK_EQ(reader.remaining(), size_t{0});
  return elements;
}

// The bytes of a compact form.
std::string CompactForm(absl::string_view rdb) {
  RdbReader reader(rdb.substr(1));
  std::string bytes;
  DFLY_CHECK(reader.String(&bytes));
  DFLY_CHECK_EQ(reader.remaining(), size_t{0});
  return bytes;
}

Elements ElementsOfPack(absl::string_view rdb, size_t parts) {
  const std::string bytes = CompactForm(rdb);
  DFLY_CHECK(PackView::IsValid(bytes));
  const PackView pack(bytes.data());
  Elements elements;
  size_t part = 0;
  for (auto at = pack.First(); at != PackView::kNone; at = pack.Next(at), ++part) {
    char scratch[kIntegerBytesMax];
    if (part % parts == 0) elements.emplace_back();
    elements.back().emplace_back(pack.Get(at).Text(scratch));
  }
  return elements;
}

Elements ElementsOfIntSet(absl::string_view rdb) {
  const std::string bytes = CompactForm(rdb);
  DFLY_CHECK(IntSet::Validate(bytes));
  const IntSet set = IntSet::FromBytes(bytes);
  Elements elements;
  for (size_t i = 0; i < set.size(); ++i) {
    char digits[kIntegerBytesMax];
    elements.push_back({std::string(digits, FormatInt64(set.At(i), digits))});
  }
  return elements;
}

std::string ScoreText(double score) {
  char text[kDoubleBytesMax];
  return std::string(text, FormatDouble(score, text));
}

Elements ElementsOfScoredTable(absl::string_view rdb) {
  RdbReader reader(rdb.substr(1));
  uint64_t count = 0;
  DFLY_CHECK(reader.Length(&count));
  Elements elements;
  for (uint64_t i = 0; i < count; ++i) {
    std::string member;
    double score = 0;
    DFLY_CHECK(reader.String(&member) && reader.Double(&score));
    elements.push_back({std::move(member), ScoreText(score)});
  }
  DFLY_CHECK_EQ(reader.remaining(), size_t{0});
  return elements;
}

Elements ElementsOfScoredPack(absl::string_view rdb) {
  Elements elements = ElementsOfPack(rdb, 2);
  for (std::vector<std::string>& element : elements) {
    double score = 0;
    DFLY_CHECK(ParseDouble(element[1], &score));
    element[1] = ScoreText(score);
  }
  return elements;
}

// The form of a table, whichever the value has, with the elements in ascending order.
std::string InOrder(RdbType type, Elements elements) {
  std::sort(elements.begin(), elements.end());
  std::string ordered;
  RdbWriter writer(&ordered);
  writer.Type(type);
  writer.Length(elements.size());
  for (const std::vector<std::string>& element : elements) {
    if (type == RdbType::kSortedSet) {
      double score = 0;
      DFLY_CHECK(ParseDouble(element[1], &score));
      writer.String(element[0]);
      writer.Double(score);
      continue;
    }
    for (const std::string& part : element) writer.String(part);
  }
  return ordered;
}

}  // namespace

std::string CanonicalRdb(absl::string_view rdb) {
  DFLY_CHECK(!rdb.empty());
  switch (static_cast<RdbType>(rdb[0])) {
    case RdbType::kSet:
      return InOrder(RdbType::kSet, ElementsOfTable(rdb, 1));
    case RdbType::kSetIntset:
      return InOrder(RdbType::kSet, ElementsOfIntSet(rdb));
    case RdbType::kHash:
      return InOrder(RdbType::kHash, ElementsOfTable(rdb, 2));
    case RdbType::kHashListpack:
      return InOrder(RdbType::kHash, ElementsOfPack(rdb, 2));
    case RdbType::kSortedSet:
      return InOrder(RdbType::kSortedSet, ElementsOfScoredTable(rdb));
    case RdbType::kSortedSetListpack:
      return InOrder(RdbType::kSortedSet, ElementsOfScoredPack(rdb));
    default:
      return std::string(rdb);
  }
}

absl::string_view ContentOf(const Entry& entry, std::string* scratch) {
  if (entry.type() == ValueType::kString) {
    char digits[Entry::kIntegerTextBytesMax];
    const absl::string_view value = entry.StringValue(digits);
    if (value.data() != digits) return value;
    return *scratch = std::string(value);
  }
  std::string rdb;
  entry.traits().append_rdb(entry.collection_word(), &rdb);
  return *scratch = CanonicalRdb(rdb);
}

}  // namespace damselfly
