#include "server/replication/entry_queue.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "server/base/blob.h"
#include "server/store/entry.h"

namespace damselfly {
namespace {

class EntryQueueTest : public ::testing::Test {
 protected:
  static void Receive(EntryQueue* queue, absl::string_view key, absl::string_view value) {
    Entry::Parts parts;
    parts.key = key;
    parts.bytes = value;
    Entry* const entry = Entry::Create(parts);
    queue->Receive(1, 0, *entry);
    Entry::Destroy(entry);
  }
  // Returns the store's reference.
  static Entry* ReceiveBlob(EntryQueue* queue, absl::string_view key, size_t bytes) {
    Entry::Parts parts;
    parts.key = key;
    parts.kind = Entry::Kind::kBlob;
    parts.blob = Blob::Copy(std::string(bytes, 'x')).Release();
    Entry* const entry = Entry::Create(parts);
    queue->Receive(1, 0, *entry);
    return entry;
  }
};

TEST_F(EntryQueueTest, SmallEntriesShareAnItemUntilItIsFull) {
  EntryQueue queue(0, [] {});
  for (int i = 0; i < 100; ++i) Receive(&queue, "key", std::string(1000, 'v'));
  EXPECT_EQ(queue.pushed(), 2u);
  EntryQueue::Item item;
  EXPECT_FALSE(queue.Pop(0, &item));
  EXPECT_TRUE(queue.Pop(1, &item));
  EXPECT_FALSE(queue.Pop(1, &item));
  EXPECT_FALSE(queue.empty());
  EXPECT_TRUE(queue.Pop(2, &item));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.waiting_bytes(), 0);
}

TEST_F(EntryQueueTest, GivesUpOnceAndForAllWhenItHoldsTooMuch) {
  int overflows = 0;
  EntryQueue queue(10000, [&] { ++overflows; });
  for (int i = 0; i < 100; ++i) Receive(&queue, "key", std::string(1000, 'v'));
  EXPECT_EQ(overflows, 1);
  EXPECT_TRUE(queue.overflowed());
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.waiting_bytes(), 0);
}

TEST_F(EntryQueueTest, ASharedValueCountsFromWhenOnlyTheQueueHasIt) {
  int overflows = 0;
  EntryQueue queue(100000, [&] { ++overflows; });
  Entry* entries[10];
  for (Entry*& entry : entries) entry = ReceiveBlob(&queue, "key", 50000);
  EXPECT_EQ(overflows, 0);
  EXPECT_GE(queue.waiting_bytes(), 500000);
  for (Entry* entry : entries) Entry::Destroy(entry);
  for (int i = 0; i < 100; ++i) Receive(&queue, "key", std::string(1000, 'v'));
  EXPECT_EQ(overflows, 1);
}

TEST_F(EntryQueueTest, ClosedTakesNothing) {
  EntryQueue queue(0, [] {});
  Receive(&queue, "key", "v");
  queue.Close();
  Receive(&queue, "key", "v");
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.overflowed());
}

}  // namespace
}  // namespace damselfly
