#include "sim/model/keyspace_model.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

class PlainWall final : public WallHistory {
 public:
  int64_t WallMinMs(int64_t begin_ns, int64_t) const override { return begin_ns / 1000000; }
  int64_t WallMaxMs(int64_t, int64_t end_ns) const override { return end_ns / 1000000; }
};

Reply Scanned(const std::string& cursor, const std::vector<std::string>& keys) {
  return Expected::Array({Expected::Bulk(cursor), Expected::Bulks(keys)}).ToReply();
}

class KeyspaceModelTest : public testing::Test {
 protected:
  std::string Run(const Args& args, int64_t at_ms = 1000) {
    const Moment moment{at_ms * 1000000, at_ms * 1000000, &wall_};
    std::vector<KeyspaceModel> others;
    ++command_count_;
    while (model_.Fork(args, command_count_, moment, &others)) {
    }
    return model_.Execute(args, moment).ToString();
  }
  PlainWall wall_;
  KeyspaceModel model_;
  uint64_t command_count_ = 0;
};

TEST_F(KeyspaceModelTest, Strings) {
  EXPECT_EQ(Run({"SET", "k", "ab"}), "OK");
  EXPECT_EQ(Run({"APPEND", "k", "cd"}), "(integer) 4");
  EXPECT_EQ(Run({"GETRANGE", "k", "1", "-2"}), "\"bc\"");
  EXPECT_EQ(Run({"SETRANGE", "k", "5", "x"}), "(integer) 6");
  EXPECT_EQ(Run({"GET", "k"}), "\"abcd\\x00x\"");
  EXPECT_EQ(Run({"INCR", "k"}), "(error) ERR value is not an integer or out of range...");
  EXPECT_EQ(Run({"INCRBY", "n", "5"}), "(integer) 5");
  EXPECT_EQ(Run({"DECR", "n"}), "(integer) 4");
  EXPECT_EQ(Run({"SET", "n", "9", "NX"}), "(nil)");
  EXPECT_EQ(Run({"SET", "n", "9", "XX", "GET"}), "\"4\"");
  EXPECT_EQ(Run({"MGET", "n", "none"}), "[\"9\", (nil)]");
  EXPECT_EQ(Run({"MSETNX", "n", "1", "m", "2"}), "(integer) 0");
  EXPECT_EQ(Run({"GETDEL", "n"}), "\"9\"");
  EXPECT_EQ(Run({"STRLEN", "n"}), "(integer) 0");
}

TEST_F(KeyspaceModelTest, Bitmaps) {
  EXPECT_EQ(Run({"SETBIT", "a", "1", "1"}), "(integer) 0");
  EXPECT_EQ(Run({"SETBIT", "a", "9", "1"}), "(integer) 0");
  EXPECT_EQ(Run({"GETBIT", "a", "1"}), "(integer) 1");
  EXPECT_EQ(Run({"BITCOUNT", "a"}), "(integer) 2");
  EXPECT_EQ(Run({"BITOP", "NOT", "b", "a"}), "(integer) 2");
  EXPECT_EQ(Run({"BITCOUNT", "b"}), "(integer) 14");
  EXPECT_EQ(Run({"BITOP", "AND", "a", "a", "none"}), "(integer) 2");
  EXPECT_EQ(Run({"BITCOUNT", "a"}), "(integer) 0");
}

