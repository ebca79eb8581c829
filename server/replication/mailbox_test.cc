#include "server/replication/mailbox.h"

#include <vector>

#include "gtest/gtest.h"
#include "server/runtime/task.h"

namespace damselfly {
namespace {

Task<void> TakeInto(Mailbox<int>& mailbox, int count, std::vector<int>* taken) {
  for (int i = 0; i < count; ++i) taken->push_back(co_await mailbox.Take());
}

TEST(Mailbox, GivesWhatWasPutInItsOrder) {
  Mailbox<int> mailbox;
  std::vector<int> taken;
  TaskScope tasks;
  mailbox.Put(1);
  mailbox.Put(2);
  tasks.Spawn(TakeInto(mailbox, 3, &taken));
  EXPECT_EQ(taken, (std::vector<int>{1, 2}));
  mailbox.Put(3);
  EXPECT_EQ(taken, (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(tasks.empty());
}

TEST(Mailbox, ATakerMayDieWhileItWaits) {
  Mailbox<int> mailbox;
  std::vector<int> taken;
  {
    TaskScope tasks;
    tasks.Spawn(TakeInto(mailbox, 1, &taken));
  }
  mailbox.Put(1);
  EXPECT_TRUE(taken.empty());
  TaskScope tasks;
  tasks.Spawn(TakeInto(mailbox, 1, &taken));
  EXPECT_EQ(taken, (std::vector<int>{1}));
}

}  // namespace
}  // namespace damselfly
