// Who has read a key is told when it changes, once; and the events of the store itself.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;
using Words = std::vector<std::string>;

std::string Describe(const KeyReaders& readers) {
  std::string text;
  for (const KeyReader& reader : readers) absl::StrAppend(&text, " ", reader.client);
  return text;
}

// Keeps what it is told, in words.
struct Listener : InvalidationSink, KeyEventSink {
  void OnKeyInvalidated(int worker, absl::string_view key, const KeyReaders& readers,
                        InvalidationCause cause) override {
    static constexpr absl::string_view kCauses[] = {"changed", "expired", "forgotten"};
    last_worker = worker;
    words.push_back(absl::StrCat(kCauses[static_cast<int>(cause)], " ", key, Describe(readers)));
  }
  void OnSlotLost(TrackedKeys keys) override {
    words.push_back("slot lost");
    for (const auto& [key, readers] : keys)
      absl::StrAppend(&words.back(), ", ", key, Describe(readers));
  }
  void OnFlushed() override { words.push_back("flushed"); }
  void OnKeyEvent(int, int database, KeyEventClass, absl::string_view event,
                  absl::string_view key) override {
    events.push_back(absl::StrCat(event, " ", key, " @", database));
  }
  Words Take() { return std::exchange(words, {}); }
  Words TakeEvents() { return std::exchange(events, {}); }

  Words words;
  Words events;
  int last_worker = -1;
};

class StoreTrackingTest : public testing::Test {
 protected:
  StoreTrackingTest() { store_.set_invalidation_sink(&listener_); }

  Key K(absl::string_view bytes) const { return store_.MakeKey(bytes); }
  Database Db(int index = 0) { return Database(&store_, index, now_ms_, &store_.counters(1)); }
  void Set(absl::string_view key, int index = 0) {
    Db(index).SetString(K(key), "v", Expiry::None());
  }
  void Track(absl::string_view key, uint64_t client) {
    store_.Track(K(key), {client, static_cast<int>(client % 2)});
  }

  int64_t now_ms_ = 1000;
  Listener listener_;
  Store store_{[] {
    Store::Options options;
    options.worker_count = 2;
    return options;
  }()};
};

TEST_F(StoreTrackingTest, ReadersAreToldOfTheNextChangeOnly) {
  Track("k", 7);
  Track("k", 3);
  Track("k", 7);
  EXPECT_EQ(store_.tracked_key_count(), 1);
  EXPECT_EQ(store_.tracked_reader_count(), 2);
  Set("k");
  EXPECT_EQ(listener_.Take(), (Words{"changed k 3 7"}));
  EXPECT_EQ(listener_.last_worker, 1);
  EXPECT_EQ(store_.tracked_key_count(), 0);
  EXPECT_EQ(store_.tracked_reader_count(), 0);
  Set("k");
  EXPECT_EQ(listener_.Take(), Words{});
}

TEST_F(StoreTrackingTest, OtherKeysOfTheSlotChangeNothing) {
  Track("{s}1", 1);
  Track("{s}2", 2);
  Set("{s}3");
  EXPECT_EQ(listener_.Take(), Words{});
  Set("{s}2");
  EXPECT_EQ(listener_.Take(), (Words{"changed {s}2 2"}));
  Set("{s}1");
  EXPECT_EQ(listener_.Take(), (Words{"changed {s}1 1"}));
}

TEST_F(StoreTrackingTest, CachesKnowNoDatabases) {
  Track("k", 1);
  Set("k", 3);
  EXPECT_EQ(listener_.Take(), (Words{"changed k 1"}));
}

TEST_F(StoreTrackingTest, EveryWayOfChangingAKeyIsToldOf) {
  const Key k = K("{s}k");
  const auto told = [&](absl::string_view key = "{s}k") {
    const Words words = listener_.Take();
    Track("{s}k", 1);
    return words == Words{absl::StrCat("changed ", key, " 1")};
  };
  Track("{s}k", 1);
  Db().SetInteger(k, 5, Expiry::None());
  EXPECT_TRUE(told());
  Db().WriteRange(k, 3, 0, "abc");
  EXPECT_TRUE(told());
  Db().SetExpiry(k, 5000);
  EXPECT_TRUE(told());
  Db().Persist(k);
  EXPECT_TRUE(told());
  Set("{s}other");
  Database db = Db();
  Db().CopyFrom(db, K("{s}other"), k);
  EXPECT_TRUE(told());
  Db().MoveFrom(db, K("{s}other"), k);
  EXPECT_TRUE(told());
  Db().MoveFrom(db, k, K("{s}other"));
  EXPECT_TRUE(told());
  Set("{s}k");
  EXPECT_TRUE(told());
  Db().Delete(k);
  EXPECT_TRUE(told());
}

