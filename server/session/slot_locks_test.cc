#include "server/session/slot_locks.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/commands/key_commands.h"
#include "server/commands/string_commands.h"

namespace damselfly {
namespace {

Store::Options TwoWorkers() {
  Store::Options options;
  options.worker_count = 2;
  return options;
}

// Whether somebody holds the slot's lock: a thread of its own would wait for it.
bool IsLocked(Store& store, uint16_t slot) {
  std::atomic<bool> taken{false};
  std::thread other([&] {
    store.Lock(slot);
    taken = true;
    store.Unlock(slot);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const bool locked = !taken;
  if (locked) store.Unlock(slot);
  other.join();
  if (locked) store.Lock(slot);
  return locked;
}

class SlotLocksTest : public testing::Test {
 protected:
  SlotLocksTest() : store_(TwoWorkers()), registry_(kFamilies()) {}
  static std::vector<absl::Span<const CommandSpec>> kFamilies() {
    return {StringCommands(), KeyCommands()};
  }

  std::vector<uint16_t> Slots(std::vector<absl::string_view> args) {
    SlotLocks::Slots slots;
    SlotLocks::CollectSlots(*registry_.Find(args[0]), args, &slots);
    return {slots.begin(), slots.end()};
  }

  Store store_;
  CommandRegistry registry_;
};

TEST_F(SlotLocksTest, FindsTheSlotsOfAllKeysInTheirOrder) {
  const uint16_t a = KeySlot("a"), b = KeySlot("b");
  EXPECT_EQ(Slots({"GET", "a"}), std::vector<uint16_t>{a});
  EXPECT_EQ(Slots({"MGET", "b", "a", "b"}), (std::vector<uint16_t>{b, a, b}));
  EXPECT_EQ(Slots({"MSET", "a", "1", "b", "2"}), (std::vector<uint16_t>{a, b}));
  EXPECT_EQ(Slots({"DEL", "{a}x", "{a}y"}), (std::vector<uint16_t>{a, a}));
}

TEST_F(SlotLocksTest, HoldsUntilTheEndOfItsScope) {
  {
    SlotLocks locks(&store_);
    locks.LockOne(7);
    EXPECT_TRUE(IsLocked(store_, 7));
    EXPECT_FALSE(IsLocked(store_, 8));
  }
  EXPECT_FALSE(IsLocked(store_, 7));
  {
    SlotLocks locks(&store_);
    locks.LockAll();
    EXPECT_TRUE(IsLocked(store_, 0));
    EXPECT_TRUE(IsLocked(store_, 16383));
  }
  EXPECT_FALSE(IsLocked(store_, 0));
  EXPECT_FALSE(IsLocked(store_, 16383));
}

TEST_F(SlotLocksTest, TakesASlotNamedTwiceOnce) {
  {
    SlotLocks locks(&store_);
    locks.LockMany({9, 3, 9, 3});
    EXPECT_TRUE(IsLocked(store_, 3));
    EXPECT_TRUE(IsLocked(store_, 9));
    EXPECT_FALSE(IsLocked(store_, 4));
  }
  EXPECT_FALSE(IsLocked(store_, 3));
  EXPECT_FALSE(IsLocked(store_, 9));
}

TEST_F(SlotLocksTest, NoKeysNoLocks) {
  SlotLocks locks(&store_);
  locks.LockMany({});
}

TEST_F(SlotLocksTest, ThreadsThatNameTheSameSlotsInOtherOrdersDoNotWaitForEachOther) {
  const std::vector<std::vector<absl::string_view>> commands = {
      {"MGET", "a", "b", "c"}, {"MGET", "c", "b", "a"}, {"MGET", "b", "c", "a"}};
  int64_t counter = 0;  // guarded by the slots' locks
  std::vector<std::thread> threads;
  for (const auto& args : commands) {
    threads.emplace_back([&, args] {
      for (int i = 0; i < 10000; ++i) {
        SlotLocks locks(&store_);
        if (i % 1000 == 0) {
          locks.LockAll();
        } else {
          SlotLocks::Slots slots;
          SlotLocks::CollectSlots(*registry_.Find(args[0]), args, &slots);
          locks.LockMany(slots);
        }
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 30000);
}

}  // namespace
}  // namespace damselfly
