#include "server/posix/helper_thread.h"

#include <pthread.h>
#include <signal.h>

#include "gtest/gtest.h"

namespace damselfly::posix {
namespace {

bool Blocks(int signal) {
  sigset_t mask;
  EXPECT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &mask), 0);
  return sigismember(&mask, signal) == 1;
}

TEST(HelperThread, NoSignalIsDeliveredToItAndItsStarterKeepsItsOwn) {
  EXPECT_FALSE(Blocks(SIGTERM));
  bool blocks = false;
  StartHelperThread([&blocks] { blocks = Blocks(SIGTERM) && Blocks(SIGINT); }).join();
  EXPECT_TRUE(blocks);
  EXPECT_FALSE(Blocks(SIGTERM));
}

}  // namespace
}  // namespace damselfly::posix
