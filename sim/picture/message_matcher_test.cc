#include "sim/picture/message_matcher.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

using Numbers = std::vector<uint64_t>;

TEST(MessageMatcherTest, ReadIsPairedWithTheWriteOfTheOtherSide) {
  MessageMatcher matcher;
  matcher.OnWrite(7, 0, 10, 100);
  matcher.OnWrite(7, 1, 10, 101);
  EXPECT_EQ(Numbers{100}, matcher.OnRead(7, 1, 10));
  EXPECT_EQ(Numbers{101}, matcher.OnRead(7, 0, 10));
}

TEST(MessageMatcherTest, OneWriteMayBeReadInPartsAndSeveralAtOnce) {
  MessageMatcher matcher;
  matcher.OnWrite(7, 0, 10, 1);
  matcher.OnWrite(7, 0, 5, 2);
  matcher.OnWrite(7, 0, 5, 3);
  EXPECT_EQ(Numbers{1}, matcher.OnRead(7, 1, 4));
  EXPECT_EQ((Numbers{1, 2}), matcher.OnRead(7, 1, 8));
  EXPECT_EQ((Numbers{2, 3}), matcher.OnRead(7, 1, 8));
}

TEST(MessageMatcherTest, ConnectionsAreKeptApart) {
  MessageMatcher matcher;
  matcher.OnWrite(7, 0, 10, 1);
  matcher.OnWrite(8, 0, 10, 2);
  EXPECT_EQ(Numbers{2}, matcher.OnRead(8, 1, 10));
  EXPECT_EQ(Numbers{1}, matcher.OnRead(7, 1, 10));
}

TEST(MessageMatcherTest, WhatNobodyIsKnownToHaveWrittenIsFromNobody) {
  MessageMatcher matcher;
  EXPECT_EQ(Numbers{}, matcher.OnRead(7, 1, 10));
  matcher.OnWrite(7, 0, 3, 1);
  EXPECT_EQ(Numbers{1}, matcher.OnRead(7, 1, 10));
  EXPECT_EQ(Numbers{}, matcher.OnRead(7, 1, 10));
}

TEST(MessageMatcherTest, NothingIsReadAtAnEndThatIsClosed) {
  MessageMatcher matcher;
  matcher.OnWrite(7, 0, 10, 1);
  matcher.OnWrite(7, 1, 10, 2);
  matcher.OnClosed(7, 1);
  EXPECT_EQ(Numbers{}, matcher.OnRead(7, 1, 10));
  EXPECT_EQ(Numbers{2}, matcher.OnRead(7, 0, 10));
}

}  // namespace
}  // namespace damselfly::sim
