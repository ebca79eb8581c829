#include "server/values/hash_value.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using Model = std::map<std::string, std::string>;

Model ModelOf(const HashValue& hash) {
  Model model;
  hash.ForEach([&](absl::string_view field, absl::string_view value) {
    EXPECT_TRUE(model.emplace(std::string(field), std::string(value)).second) << field;
  });
  EXPECT_EQ(model.size(), hash.size());
  return model;
}

std::string ValueOf(const HashValue& hash, absl::string_view field) {
  char scratch[kIntegerBytesMax];
  absl::string_view value;
  return hash.Get(field, scratch, &value) ? std::string(value) : "(none)";
}

std::string RdbOf(const HashValue& hash) {
  std::string bytes;
  hash.AppendRdb(&bytes);
  return bytes;
}

bool Load(absl::string_view rdb, const ValueContext& context, HashValue* hash) {
  RdbReader reader(rdb.substr(1));
  return hash->LoadRdb(static_cast<uint8_t>(rdb[0]), &reader, context) && reader.remaining() == 0;
}

class HashValueTest : public testing::Test {
 protected:
  HashValue Filled(size_t fields) {
    HashValue hash;
    for (size_t i = 0; i < fields; ++i)
      hash.Set(absl::StrCat("field", i), absl::StrCat(i % 3 == 0 ? "" : "v", i), context_);
    return hash;
  }

  ValueContext context_;
};

TEST_F(HashValueTest, BeginsEmpty) {
  HashValue hash;
  EXPECT_EQ(hash.size(), 0u);
  EXPECT_EQ(hash.memory_bytes(), 0u);
  EXPECT_EQ(hash.encoding(), "listpack");
  EXPECT_EQ(ValueOf(hash, "a"), "(none)");
  EXPECT_FALSE(hash.Contains("a"));
  EXPECT_FALSE(hash.Erase("a"));
  EXPECT_EQ(hash.Clone().size(), 0u);
  EXPECT_TRUE(hash.FreeSome(1));
}

TEST_F(HashValueTest, SetsReplacesAndErases) {
  HashValue hash;
  EXPECT_TRUE(hash.Set("a", "1", context_));
  EXPECT_TRUE(hash.Set("1", "a", context_));
  EXPECT_FALSE(hash.Set("a", "longer", context_));
  EXPECT_EQ(ValueOf(hash, "a"), "longer");
  EXPECT_EQ(ValueOf(hash, "1"), "a");
  // A value is no field.
  EXPECT_EQ(ValueOf(hash, "longer"), "(none)");
  EXPECT_FALSE(hash.Erase("longer"));
  EXPECT_TRUE(hash.Erase("a"));
  EXPECT_EQ(ModelOf(hash), (Model{{"1", "a"}}));
}

TEST_F(HashValueTest, BecomesATableAtTheLimitsAndStaysOne) {
  HashValue hash = Filled(512);
  EXPECT_EQ(hash.encoding(), "listpack");
  hash.Set("field0", "again", context_);
  EXPECT_EQ(hash.encoding(), "listpack");
  hash.Set("one more", "1", context_);
  EXPECT_EQ(hash.encoding(), "hashtable");
  EXPECT_EQ(hash.size(), 513u);
  EXPECT_EQ(ValueOf(hash, "field0"), "again");
  EXPECT_EQ(ValueOf(hash, "field511"), "v511");
  for (size_t i = 0; i < 512; ++i) hash.Erase(absl::StrCat("field", i));
  EXPECT_EQ(hash.encoding(), "hashtable");

  HashValue long_value, long_field;
  long_value.Set("a", std::string(64, 'x'), context_);
  EXPECT_EQ(long_value.encoding(), "listpack");
  long_value.Set("a", std::string(65, 'x'), context_);
  EXPECT_EQ(long_value.encoding(), "hashtable");
  long_field.Set(std::string(65, 'x'), "1", context_);
  EXPECT_EQ(long_field.encoding(), "hashtable");
  EXPECT_EQ(long_field.size(), 1u);
}

