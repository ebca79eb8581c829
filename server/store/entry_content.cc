#include "server/store/entry_content.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/base/check.h"
#include "server/values/rdb_reader.h"
#include "server/values/rdb_types.h"
#include "server/values/rdb_writer.h"

namespace damselfly {
namespace {

// Writes the elements of a table, each of so many strings, in ascending order.
std::string InOrder(absl::string_view rdb, int strings_an_element) {
  RdbReader reader(rdb.substr(1));
  uint64_t count = 0;
  DFLY_CHECK(reader.Length(&count));
  std::vector<std::vector<std::string>> elements;
  for (uint64_t i = 0; i < count; ++i) {
    std::vector<std::string>& element = elements.emplace_back();
    for (int j = 0; j < strings_an_element; ++j) DFLY_CHECK(reader.String(&element.emplace_back()));
  }
  DFLY_CHECK_EQ(reader.remaining(), size_t{0});
  std::sort(elements.begin(), elements.end());
  std::string ordered(rdb.substr(0, 1));
  RdbWriter writer(&ordered);
  writer.Length(count);
  for (const std::vector<std::string>& element : elements) {
    for (const std::string& text : element) writer.String(text);
  }
  return ordered;
}

}  // namespace

std::string CanonicalRdb(absl::string_view rdb) {
  DFLY_CHECK(!rdb.empty());
  switch (static_cast<RdbType>(rdb[0])) {
    case RdbType::kSet:
      return InOrder(rdb, 1);
    case RdbType::kHash:
      return InOrder(rdb, 2);
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