TEST_F(KeyspaceModelTest, KeysAndDatabases) {
  EXPECT_EQ(Run({"MSET", "a", "1", "b", "2"}), "OK");
  EXPECT_EQ(Run({"RENAMENX", "a", "b"}), "(integer) 0");
  EXPECT_EQ(Run({"RENAME", "a", "c"}), "OK");
  EXPECT_EQ(Run({"EXISTS", "a", "c", "c"}), "(integer) 2");
  EXPECT_EQ(Run({"COPY", "c", "b"}), "(integer) 0");
  EXPECT_EQ(Run({"COPY", "c", "b", "REPLACE"}), "(integer) 1");
  EXPECT_EQ(Run({"MOVE", "c", "0"}), "(error) ERR source and destination objects are the same...");
  EXPECT_EQ(Run({"MOVE", "c", "3"}), "(integer) 1");
  EXPECT_EQ(Run({"GET", "c"}), "(nil)");
  EXPECT_EQ(Run({"SELECT", "3"}), "OK");
  EXPECT_EQ(Run({"GET", "c"}), "\"1\"");
  EXPECT_EQ(Run({"KEYS", "*"}), "in any order [c]");
  EXPECT_EQ(Run({"DEL", "c", "c"}), "(integer) 1");
  EXPECT_EQ(Run({"TYPE", "c"}), "none");
}

TEST_F(KeyspaceModelTest, ResetMakesAConnectionANewOne) {
  EXPECT_EQ(Run({"CLIENT", "GETNAME"}), "(nil)");
  EXPECT_EQ(Run({"CLIENT", "SETNAME", "me"}), "OK");
  EXPECT_EQ(Run({"SELECT", "1"}), "OK");
  EXPECT_EQ(Run({"SET", "a", "1"}), "OK");
  EXPECT_EQ(Run({"MULTI"}), "OK");
  EXPECT_EQ(Run({"DISCARD"}), "OK");
  EXPECT_EQ(Run({"CLIENT", "GETNAME"}), "\"me\"");
  EXPECT_EQ(Run({"MULTI"}), "OK");
  EXPECT_EQ(Run({"SET", "a", "2"}), "QUEUED");
  EXPECT_EQ(Run({"RESET"}), "RESET");
  EXPECT_EQ(Run({"EXEC"}), "(error) ERR EXEC without MULTI...");
  EXPECT_EQ(Run({"GET", "a"}), "(nil)");
  EXPECT_EQ(Run({"CLIENT", "GETNAME"}), "(nil)");
}

TEST_F(KeyspaceModelTest, WholeDatabases) {
  EXPECT_EQ(Run({"MSET", "a", "1", "b", "2"}), "OK");
  EXPECT_EQ(Run({"MOVE", "b", "1"}), "(integer) 1");
  EXPECT_EQ(Run({"WATCH", "b"}), "OK");
  EXPECT_EQ(Run({"SWAPDB", "0", "1"}), "OK");
  EXPECT_EQ(Run({"KEYS", "*"}), "in any order [b]");
  EXPECT_EQ(Run({"MULTI"}), "OK");
  EXPECT_EQ(Run({"EXEC"}), "(nil)") << "it is there now";
  EXPECT_EQ(Run({"FLUSHDB"}), "OK");
  EXPECT_EQ(Run({"KEYS", "*"}), "in any order []");
  EXPECT_EQ(Run({"SELECT", "1"}), "OK");
  EXPECT_EQ(Run({"GET", "a"}), "\"1\"");
  EXPECT_EQ(Run({"WATCH", "a"}), "OK");
  EXPECT_EQ(Run({"FLUSHDB"}), "OK");
  EXPECT_EQ(Run({"MULTI"}), "OK");
  EXPECT_EQ(Run({"EXEC"}), "(nil)");
}

TEST_F(KeyspaceModelTest, NobodyKnowsWhetherAnExpiredKeyIsThereToBeExchanged) {
  EXPECT_EQ(Run({"SET", "k", "v", "PX", "100"}, 1000), "OK");
  EXPECT_EQ(Run({"SELECT", "1"}, 1000), "OK");
  EXPECT_EQ(Run({"SWAPDB", "0", "1"}, 1200), "OK");
  EXPECT_FALSE(model_.in_doubt());
  EXPECT_EQ(Run({"SWAPDB", "0", "1"}, 1200), "OK");
  EXPECT_EQ(Run({"WATCH", "k"}, 1200), "OK");
  EXPECT_EQ(Run({"SWAPDB", "0", "1"}, 1200), "OK");
  EXPECT_TRUE(model_.in_doubt());
}

