#include "sim/replication/reconnect_watch.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kMs = 1'000'000;

class ReconnectWatchTest : public testing::Test {
 protected:
  // Node 1 seeks a link to node 0, and an attempt takes a second at most.
  void See(int64_t time_ms, uint64_t attempts, bool seeks = true, int incarnation = 1,
           int master = 0) {
    watch_.Observe({1, seeks, incarnation, master, attempts, 1000 * kMs}, time_ms * kMs);
  }

  OracleBoard board_;
  ReconnectWatch watch_{&board_};
};

TEST_F(ReconnectWatchTest, WhoTriesAgainAndAgainPasses) {
  for (int64_t i = 0; i < 10; ++i) {
    See(1500 * i, static_cast<uint64_t>(i));
    See(1500 * i + 1400, static_cast<uint64_t>(i));
  }
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  EXPECT_EQ(board_.checks(Oracle::kConvergence), 10u);
}

TEST_F(ReconnectWatchTest, WhoDoesNotTryForLongIsFound) {
  See(100, 3);
  See(2100, 3);
  EXPECT_FALSE(board_.violated());
  See(2101, 3);
  EXPECT_TRUE(board_.violated());
  EXPECT_EQ(OracleName(board_.first_oracle()), OracleName(Oracle::kConvergence));
}

TEST_F(ReconnectWatchTest, WhoHasALinkOrNoMasterToReachNeedNotTry) {
  See(100, 3);
  See(1900, 3, false);
  See(2500, 3);
  See(4400, 3, true, 2);
  See(6300, 3, true, 2, 2);
  See(8200, 3, true, 2, 2);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

}  // namespace
}  // namespace damselfly::sim
