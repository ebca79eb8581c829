#include "sim/oracles/cache_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

constexpr char kKey[] = "register:1";

Moment At(int64_t begin_ns, int64_t end_ns) { return {begin_ns, end_ns, nullptr}; }
Moment At(int64_t at_ns) { return At(at_ns, at_ns); }

class CacheOracleTest : public testing::Test {
 protected:
  // A client that tracks like this, and has read "a".
  void Begin(const CacheWays& ways = {}) {
    cache_.Begin(ways);
    Read("a", 10);
  }
  void Read(const std::string& value, int64_t at_ns, bool tracked = true) {
    cache_.OnReply(At(at_ns));
    cache_.OnRead(kKey, value, tracked, At(at_ns));
  }
  void OwnWrite(int64_t at_ns) {
    cache_.OnReply(At(at_ns));
    oracle_.OnWrite(kKey, At(at_ns));
    cache_.OnOwnWrite(kKey);
  }
  // Judges all that there was.
  bool Holds() {
    cache_.End();
    oracle_.Check(&board_);
    return !board_.violated();
  }

  OracleBoard board_;
  CacheOracle oracle_;
  ClientCache cache_{"c", &oracle_, &board_};
};

TEST_F(CacheOracleTest, WhoIsToldBeforeTheNextReplyIsFine) {
  Begin();
  oracle_.OnWrite(kKey, At(20));
  cache_.OnInvalidated(kKey);
  Read("b", 30);
  EXPECT_TRUE(Holds());
  EXPECT_GT(board_.checks(Oracle::kInvalidation), 0u);
}

TEST_F(CacheOracleTest, WhoReadsSomethingNewUntoldIsNot) {
  Begin();
  Read("b", 30);
  EXPECT_FALSE(Holds());
  EXPECT_EQ(board_.first_oracle(), Oracle::kInvalidation);
}

TEST_F(CacheOracleTest, NorWhoReadsItInAWayThatIsNotTracked) {
  Begin();
  Read("b", 30, /*tracked=*/false);
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, WhoCouldHaveReadSomethingNewMustHaveBeenTold) {
  Begin();
  oracle_.OnWrite(kKey, At(15, 20));
  cache_.OnReply(At(21));
  cache_.OnInvalidated(kKey);
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, WhatMayHaveRunBesideAWriteSaysNothing) {
  Begin();
  oracle_.OnWrite(kKey, At(15, 25));
  cache_.OnReply(At(25));
  cache_.OnInvalidated(kKey);
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, AWriteThatMayHaveBeenReadSaysNothing) {
  Begin();
  oracle_.OnWrite(kKey, At(9, 11));
  oracle_.OnWrite(kKey, At(10, 12));
  cache_.OnReply(At(30));
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, ALongWriteDoesNotHideAShortOneBehindIt) {
  Begin();
  oracle_.OnWrite(kKey, At(15, 100));
  oracle_.OnWrite(kKey, At(16, 20));
  cache_.OnReply(At(30));
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, AFlushIsAChangeOfEveryKey) {
  Begin();
  oracle_.OnFlush(At(20));
  cache_.OnReply(At(30));
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, AFlushForgetsEverything) {
  Begin();
  oracle_.OnFlush(At(20));
  cache_.OnAllInvalidated();
  cache_.OnReply(At(30));
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, OnesOwnChangeIsToldRightBehindItsReply) {
  Begin();
  OwnWrite(20);
  cache_.OnInvalidated(kKey);
  cache_.OnReply(At(20));
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, ButNotBehindTheReplyAfterThat) {
  Begin();
  OwnWrite(20);
  cache_.OnReply(At(20));
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, SoIsOnesOwnFlush) {
  Begin();
  cache_.OnOwnFlush();
  cache_.OnReply(At(20));
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, NoLoopKnowsItself) {
  Begin({.no_loop = true});
  OwnWrite(20);
  Read("b", 30);
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, NoLoopIsToldOfOthersAllTheSame) {
  Begin({.no_loop = true});
  oracle_.OnWrite(kKey, At(20));
  cache_.OnReply(At(30));
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, WhatHasExpiredMayBeFoundOutByReadingIt) {
  Begin();
  Read("", 30);
  cache_.OnInvalidated(kKey);
  cache_.OnReply(At(40));
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, ButThenItIsTold) {
  Begin();
  Read("", 30);
  cache_.OnReply(At(40));
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, BroadcastsComeLater) {
  Begin({.broadcast = true});
  oracle_.OnWrite(kKey, At(20));
  Read("b", 30);
  cache_.OnInvalidated(kKey);
  cache_.CheckAtRest(kKey, "c");
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, ButTheyCome) {
  Begin({.broadcast = true});
  cache_.CheckAtRest(kKey, "b");
  EXPECT_FALSE(Holds());
}

TEST_F(CacheOracleTest, WhatNobodyIsToldOfIsNotKept) {
  Begin({.broadcast = true, .prefixes = {"counter:"}});
  cache_.CheckAtRest(kKey, "b");
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, AtRestACacheIsRight) {
  Begin();
  cache_.CheckAtRest(kKey, "a");
  cache_.CheckAtRest("another", "x");
  EXPECT_TRUE(Holds());
}

TEST_F(CacheOracleTest, WhoDoesNotTrackKeepsNothing) {
  Read("a", 10);
  Read("b", 30);
  EXPECT_TRUE(cache_.keys().empty());
  EXPECT_TRUE(Holds());
}

}  // namespace
}  // namespace damselfly::sim