TEST_F(KeyspaceModelTest, Deadlines) {
  EXPECT_EQ(Run({"SET", "k", "v", "EX", "10"}, 1000), "OK");
  EXPECT_EQ(Run({"PTTL", "k"}, 2000), "(integer) 9000");
  EXPECT_EQ(Run({"TTL", "k"}, 2600), "(integer) 8");
  EXPECT_EQ(Run({"EXPIRETIME", "k"}, 2600), "(integer) 11");
  EXPECT_EQ(Run({"EXPIRE", "k", "5", "NX"}, 2600), "(integer) 0");
  EXPECT_EQ(Run({"APPEND", "k", "w"}, 2600), "(integer) 2");
  EXPECT_EQ(Run({"PERSIST", "k"}, 2600), "(integer) 1");
  EXPECT_EQ(Run({"TTL", "k"}, 2600), "(integer) -1");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "3000"}, 2600), "(integer) 1");
  EXPECT_EQ(Run({"GET", "k"}, 3001), "(nil)");
  EXPECT_EQ(Run({"TTL", "k"}, 3001), "(integer) -2");
}

TEST_F(KeyspaceModelTest, WhatIsSetWithADeadlineThatHasPassedIsGoneAtOnce) {
  EXPECT_EQ(Run({"SET", "k", "v"}, 5000), "OK");
  EXPECT_EQ(Run({"GETEX", "k", "EXAT", "5"}, 5000), "\"v\"");
  EXPECT_EQ(Run({"GET", "k"}, 5000), "(nil)");
  EXPECT_EQ(Run({"WATCH", "k"}, 5000), "OK");
  EXPECT_EQ(Run({"SET", "k", "v", "PXAT", "4999"}, 5000), "OK");
  EXPECT_EQ(Run({"EXISTS", "k"}, 5000), "(integer) 0");
  EXPECT_EQ(Run({"MULTI"}, 5000), "OK");
  EXPECT_EQ(Run({"EXEC"}, 5000), "(nil)");
}

TEST_F(KeyspaceModelTest, ConditionsOfDeadlines) {
  EXPECT_EQ(Run({"SET", "k", "v"}), "OK");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "9000", "GT"}), "(integer) 0");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "9000", "XX"}), "(integer) 0");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "9000", "LT"}), "(integer) 1");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "9000", "LT"}), "(integer) 0");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "9000", "GT"}), "(integer) 0");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "8000", "GT"}), "(integer) 0");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "9500", "GT"}), "(integer) 1");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "9700", "NX"}), "(integer) 0");
  EXPECT_EQ(Run({"PEXPIRETIME", "k"}), "(integer) 9500");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "500", "LT"}), "(integer) 1");
  EXPECT_EQ(Run({"EXISTS", "k"}), "(integer) 0");
}

TEST_F(KeyspaceModelTest, OfTwoDeadlinesThatAreNotKnownExactlyTheLaterIsKept) {
  const Moment long_moment{1'000'000'000, 1'010'000'000, &wall_};
  EXPECT_EQ(Run({"SET", "k", "v"}), "OK");
  EXPECT_EQ(model_.Execute({"PEXPIRE", "k", "1000"}, long_moment).ToString(), "(integer) 1");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "2005", "GT"}), "(integer) 0 to 1");
  EXPECT_EQ(Run({"PEXPIRETIME", "k"}), "(integer) 2005 to 2010");
  EXPECT_FALSE(model_.in_doubt());
  EXPECT_EQ(Run({"WATCH", "k"}), "OK");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "2007", "LT"}), "(integer) 0 to 1");
  EXPECT_TRUE(model_.in_doubt()) << "whether EXEC runs";
}

