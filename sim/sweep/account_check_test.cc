#include "sim/sweep/account_check.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

class AccountCheckTest : public testing::Test {
 protected:
  void Set(int database, const std::string& name, Database::Expiry expiry) {
    const Key key = store_.MakeKey(name);
    Database(&store_, database, 1000, &store_.counters(0)).SetString(key, "a value", expiry);
  }
  void SetUp() override {
    for (int i = 0; i < 500; ++i) {
      Set(0, absl::StrCat("{one slot}", i), Database::Expiry::None());
      Set(3, absl::StrCat("key ", i), Database::Expiry::At(2000 + i));
    }
  }

  Store store_{Store::Options()};
};

TEST_F(AccountCheckTest, AStoreThatKeepsItsAccountsPasses) {
  EXPECT_EQ(CountsVerdict(&store_), "");
  EXPECT_EQ(FlushedVerdict(&store_), "");
  EXPECT_EQ(CountsVerdict(&store_), "");
}

TEST_F(AccountCheckTest, AKeyTooManyIsFound) {
  store_.counters(0).keys[3].Add(1);
  EXPECT_EQ(CountsVerdict(&store_), "database 3 counts 501 keys, and holds 500");
}

TEST_F(AccountCheckTest, ADeadlineTooFewIsFound) {
  store_.counters(0).expiring_keys[3].Add(-1);
  EXPECT_EQ(CountsVerdict(&store_), "database 3 counts 499 keys with a deadline, and holds 500");
}

TEST_F(AccountCheckTest, MemoryThatStaysAccountedForIsFound) {
  store_.counters(0).used_bytes.Add(40);
  EXPECT_EQ(FlushedVerdict(&store_),
            "when all is flushed 0 keys are left, 40 bytes in use, 0 keys and 0 bytes to be freed");
}

}  // namespace
}  // namespace damselfly::sim
