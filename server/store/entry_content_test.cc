#include "server/store/entry_content.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/values/hash_value.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {
namespace {

template <class V>
std::string ContentOfValue(const V& value) {
  std::string rdb;
  value.AppendRdb(&rdb);
  return CanonicalRdb(rdb);
}

class EntryContentTest : public testing::Test {
 protected:
  EntryContentTest() {
    big_.hash_max_listpack_entries = 0;
    big_.set_max_intset_entries = 0;
    big_.zset_max_listpack_entries = 0;
    big_.hash_seed = 5;
  }

  ValueContext compact_, big_;
};

TEST_F(EntryContentTest, OfAHashIsTheSameInBothForms) {
  HashValue compact, big, other;
  for (const char* field : {"b", "12", "a"}) {
    compact.Set(field, absl::StrCat(field, "!"), compact_);
    other.Set(field, "1", compact_);
  }
  for (const char* field : {"a", "b", "12"}) big.Set(field, absl::StrCat(field, "!"), big_);
  EXPECT_NE(compact.encoding(), big.encoding());
  EXPECT_EQ(ContentOfValue(compact), ContentOfValue(big));
  EXPECT_NE(ContentOfValue(compact), ContentOfValue(other));
}

TEST_F(EntryContentTest, OfASetIsTheSameInAllForms) {
  SetValue integers, packed, table;
  for (const char* member : {"3", "1", "2"}) {
    integers.Add(member, compact_);
    packed.Add(member, big_);
  }
  table.Add(std::string(100, 'x'), compact_);
  for (const char* member : {"2", "1", "3"}) table.Add(member, compact_);
  EXPECT_NE(ContentOfValue(table), ContentOfValue(packed));
  table.Erase(std::string(100, 'x'));
  EXPECT_NE(integers.encoding(), packed.encoding());
  EXPECT_EQ(ContentOfValue(integers), ContentOfValue(packed));
  EXPECT_EQ(ContentOfValue(table), ContentOfValue(packed));
}

TEST_F(EntryContentTest, OfASortedSetIsTheSameInBothForms) {
  SortedSetValue compact, big;
  double score = -0.25;
  for (const char* member : {"b", "12", "a", "c"}) {
    compact.Set(member, score, compact_);
    big.Set(member, score, big_);
    score *= -4;
  }
  EXPECT_NE(compact.encoding(), big.encoding());
  EXPECT_EQ(ContentOfValue(compact), ContentOfValue(big));
  big.Set("a", 7, big_);
  EXPECT_NE(ContentOfValue(compact), ContentOfValue(big));
}

}  // namespace
}  // namespace damselfly
