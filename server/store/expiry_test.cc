#include <string>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

class ExpiryTest : public testing::Test {
 protected:
  ExpiryTest() {
    Store::Options options;
    options.background_step_entries_max = 100;
    store_ = std::make_unique<Store>(options);
  }

  Database At(int64_t now_ms, int index = 0) {
    return Database(store_.get(), index, now_ms, &store_->counters(0));
  }
  Key K(absl::string_view bytes) const { return store_->MakeKey(bytes); }

  // Rounds over all slots at this time, until nothing is left to do. Returns how many steps asked
  // for more.
  int RunBackground(int64_t now_ms) {
    int busy_steps = 0;
    for (int quiet = 0; quiet < 17;) {
      const int64_t expired_before = store_->TotalCounters().expired_keys;
      if (store_->BackgroundStep(0, now_ms, &store_->counters(0))) {
        quiet = 0;
        ++busy_steps;
      } else {
        ++quiet;
      }
      EXPECT_LE(store_->TotalCounters().expired_keys - expired_before, 100 + 112);
    }
    return busy_steps;
  }

  std::unique_ptr<Store> store_;
};

TEST_F(ExpiryTest, KeysThatNobodyLooksAtAreDeletedInTheBackground) {
  for (int index : {0, 1, 15}) {
    for (int i = 0; i < 300; ++i) {
      At(1000, index).SetString(K("expires" + std::to_string(i)), "v", Expiry::At(2000 + i));
      At(1000, index).SetString(K("stays" + std::to_string(i)), "v", Expiry::None());
    }
  }
  RunBackground(1999);
  EXPECT_EQ(store_->TotalCounters().expired_keys, 0);
  RunBackground(2099);
  EXPECT_EQ(store_->TotalCounters().expired_keys, 300);
  RunBackground(3000);
  EXPECT_EQ(store_->TotalCounters().expired_keys, 900);
  for (int index : {0, 1, 15}) {
    EXPECT_EQ(store_->KeyCount(index), 300u);
    EXPECT_EQ(store_->ExpiringKeyCount(index), 0u);
  }
}

// Steps come one right behind the other while memory is being freed.
TEST_F(ExpiryTest, AfterARoundThatFoundNothingThereIsNoOtherForAMoment) {
  At(1000).SetString(K("due at 2001"), "v", Expiry::At(2001));
  RunBackground(2000);
  for (int step = 0; step < 100; ++step) store_->BackgroundStep(0, 2001, &store_->counters(0));
  EXPECT_EQ(store_->KeyCount(0), 1u);
  RunBackground(2005);
  EXPECT_EQ(store_->KeyCount(0), 0u);
}

// One hash tag for everything: a single table is swept in many small steps.
TEST_F(ExpiryTest, SweepsABigSlotInBoundedSteps) {
  constexpr int kKeys = 20000;
  for (int i = 0; i < kKeys; ++i) {
    At(1000).SetString(K("{tag}" + std::to_string(i)), "v", Expiry::At(i % 2 == 0 ? 2000 : 900000));
  }
  EXPECT_GT(RunBackground(5000), kKeys / 100 / 3);
  EXPECT_EQ(store_->KeyCount(0), kKeys / 2u);
  EXPECT_EQ(RunBackground(6000), 0);
  RunBackground(900000);
  EXPECT_EQ(store_->KeyCount(0), 0u);
}

TEST_F(ExpiryTest, DeadlinesSetDuringASweepAreNotForgotten) {
  Random random(3);
  int64_t now_ms = 1000;
  for (int i = 0; i < 3000; ++i)
    At(now_ms).SetString(K("{tag}" + std::to_string(i)), "v", Expiry::At(2000));
  for (int step = 0; step < 2000; ++step) {
    now_ms += 5;
    store_->BackgroundStep(0, now_ms, &store_->counters(0));
    const std::string name = "{tag}" + std::to_string(random.Below(3000));
    At(now_ms).SetString(K(name), "v",
                         Expiry::At(now_ms + static_cast<int64_t>(random.Below(2000))));
  }
  RunBackground(now_ms + 2000);
  EXPECT_EQ(store_->KeyCount(0), 0u);
}

TEST_F(ExpiryTest, ClockSetBackDelaysButDoesNotStopIt) {
  for (int i = 0; i < 500; ++i)
    At(10000).SetString(K(std::to_string(i)), "v", Expiry::At(10500 + i));
  RunBackground(10600);
  const uint64_t left = store_->KeyCount(0);
  EXPECT_EQ(left, 399u);
  RunBackground(5000);
  EXPECT_EQ(store_->KeyCount(0), left);
  At(5000).SetString(K("soon"), "v", Expiry::At(5100));
  RunBackground(5200);
  EXPECT_EQ(At(5000).Find(K("soon")), nullptr);
  EXPECT_EQ(store_->KeyCount(0), left);
  RunBackground(11000);
  EXPECT_EQ(store_->KeyCount(0), 0u);
}

