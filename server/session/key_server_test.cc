// Which locks whoever serves gets, and what it does without.

#include "server/session/key_server.h"

#include "gtest/gtest.h"
#include "server/session/session_harness.h"
#include "server/session/tape_commands.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

Store::Options ThreadsOptions() {
  Store::Options options;
  options.worker_count = 2;
  return options;
}

TEST(ServedSlotsTest, WhatIsHeldNeedsNoLock) {
  Store store(ThreadsOptions());
  SlotLocks locks(&store);
  locks.LockMany({5, 9});
  ServedSlots slots(&store, &locks);
  EXPECT_TRUE(slots.Acquire(5));
  EXPECT_TRUE(slots.Acquire(9));
}

TEST(ServedSlotsTest, WhatIsFreeIsLockedUntilItGoes) {
  Store store(ThreadsOptions());
  store.Lock(7);
  {
    ServedSlots slots(&store, 7);
    EXPECT_TRUE(slots.Acquire(3));
    EXPECT_TRUE(slots.Acquire(8));
    EXPECT_TRUE(slots.Acquire(3));
    EXPECT_FALSE(store.TryLock(3));
    EXPECT_FALSE(store.TryLock(8));
  }
  EXPECT_TRUE(store.TryLock(3));
  EXPECT_TRUE(store.TryLock(8));
  store.UnlockSlots({3, 7, 8});
}

TEST(ServedSlotsTest, ALowerOneThatIsTakenIsNotWaitedFor) {
  Store store(ThreadsOptions());
  store.Lock(3);
  store.Lock(7);
  {
    ServedSlots slots(&store, 7);
    EXPECT_FALSE(slots.Acquire(3));
    EXPECT_TRUE(slots.Acquire(2));
  }
  store.UnlockSlots({3, 7});
}

class KeyServerTest : public testing::Test {
 protected:
  SessionHarness node_{2, "", TapeCommands::All()};
  Client* const waiter_ = node_.Connect();
  Client* const other_ = node_.Connect();
};

// Keys whose slots are in this order.
constexpr absl::string_view kLower = "b";   // 3300
constexpr absl::string_view kHigher = "a";  // 15495

TEST_F(KeyServerTest, WithoutTheDestinationsLockItServesLater) {
  Store& store = node_.store();
  ASSERT_LT(KeySlot(kLower), KeySlot(kHigher));
  waiter_->Call(absl::StrCat("SHIFT ", kHigher, " ", kLower, " 0"));
  // As another worker would hold it, in the middle of a command.
  store.Lock(KeySlot(kLower));
  store.Lock(KeySlot(kHigher));
  const Key key = store.MakeKey(kHigher);
  Database(&store, 0, 0, &store.counters(0)).SetText(key, "x", Database::Expiry::None());
  KeyServer& server = node_.server().worker(0).key_server();
  {
    ServedSlots slots(&store, key.slot);
    server.Serve(&slots);
  }
  store.Unlock(KeySlot(kHigher));
  store.Unlock(KeySlot(kLower));
  EXPECT_TRUE(server.has_work());
  EXPECT_EQ(waiter_->Run(), "");
  server.ServeRest();
  EXPECT_FALSE(server.has_work());
  EXPECT_EQ(waiter_->Run(), "$1|x|");
  EXPECT_EQ(other_->Call(absl::StrCat("GET ", kLower)), "$1|x|");
}

TEST_F(KeyServerTest, WhatHasBecomeReadyOutsideOfCommandsIsServedByTheNextPass) {
  node_.server().worker(0).Start();
  waiter_->Call("TAKE a 0");
  Store& store = node_.store();
  store.Lock(KeySlot("a"));
  Database(&store, 0, 0, &store.counters(0))
      .SetText(store.MakeKey("a"), "x", Database::Expiry::None());
  store.Unlock(KeySlot("a"));
  node_.AdvanceMs(1000);
  EXPECT_EQ(waiter_->Run(), "*2|$1|a|$1|x|");
}

}  // namespace
}  // namespace damselfly
