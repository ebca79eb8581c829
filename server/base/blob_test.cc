#include "server/base/blob.h"

#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(Blob, HoldsBytesUntilTheLastReferenceGoes) {
  BlobRef first = Blob::Copy("hello");
  EXPECT_TRUE(first->unique());
  BlobRef second = first;
  EXPECT_FALSE(first->unique());
  EXPECT_EQ(first.get(), second.get());
  first.reset();
  EXPECT_FALSE(first);
  EXPECT_TRUE(second->unique());
  EXPECT_EQ(second->view(), "hello");
}

TEST(Blob, GrowsAndShrinksKeepingItsBytes) {
  BlobRef blob = Blob::Create(10);
  EXPECT_EQ(blob->size(), 0u);
  std::memcpy(blob->mutable_data(), "0123456789", 10);
  blob->set_size(10);
  blob.Resize(1 << 20);
  EXPECT_EQ(blob->capacity(), size_t{1} << 20);
  EXPECT_EQ(blob->view(), "0123456789");
  blob.Resize(4);
  EXPECT_EQ(blob->view(), "0123");
  EXPECT_EQ(blob->memory_bytes(), sizeof(Blob) + 4);
}

TEST(Blob, MayTravelAsABarePointer) {
  BlobRef blob = Blob::Copy("x");
  Blob* word = blob.Release();
  EXPECT_FALSE(blob);
  BlobRef shared = BlobRef::Share(word);
  BlobRef adopted = BlobRef::Adopt(word);
  EXPECT_FALSE(adopted->unique());
  shared = BlobRef();
  EXPECT_TRUE(adopted->unique());
}

TEST(Blob, AnImpossibleCapacityGivesANullReference) {
  EXPECT_FALSE(Blob::TryCreate(size_t{1} << 62));
}

TEST(Blob, ReferencesMayBeDroppedOnManyThreads) {
  for (int round = 0; round < 200; ++round) {
    BlobRef blob = Blob::Copy("shared by all");
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([held = blob]() mutable {
        BlobRef another = held;
        held.reset();
        EXPECT_EQ(another->size(), 13u);
      });
    }
    blob.reset();
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace damselfly
