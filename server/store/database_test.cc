#include "server/store/database.h"

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

std::string ValueOf(const Entry* entry) {
  char scratch[Entry::kIntegerTextBytesMax];
  return entry == nullptr ? "(none)" : std::string(entry->StringValue(scratch));
}

class DatabaseTest : public testing::Test {
 protected:
  Key K(absl::string_view bytes) const { return store_.MakeKey(bytes); }
  Database At(int64_t now_ms, int index = 0) {
    return Database(&store_, index, now_ms, &store_.counters(0));
  }

  Store store_{Store::Options{}};
};

TEST_F(DatabaseTest, SetReplacesWhateverWasThere) {
  Database db = At(1000);
  EXPECT_EQ(db.Find(K("a")), nullptr);
  const std::string big(5000, 'b');
  for (const std::string& value :
       {std::string("x"), std::string("12"), std::string("99999999999"), big, std::string(),
        std::string(44, 's'), std::string(1024, 's'), std::string(1025, 's')}) {
    EXPECT_EQ(ValueOf(db.SetString(K("a"), value, Expiry::None())), value);
    EXPECT_EQ(ValueOf(db.Find(K("a"))), value);
    EXPECT_EQ(store_.KeyCount(0), 1u);
  }
  EXPECT_TRUE(db.Delete(K("a")));
  EXPECT_FALSE(db.Delete(K("a")));
  EXPECT_EQ(store_.KeyCount(0), 0u);
  EXPECT_EQ(store_.TotalCounters().used_bytes, 0);
}

