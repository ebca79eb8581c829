#include "sim/oracles/expiry_oracle.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

// A wall clock that shows virtual time, plus a jump.
class FakeWall final : public WallHistory {
 public:
  int64_t WallMinMs(int64_t begin_ns, int64_t) const override { return At(begin_ns); }
  int64_t WallMaxMs(int64_t, int64_t end_ns) const override { return At(end_ns); }
  void JumpAt(int64_t time_ns, int64_t by_ms) {
    jump_at_ns_ = time_ns;
    jump_ms_ = by_ms;
  }

 private:
  int64_t At(int64_t time_ns) const {
    return time_ns / 1000000 + (time_ns >= jump_at_ns_ ? jump_ms_ : 0);
  }
  int64_t jump_at_ns_ = INT64_MAX;
  int64_t jump_ms_ = 0;
};

constexpr int64_t kMs = 1000000;

class ExpiryOracleTest : public testing::Test {
 protected:
  Moment At(int64_t begin_ms, int64_t end_ms) { return {begin_ms * kMs, end_ms * kMs, &wall_}; }
  void Write(const std::string& value, int64_t ttl_ms, int64_t at_ms) {
    oracle_.OnWriteDone(oracle_.OnWriteSent(value, ttl_ms, at_ms * kMs), At(at_ms, at_ms));
  }
  bool ReadPasses(const std::string& value, int64_t at_ms) {
    OracleBoard board;
    oracle_.OnRead("key", value, At(at_ms, at_ms), &board);
    return !board.violated();
  }
  FakeWall wall_;
  ExpiryOracle oracle_;
};

TEST_F(ExpiryOracleTest, AliveUntilTheDeadlineAndGoneAfterIt) {
  Write("a", 100, 1000);
  EXPECT_TRUE(ReadPasses("a", 1050));
  EXPECT_TRUE(ReadPasses("", 1150));
}

TEST_F(ExpiryOracleTest, ALateReadFails) {
  Write("a", 100, 1000);
  EXPECT_FALSE(ReadPasses("a", 1102));
}

TEST_F(ExpiryOracleTest, AnEarlyDeathFails) {
  Write("a", 100, 1000);
  EXPECT_FALSE(ReadPasses("", 1050));
}

TEST_F(ExpiryOracleTest, TheNodesOwnClockCounts) {
  Write("a", 10000, 1000);
  wall_.JumpAt(2000 * kMs, 60000);
  EXPECT_TRUE(ReadPasses("", 2001));
  EXPECT_FALSE(ReadPasses("a", 2001));
}

TEST_F(ExpiryOracleTest, AnUnknownWriteExcusesANilButNotAnythingElse) {
  Write("a", 100, 1000);
  oracle_.OnWriteSent("b", 1, 1010 * kMs);
  EXPECT_TRUE(ReadPasses("", 1050));
  EXPECT_TRUE(ReadPasses("b", 1050));
  EXPECT_FALSE(ReadPasses("c", 1050));
}

TEST_F(ExpiryOracleTest, AWriteInFlightExcusesNothingThatWasReadBefore) {
  Write("a", 100, 1000);
  oracle_.OnWriteSent("b", 100, 1060 * kMs);
  EXPECT_FALSE(ReadPasses("", 1050));
}

}  // namespace
}  // namespace damselfly::sim