TEST_F(HashValueTest, EqualsAModelThroughRandomChanges) {
  for (int64_t limit : {16, 512}) {
    context_.hash_max_listpack_entries = limit;
    Random random(static_cast<uint64_t>(limit));
    HashValue hash;
    Model model;
    for (int step = 0; step < 4000; ++step) {
      const std::string field = absl::StrCat(random.Chance(1, 2) ? "f" : "", random.Below(150));
      if (random.Chance(1, 3)) {
        EXPECT_EQ(hash.Erase(field), model.erase(field) == 1);
      } else {
        const std::string value = random.Chance(1, 2)
                                      ? absl::StrCat(random.Next() >> random.Below(64))
                                      : std::string(random.Below(60), 'v');
        EXPECT_EQ(hash.Set(field, value, context_), model.count(field) == 0);
        model[field] = value;
      }
      EXPECT_EQ(hash.Contains(field), model.count(field) == 1);
      ASSERT_EQ(hash.size(), model.size());
    }
    EXPECT_EQ(ModelOf(hash), model);
    EXPECT_EQ(ModelOf(hash.Clone()), model);
    HashValue loaded;
    ASSERT_TRUE(Load(RdbOf(hash), context_, &loaded));
    EXPECT_EQ(ModelOf(loaded), model);
  }
}

TEST_F(HashValueTest, CountsItsMemory) {
  HashValue hash;
  hash.Set("a", "b", context_);
  EXPECT_EQ(hash.memory_bytes(), 12u);
  HashValue big = Filled(2000);
  EXPECT_GT(big.memory_bytes(), 2000u * 10);
  const size_t before = big.memory_bytes();
  big.Set("field7", std::string(500, 'x'), context_);
  EXPECT_EQ(big.memory_bytes(), before + 2 + 500 - 2);
}

// What redis-server 7.0 has in DUMP for such hashes.
TEST_F(HashValueTest, HasTheRdbFormOfRedis) {
  HashValue hash;
  hash.Set("f", "v", context_);
  EXPECT_EQ(absl::BytesToHexString(RdbOf(hash)),
            "100d0d00000002008166028176"
            "02ff");
  hash.Set("g", std::string(65, 'x'), context_);
  hash.Erase("f");
  hash.Set("g", "12", context_);
  EXPECT_EQ(absl::BytesToHexString(RdbOf(hash)), "04010167c00c");
}

TEST_F(HashValueTest, LoadsBothFormsByTheLimitsOfNow) {
  const std::string packed = RdbOf(Filled(20));
  context_.hash_max_listpack_entries = 10;
  HashValue hash;
  ASSERT_TRUE(Load(packed, context_, &hash));
  EXPECT_EQ(hash.encoding(), "hashtable");
  EXPECT_EQ(ModelOf(hash), ModelOf(Filled(20)));
  const std::string table = RdbOf(hash);
  context_.hash_max_listpack_entries = 512;
  HashValue again;
  ASSERT_TRUE(Load(table, context_, &again));
  EXPECT_EQ(again.encoding(), "listpack");
  EXPECT_EQ(ModelOf(again), ModelOf(Filled(20)));
}

TEST_F(HashValueTest, LoadsOldForms) {
  HashValue ziplist, zipmap;
  // {"a": "12"} as Redis 6.2 and 2.4 had it.
  ASSERT_TRUE(Load(absl::HexStringToBytes("0d10"
                                          "100000000d0000000200"
                                          "000161"
                                          "03fd"
                                          "ff"),
                   context_, &ziplist));
  EXPECT_EQ(ModelOf(ziplist), (Model{{"a", "12"}}));
  ASSERT_TRUE(Load(absl::HexStringToBytes("0908"
                                          "01"
                                          "0161"
                                          "02003132"
                                          "ff"),
                   context_, &zipmap));
  EXPECT_EQ(ModelOf(zipmap), (Model{{"a", "12"}}));
}