TEST_F(DatabaseTest, OnlyCanonicalIntegersAreKeptAsIntegers) {
  Database db = At(1000);
  for (const char* text : {"0", "-1", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_EQ(db.SetString(K("a"), text, Expiry::None())->string_encoding(), StringEncoding::kInt)
        << text;
    EXPECT_EQ(ValueOf(db.Find(K("a"))), text);
  }
  for (const char* text : {"", "-0", "+1", "01", " 1", "9223372036854775808", "1.0"}) {
    EXPECT_EQ(db.SetString(K("a"), text, Expiry::None())->string_encoding(),
              StringEncoding::kEmbstr)
        << text;
    EXPECT_EQ(ValueOf(db.Find(K("a"))), text);
  }
}

TEST_F(DatabaseTest, WritingNoneKeepingAndSettingDeadlines) {
  Database db = At(1000);
  EXPECT_EQ(db.SetString(K("a"), "v", Expiry::At(5000))->expiry_ms(), 5000);
  EXPECT_EQ(store_.ExpiringKeyCount(0), 1u);
  EXPECT_EQ(db.SetString(K("a"), "other value", Expiry::Keep())->expiry_ms(), 5000);
  EXPECT_EQ(db.SetInteger(K("a"), 7, Expiry::Keep())->expiry_ms(), 5000);
  EXPECT_EQ(db.SetString(K("a"), "v", Expiry::None())->has_expiry(), false);
  EXPECT_EQ(store_.ExpiringKeyCount(0), 0u);
  EXPECT_EQ(db.SetExpiry(K("a"), 6000)->expiry_ms(), 6000);
  EXPECT_EQ(db.SetExpiry(K("a"), 7000)->expiry_ms(), 7000);
  EXPECT_EQ(store_.ExpiringKeyCount(0), 1u);
  EXPECT_TRUE(db.Persist(K("a")));
  EXPECT_FALSE(db.Persist(K("a")));
  EXPECT_FALSE(db.Persist(K("absent")));
  EXPECT_EQ(store_.ExpiringKeyCount(0), 0u);
  EXPECT_EQ(ValueOf(db.Find(K("a"))), "v");
}

TEST_F(DatabaseTest, BlobValuesAreSharedAndSurviveTheirKey) {
  Database db = At(1000);
  BlobRef blob = Blob::Copy(std::string(2000, 'x'));
  db.SetBlob(K("a"), blob, Expiry::None());
  EXPECT_EQ(db.Find(K("a"))->blob(), blob.get());
  db.SetExpiry(K("a"), 9000);
  EXPECT_EQ(db.Find(K("a"))->blob(), blob.get());
  db.Persist(K("a"));
  EXPECT_EQ(db.Find(K("a"))->blob(), blob.get());
  // A change leaves the shared bytes alone.
  db.WriteRange(K("a"), 2001, 0, "y");
  EXPECT_EQ(blob->view(), std::string(2000, 'x'));
  EXPECT_EQ(ValueOf(db.Find(K("a"))), "y" + std::string(1999, 'x') + std::string(1, '\0'));
  EXPECT_TRUE(blob->unique());
  db.SetBlob(K("a"), blob, Expiry::None());
  db.Delete(K("a"));
  EXPECT_TRUE(blob->unique());
  EXPECT_EQ(store_.TotalCounters().used_bytes, 0);
}

TEST_F(DatabaseTest, WriteRangeKeepsWhatWasThereAndZeroesWhatIsNew) {
  Database db = At(1000);
  EXPECT_EQ(ValueOf(db.WriteRange(K("new"), 3, 3, "")), std::string(3, '\0'));
  EXPECT_EQ(db.Find(K("new"))->string_encoding(), StringEncoding::kRaw);
  EXPECT_EQ(ValueOf(db.WriteRange(K("bignew"), 3000, 1, "x")),
            std::string("\0x", 2) + std::string(2998, '\0'));

  db.SetString(K("int"), "12345", Expiry::At(7777));
  db.WriteRange(K("int"), 7, 6, "x");
  EXPECT_EQ(ValueOf(db.Find(K("int"))), std::string("12345\0x", 7));
  EXPECT_EQ(db.Find(K("int"))->expiry_ms(), 7777);

  // From nothing through inline to a blob and on, and back down.
  std::string model;
  for (size_t size = 0; size < 5000; size += 1 + size / 7) {
    const size_t before = model.size();
    while (model.size() < size) model.push_back(static_cast<char>('a' + model.size() % 26));
    db.WriteRange(K("grow"), size, before, model.substr(before));
    ASSERT_EQ(ValueOf(db.Find(K("grow"))), model);
  }
  for (size_t size = model.size(); size > 0; size /= 2) {
    db.WriteRange(K("grow"), size, size, "");
    ASSERT_EQ(ValueOf(db.Find(K("grow"))), model.substr(0, size));
  }
  for (const char* key : {"new", "bignew", "int", "grow"}) EXPECT_TRUE(db.Delete(K(key)));
  EXPECT_EQ(store_.TotalCounters().used_bytes, 0);
}

TEST_F(DatabaseTest, AppendingManyBytesMovesTheValueRarely) {
  Database db = At(1000);
  const char* last = nullptr;
  int moves = 0;
  for (size_t size = 1; size <= 300000; ++size) {
    char unused[Entry::kIntegerTextBytesMax];
    const char* const bytes =
        db.WriteRange(K("a"), size, size - 1, "x")->StringValue(unused).data();
    moves += bytes != last;
    last = bytes;
  }
  EXPECT_LT(moves, 60);
}

TEST_F(DatabaseTest, MoveTakesValueAndDeadlineAlong) {
  Database db = At(1000);
  Database other = At(1000, 9);
  const std::string big(3000, 'b');
  for (const std::string& value : {std::string("1"), std::string("text"), big}) {
    db.SetString(K("from"), value, Expiry::At(5000));
    other.SetString(K("to"), "overwritten", Expiry::None());
    other.MoveFrom(db, K("from"), K("to"));
    EXPECT_EQ(db.Find(K("from")), nullptr);
    EXPECT_EQ(ValueOf(other.Find(K("to"))), value);
    EXPECT_EQ(other.Find(K("to"))->expiry_ms(), 5000);
    EXPECT_EQ(store_.KeyCount(0), 0u);
    EXPECT_EQ(store_.ExpiringKeyCount(0), 0u);
    EXPECT_EQ(store_.KeyCount(9), 1u);
    EXPECT_EQ(store_.ExpiringKeyCount(9), 1u);
  }
  other.Delete(K("to"));
  EXPECT_EQ(store_.TotalCounters().used_bytes, 0);
}

TEST_F(DatabaseTest, CopyLeavesTheSourceAlone) {
  Database db = At(1000);
  const std::string big(3000, 'b');
  for (const std::string& value : {std::string("1"), std::string("text"), big}) {
    db.SetString(K("{x}from"), value, Expiry::At(5000));
    db.CopyFrom(db, K("{x}from"), K("{x}to"));
    EXPECT_EQ(ValueOf(db.Find(K("{x}from"))), value);
    EXPECT_EQ(ValueOf(db.Find(K("{x}to"))), value);
    EXPECT_EQ(db.Find(K("{x}to"))->expiry_ms(), 5000);
  }
  // The copy of a big value is changed alone.
  db.WriteRange(K("{x}to"), 3000, 0, "c");
  EXPECT_EQ(ValueOf(db.Find(K("{x}from"))), big);
}

TEST_F(DatabaseTest, DatabasesAreSeparate) {
  for (int index = 0; index < Store::kDatabaseCount; ++index) {
    At(1000, index).SetInteger(K("a"), index, Expiry::None());
  }
  for (int index = 0; index < Store::kDatabaseCount; ++index) {
    EXPECT_EQ(ValueOf(At(1000, index).Find(K("a"))), std::to_string(index));
    EXPECT_EQ(store_.KeyCount(index), 1u);
  }
}

TEST_F(DatabaseTest, ExpiredKeysAreGoneWhenLookedAt) {
  At(1000).SetString(K("a"), "v", Expiry::At(2000));
  EXPECT_NE(At(1999).Find(K("a")), nullptr);
  EXPECT_EQ(At(2000).Find(K("a")), nullptr);
  EXPECT_EQ(store_.KeyCount(0), 0u);
  EXPECT_EQ(store_.ExpiringKeyCount(0), 0u);
  EXPECT_EQ(store_.TotalCounters().expired_keys, 1);

  At(1000).SetString(K("a"), "v", Expiry::At(2000));
  EXPECT_FALSE(At(3000).Delete(K("a")));
  At(1000).SetString(K("a"), "v", Expiry::At(2000));
  // A write does not inherit from what has expired.
  EXPECT_FALSE(At(3000).SetString(K("a"), "w", Expiry::Keep())->has_expiry());
  EXPECT_EQ(store_.TotalCounters().expired_keys, 3);
}

TEST_F(DatabaseTest, ReplicaHidesExpiredKeysButKeepsThem) {
  store_.set_owns_expiry(false);
  At(1000).SetString(K("a"), "v", Expiry::At(2000));
  EXPECT_EQ(At(3000).Find(K("a")), nullptr);
  EXPECT_EQ(store_.KeyCount(0), 1u);
  EXPECT_EQ(store_.TotalCounters().expired_keys, 0);
  store_.set_owns_expiry(true);
  EXPECT_EQ(At(3000).Find(K("a")), nullptr);
  EXPECT_EQ(store_.KeyCount(0), 0u);
}

TEST_F(DatabaseTest, CountsHitsMissesAndChanges) {
  Database db = At(1000);
  db.FindCounted(K("a"));
  db.SetString(K("a"), "v", Expiry::None());
  db.FindCounted(K("a"));
  db.FindCounted(K("a"));
  db.Find(K("a"));
  EXPECT_EQ(store_.TotalCounters().keyspace_hits, 2);
  EXPECT_EQ(store_.TotalCounters().keyspace_misses, 1);
  EXPECT_EQ(store_.TotalCounters().dirty, 1);
  db.Delete(K("a"));
  db.Delete(K("a"));
  EXPECT_EQ(store_.TotalCounters().dirty, 2);
}

TEST_F(DatabaseTest, ArgumentsMayLieInTheEntryTheyChange) {
  Database db = At(1000);
  db.SetString(K("key"), "some text of a certain length", Expiry::None());
  Entry* entry = db.Find(K("key"));
  db.SetString(K(entry->key()), ValueOf(entry) + " and more than fits in the old place",
               Expiry::None());
  entry = db.Find(K("key"));
  char scratch[Entry::kIntegerTextBytesMax];
  db.SetString(K("key"), entry->StringValue(scratch).substr(5), Expiry::None());
  EXPECT_EQ(ValueOf(db.Find(K("key"))).substr(0, 4), "text");
  EXPECT_TRUE(db.Delete(K(db.Find(K("key"))->key())));
}

TEST_F(DatabaseTest, BehavesLikeAMapUnderRandomOperations) {
  Random random(11);
  struct Model {
    std::string value;
    int64_t expiry_ms;
  };
  std::map<std::string, Model> model;
  int64_t now_ms = 1000;
  for (int step = 0; step < 60000; ++step) {
    now_ms += static_cast<int64_t>(random.Below(3));
    Database db = At(now_ms, 2);
    const std::string name =
        (random.Chance(1, 2) ? "{tag}" : "") + std::to_string(random.Below(300));
    const Key key = K(name);
    auto found = model.find(name);
    if (found != model.end() && found->second.expiry_ms >= 0 && found->second.expiry_ms <= now_ms) {
      model.erase(found);
      found = model.end();
    }
    switch (random.Below(6)) {
      case 0: {
        const std::string value = std::string(random.Below(random.Chance(1, 10) ? 3000 : 60), 'v');
        const int64_t at_ms =
            random.Chance(1, 3) ? now_ms + static_cast<int64_t>(random.Below(500)) + 1 : -1;
        db.SetString(key, value, at_ms < 0 ? Expiry::None() : Expiry::At(at_ms));
        model[name] = {value, at_ms};
        break;
      }
      case 1:
        db.SetInteger(key, step, Expiry::Keep());
        model[name] = {std::to_string(step), found == model.end() ? -1 : found->second.expiry_ms};
        break;
      case 2:
        EXPECT_EQ(db.Delete(key, random.Chance(1, 2)), found != model.end());
        model.erase(name);
        break;
      case 3: {
        const std::string before = found == model.end() ? "" : found->second.value;
        db.WriteRange(key, before.size() + 2, before.size() + 1, "x");
        model[name] = {before + std::string("\0x", 2),
                       found == model.end() ? -1 : found->second.expiry_ms};
        break;
      }
      case 4:
        if (found == model.end()) break;
        if (random.Chance(1, 2)) {
          db.SetExpiry(key, now_ms + 100);
          found->second.expiry_ms = now_ms + 100;
        } else {
          EXPECT_EQ(db.Persist(key), found->second.expiry_ms >= 0);
          found->second.expiry_ms = -1;
        }
        break;
      default: {
        const Entry* const entry = db.Find(key);
        ASSERT_EQ(entry != nullptr, found != model.end()) << name;
        if (entry == nullptr) break;
        ASSERT_EQ(ValueOf(entry), found->second.value);
        ASSERT_EQ(entry->expiry_ms(), found->second.expiry_ms);
      }
    }
    if (step % 97 == 0) store_.BackgroundStep(0, now_ms, &store_.counters(0));
  }
  store_.Flush(-1, true, &store_.counters(0));
  EXPECT_EQ(store_.TotalCounters().used_bytes, 0);
}

}  // namespace
}  // namespace damselfly
