#include "server/session/server_state.h"

#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

TEST(ServerState, HasARunIdOfFortyHexadecimalDigits) {
  SessionHarness node;
  EXPECT_EQ(node.server().run_id().size(), 40u);
  EXPECT_EQ(node.server().run_id().find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(ServerState, APauseIsWidenedNeverNarrowedWhileItRuns) {
  SessionHarness node;
  ServerState& server = node.server();
  const int64_t now_ms = node.runtime().loop(0).pass_wall_ms();
  server.Pause(ServerState::PauseKind::kWrite, now_ms + 100);
  server.Pause(ServerState::PauseKind::kAll, now_ms + 50);
  EXPECT_EQ(server.pause_kind(), ServerState::PauseKind::kAll);
  EXPECT_EQ(server.pause_end_ms(), now_ms + 100);
  node.AdvanceMs(100);
  server.Pause(ServerState::PauseKind::kWrite, now_ms + 150);
  EXPECT_EQ(server.pause_kind(), ServerState::PauseKind::kWrite);
  EXPECT_EQ(server.pause_end_ms(), now_ms + 150);
  server.Unpause();
  EXPECT_EQ(server.pause_kind(), ServerState::PauseKind::kNone);
}

TEST(ServerState, KillOfAClientThatHasLeftDoesNothing) {
  SessionHarness node;
  node.server().KillClient(77, 0);
  node.runtime().RunReady();
}

}  // namespace
}  // namespace damselfly