TEST_F(ExpiryTest, ClockJumpingForwardDoesNotMakeAStepLong) {
  for (int i = 0; i < 5000; ++i)
    At(1000).SetString(K(std::to_string(i)), "v", Expiry::At(2000 + i * 1000));
  // RunBackground checks the bound of every step.
  RunBackground(int64_t{1} << 50);
  EXPECT_EQ(store_->KeyCount(0), 0u);
}

TEST_F(ExpiryTest, CanBeSwitchedOffAsAWholeOrActiveOnly) {
  At(1000).SetString(K("a"), "v", Expiry::At(2000));
  store_->set_active_expiry(false);
  RunBackground(5000);
  EXPECT_EQ(store_->KeyCount(0), 1u);
  store_->set_active_expiry(true);
  store_->set_owns_expiry(false);
  RunBackground(5000);
  EXPECT_EQ(store_->KeyCount(0), 1u);
  store_->set_owns_expiry(true);
  RunBackground(5000);
  EXPECT_EQ(store_->KeyCount(0), 0u);
}

TEST_F(ExpiryTest, WhilePausedWhatIsPastItsDeadlineIsHiddenAndStays) {
  At(1000).SetString(K("a"), "v", Expiry::At(2000));
  store_->set_expiry_paused_until(6000);
  RunBackground(5000);
  EXPECT_EQ(At(5000).Find(K("a")), nullptr);
  EXPECT_EQ(store_->KeyCount(0), 1u);
  // The pause ends by itself.
  RunBackground(6000);
  EXPECT_EQ(store_->KeyCount(0), 0u);
}

// The walk's receiver is called by the first deletion of a sweep: the one place where a test can
// change the role as another thread would, in the middle.
class RoleChanger : public TableWalk::Receiver {
 public:
  explicit RoleChanger(Store* store) : store_(store) {}
  void Receive(uint16_t, int, const Entry&) override { store_->set_owns_expiry(false); }

 private:
  Store* store_;
};

TEST_F(ExpiryTest, WhatASweepMayNoLongerDeleteIsNotForgotten) {
  for (int i = 0; i < 50; ++i)
    At(1000).SetString(K("{tag}" + std::to_string(i)), "v", Expiry::At(2000));
  RoleChanger changer(store_.get());
  TableWalk walk(TableWalk::Slots::All(), &changer);
  store_->LockAll();
  store_->BeginWalk(&walk);
  store_->UnlockAll();
  RunBackground(3000);
  EXPECT_FALSE(store_->owns_expiry());
  EXPECT_GT(store_->KeyCount(0), 0u);
  store_->LockAll();
  store_->EndWalk(&walk);
  store_->UnlockAll();
  store_->set_owns_expiry(true);
  RunBackground(3000);
  EXPECT_EQ(store_->KeyCount(0), 0u);
}

TEST_F(ExpiryTest, EachWorkerExpiresItsHomeSlotsOnly) {
  Store::Options options;
  options.worker_count = 3;
  Store store(options);
  for (int i = 0; i < 3000; ++i) {
    const std::string name = std::to_string(i);
    Database(&store, 0, 1000, &store.counters(0))
        .SetString(store.MakeKey(name), "v", Expiry::At(2000));
  }
  for (int step = 0; step < 100; ++step) store.BackgroundStep(1, 3000, &store.counters(1));
  for (int slot = 0; slot < kSlotCount; ++slot) {
    if (slot % 3 == 1) {
      EXPECT_EQ(store.KeyCountInSlot(0, static_cast<uint16_t>(slot)), 0u);
    }
  }
  EXPECT_GT(store.KeyCount(0), 1500u);
  for (int step = 0; step < 100; ++step) {
    store.BackgroundStep(0, 3000, &store.counters(0));
    store.BackgroundStep(2, 3000, &store.counters(2));
  }
  EXPECT_EQ(store.KeyCount(0), 0u);
}

TEST_F(ExpiryTest, AverageTtlIsSampledFromWhatLives) {
  EXPECT_EQ(store_->AverageTtlMs(0), 0);
  for (int i = 0; i < 1000; ++i) At(1000).SetString(K(std::to_string(i)), "v", Expiry::At(11000));
  store_->BackgroundStep(0, 1000, &store_->counters(0));
  EXPECT_EQ(store_->AverageTtlMs(0), 10000);
}

}  // namespace
}  // namespace damselfly