TEST_F(HashValueTest, RefusesMalformedRdb) {
  context_.hash_max_listpack_entries = 4;
  for (size_t fields : {size_t{3}, size_t{9}}) {
    const std::string good = RdbOf(Filled(fields));
    for (size_t size = 1; size < good.size(); ++size) {
      HashValue hash;
      EXPECT_FALSE(Load(good.substr(0, size), context_, &hash));
      EXPECT_EQ(hash.memory_bytes(), 0u);
    }
  }
  for (const char* bad : {
           "04020167c00c0167c00d",  // a field twice
           "04bf"
           "ffffffffffffffff"
           "0167c00c",  // more fields than bytes
           "1009"
           "0900000001008166"
           "02ff",  // a field without a value
           "1013"
           "1300000004008166028176028166028177"
           "02ff",
           "0e0161",
       }) {
    HashValue hash;
    EXPECT_FALSE(Load(absl::HexStringToBytes(bad), context_, &hash)) << bad;
  }
}

TEST_F(HashValueTest, DoesTheStepsThatWereRecorded) {
  OperationWriter writer;
  writer.Code(static_cast<uint8_t>(HashStep::kSet)).Bytes("a").Bytes("1");
  writer.Code(static_cast<uint8_t>(HashStep::kSet)).Bytes("b").Bytes("2");
  writer.Code(static_cast<uint8_t>(HashStep::kErase)).Bytes("a");
  OperationReader reader(writer.bytes());
  HashValue hash;
  while (!reader.done()) ASSERT_TRUE(hash.ApplyOperation(&reader, context_));
  EXPECT_EQ(ModelOf(hash), (Model{{"b", "2"}}));
  for (const char* bad : {"0101", "010178", "00016101", "0201610162"}) {
    const std::string bytes = absl::HexStringToBytes(bad);
    OperationReader bad_reader(bytes);
    EXPECT_FALSE(hash.ApplyOperation(&bad_reader, context_)) << bad;
  }
}

TEST_F(HashValueTest, ChoosesFieldsAtRandom) {
  for (size_t size : {size_t{10}, size_t{600}}) {
    const HashValue hash = Filled(size);
    Random random(4);
    std::set<std::string> met;
    size_t calls = 0;
    hash.VisitRandom(size * 100, random, [&](absl::string_view field, absl::string_view value) {
      EXPECT_EQ(ValueOf(hash, field), value);
      met.insert(std::string(field));
      return ++calls < size * 12;
    });
    EXPECT_EQ(calls, size * 12);
    EXPECT_EQ(met.size(), size);
    for (size_t count : {size_t{0}, size_t{1}, size / 2, size}) {
      met.clear();
      hash.VisitSample(count, random, [&](absl::string_view field, absl::string_view value) {
        EXPECT_EQ(ValueOf(hash, field), value);
        met.insert(std::string(field));
      });
      EXPECT_EQ(met.size(), count);
    }
  }
}

TEST_F(HashValueTest, ScansSmallOnesAtOnceAndBigOnesInSteps) {
  const HashValue small = Filled(100), big = Filled(1000);
  std::set<std::string> met;
  const auto visit = [&](absl::string_view field, absl::string_view) {
    met.insert(std::string(field));
  };
  EXPECT_EQ(small.Scan(0, 1, visit), 0u);
  EXPECT_EQ(met.size(), 100u);
  met.clear();
  uint64_t cursor = 0;
  int steps = 0;
  do {
    cursor = big.Scan(cursor, 10, visit);
    ++steps;
  } while (cursor != 0);
  EXPECT_EQ(met.size(), 1000u);
  EXPECT_GT(steps, 40);
}

TEST_F(HashValueTest, FreesBigOnesInSteps) {
  HashValue hash = Filled(5000);
  int steps = 1;
  while (!hash.FreeSome(100)) ++steps;
  EXPECT_GT(steps, 40);
  HashValue half_freed = Filled(5000);
  EXPECT_FALSE(half_freed.FreeSome(100));
}

TEST_F(HashValueTest, Moves) {
  HashValue hash = Filled(3);
  HashValue moved = std::move(hash);
  EXPECT_EQ(hash.size(), 0u);
  hash = std::move(moved);
  EXPECT_EQ(hash.size(), 3u);
}

}  // namespace
}  // namespace damselfly