TEST_F(StoreTrackingTest, WhatExpiresIsToldOfAsSuch) {
  Db().SetString(K("lazy"), "v", Expiry::At(2000));
  Db().SetString(K("active"), "v", Expiry::At(2000));
  Track("lazy", 1);
  Track("active", 2);
  now_ms_ = 3000;
  EXPECT_EQ(Db().Find(K("lazy")), nullptr);
  EXPECT_EQ(listener_.Take(), (Words{"expired lazy 1"}));
  for (int worker = 0; worker < 2; ++worker) {
    while (store_.BackgroundStep(worker, now_ms_, &store_.counters(worker))) {
    }
  }
  EXPECT_EQ(listener_.Take(), (Words{"expired active 2"}));
}

TEST_F(StoreTrackingTest, AFlushForgetsAllReaders) {
  Track("a", 1);
  Track("b", 2);
  store_.LockAll();
  store_.Flush(3, /*wait=*/false, &store_.counters(0));
  store_.UnlockAll();
  EXPECT_EQ(listener_.Take(), (Words{"flushed"}));
  EXPECT_EQ(store_.tracked_key_count(), 0);
  EXPECT_EQ(store_.tracked_reader_count(), 0);
  Set("a");
  EXPECT_EQ(listener_.Take(), Words{});
}

TEST_F(StoreTrackingTest, ReadersOfALostSlotAreToldWhetherTheKeysAreThereOrNot) {
  store_.RestrictToOwnedSlots();
  const uint16_t slot = K("{s}").slot;
  store_.Own(slot);
  Set("{s}1");
  Track("{s}1", 1);
  Track("{s}missing", 2);
  store_.Close(slot);
  EXPECT_EQ(listener_.Take(), (Words{"slot lost, {s}1 1, {s}missing 2"}));
  EXPECT_EQ(store_.tracked_key_count(), 0);
  EXPECT_EQ(store_.tracked_reader_count(), 0);
  store_.Own(slot);
  Track("{s}1", 1);
  store_.FlushSlot(slot, &store_.counters(0));
  EXPECT_EQ(listener_.Take(), (Words{"slot lost, {s}1 1"}));
}

TEST_F(StoreTrackingTest, AllChangesAreToldWhenThatIsAskedFor) {
  store_.set_tells_all_changes(true);
  Track("a", 1);
  Set("a");
  Set("b");
  EXPECT_EQ(listener_.Take(), (Words{"changed a 1", "changed b"}));
  store_.set_tells_all_changes(false);
  Set("b");
  EXPECT_EQ(listener_.Take(), Words{});
}

TEST_F(StoreTrackingTest, TrackedKeysCanBeForgottenOneByOne) {
  EXPECT_FALSE(store_.ForgetTrackedKey(0, 5));
  for (int i = 0; i < 10; ++i) Track(absl::StrCat("k", i), 1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(store_.ForgetTrackedKey(0, 9000));
    EXPECT_EQ(store_.tracked_key_count(), 9 - i);
  }
  EXPECT_FALSE(store_.ForgetTrackedKey(0, 9000));
  const Words words = listener_.Take();
  EXPECT_EQ(words.size(), 10u);
  EXPECT_EQ(words[0].substr(0, 10), "forgotten ");
}

TEST_F(StoreTrackingTest, TheStoresOwnEvents) {
  store_.set_key_event_sink(&listener_);
  Set("a");
  Set("a");
  EXPECT_EQ(listener_.TakeEvents(), (Words{"new a @0"}));
  Db(2).WriteRange(K("b"), 1, 0, "x");
  EXPECT_EQ(listener_.TakeEvents(), (Words{"new b @2"}));
  EXPECT_EQ(Db().Find(K("c")), nullptr);
  EXPECT_EQ(listener_.TakeEvents(), Words{});
  EXPECT_EQ(Db().FindCounted(K("c")), nullptr);
  EXPECT_EQ(listener_.TakeEvents(), (Words{"keymiss c @0"}));
  Db().SetExpiry(K("a"), 2000);
  now_ms_ = 2000;
  Set("a");
  EXPECT_EQ(listener_.TakeEvents(), (Words{"expired a @0", "new a @0"}));
  // What takes the place of another key comes into being too.
  Set("d");
  Database db = Db();
  Db().MoveFrom(db, K("d"), K("a"));
  Db().CopyFrom(db, K("a"), K("e"));
  Db().CopyFrom(db, K("a"), K("e"));
  EXPECT_EQ(listener_.TakeEvents(), (Words{"new d @0", "new a @0", "new e @0", "new e @0"}));
}

TEST_F(StoreTrackingTest, WhoDoesNotOwnExpiryNotifiesOfNone) {
  store_.set_key_event_sink(&listener_);
  Db().SetString(K("a"), "v", Expiry::At(2000));
  listener_.TakeEvents();
  store_.set_owns_expiry(false);
  now_ms_ = 3000;
  EXPECT_EQ(Db().Find(K("a")), nullptr);
  EXPECT_FALSE(Db().Delete(K("a")));
  EXPECT_EQ(listener_.TakeEvents(), Words{});
}

}  // namespace
}  // namespace damselfly