TEST_F(KeyspaceModelTest, NumbersDoNotOverflow) {
  EXPECT_EQ(Run({"SET", "n", "9223372036854775807"}), "OK");
  EXPECT_EQ(Run({"INCR", "n"}), "(error) ERR increment or decrement would overflow...");
  EXPECT_EQ(Run({"DECRBY", "n", "9223372036854775807"}), "(integer) 0");
  EXPECT_EQ(Run({"DECRBY", "n", "-9223372036854775808"}),
            "(error) ERR decrement would overflow...");
  EXPECT_EQ(Run({"INCRBY", "n", "-9223372036854775808"}), "(integer) -9223372036854775808");
}

TEST_F(KeyspaceModelTest, AListThatIsMovedOntoItselfKeepsItsDeadline) {
  Run({"RPUSH", "l", "a"});
  Run({"PEXPIRE", "l", "500"});
  EXPECT_EQ(Run({"LMOVE", "l", "l", "LEFT", "LEFT"}), "\"a\"");
  EXPECT_EQ(Run({"LRANGE", "l", "0", "-1"}), "[\"a\"]");
  EXPECT_EQ(Run({"LPUSH", "l", "b"}, 2000), "(integer) 1");
  EXPECT_EQ(Run({"RPUSH", "l", "c"}, 2000), "(integer) 2");
  EXPECT_EQ(Run({"LMOVE", "l", "l", "LEFT", "RIGHT"}, 2000), "\"b\"");
  EXPECT_EQ(Run({"LRANGE", "l", "0", "-1"}, 2000), "[\"c\", \"b\"]");
}

TEST_F(KeyspaceModelTest, ARoundOfScanNeedNotShowWhatWasOfAnotherTypeMeanwhile) {
  Run({"SET", "a", "1"});
  Run({"SET", "b", "1"});
  Run({"SADD", "set", "1"});
  const Moment moment{1000000000, 1000000000, &wall_};
  ASSERT_TRUE(model_.Execute({"SCAN", "0", "MATCH", "*", "TYPE", "string"}, moment)
                  .Matches(Scanned("5", {})));
  Run({"SINTERSTORE", "a", "set", "set"});
  Run({"SET", "a", "1"});
  const Expected last = model_.Execute({"SCAN", "5", "MATCH", "*", "TYPE", "string"}, moment);
  EXPECT_TRUE(last.Matches(Scanned("0", {"b"})));
  EXPECT_FALSE(last.Matches(Scanned("0", {"a"})));
}

TEST_F(KeyspaceModelTest, Transactions) {
  EXPECT_EQ(Run({"EXEC"}), "(error) ERR EXEC without MULTI...");
  EXPECT_EQ(Run({"MULTI"}), "OK");
  EXPECT_EQ(Run({"SET", "k", "v"}), "QUEUED");
  EXPECT_EQ(Run({"WATCH", "k"}), "(error) ERR WATCH inside MULTI is not allowed...");
  EXPECT_EQ(Run({"GET", "k"}), "QUEUED");
  EXPECT_EQ(Run({"EXEC"}), "[OK, \"v\"]");
  EXPECT_EQ(Run({"MULTI"}), "OK");
  EXPECT_EQ(Run({"NOSUCHCOMMAND"}), "(error) ERR unknown command...");
  EXPECT_EQ(Run({"SET", "k", "w"}), "QUEUED");
  EXPECT_EQ(Run({"EXEC"}), "(error) EXECABORT...");
  EXPECT_EQ(Run({"GET", "k"}), "\"v\"");
}

TEST_F(KeyspaceModelTest, AWatchedKeyThatExpiresAbortsTheTransaction) {
  EXPECT_EQ(Run({"SET", "k", "v", "PX", "100"}, 1000), "OK");
  EXPECT_EQ(Run({"WATCH", "k"}, 1010), "OK");
  EXPECT_EQ(Run({"MULTI"}, 1010), "OK");
  EXPECT_EQ(Run({"GET", "k"}, 1010), "QUEUED");
  EXPECT_EQ(Run({"EXEC"}, 1200), "(nil)");
}

}  // namespace
}  // namespace damselfly::sim
