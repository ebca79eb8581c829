#include "server/base/hash.h"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

std::string RandomBytes(std::mt19937_64* random, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>((*random)());
  return bytes;
}

TEST(HashBytes, EveryInputBitMovesHalfOfTheOutputBits) {
  std::mt19937_64 random(1);
  constexpr int kTrials = 400;
  for (size_t size : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 64, 65, 100}) {
    for (size_t bit = 0; bit<size * 8; bit += size> 8 ? 7 : 1) {
      std::vector<int> flips(64, 0);
      for (int trial = 0; trial < kTrials; ++trial) {
        std::string bytes = RandomBytes(&random, size);
        const uint64_t seed = random();
        const uint64_t before = HashBytes(bytes, seed);
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
        const uint64_t changed = before ^ HashBytes(bytes, seed);
        for (int i = 0; i < 64; ++i) flips[i] += (changed >> i) & 1;
      }
      for (int i = 0; i < 64; ++i) {
        // Six standard deviations around one half.
        ASSERT_NEAR(flips[i], kTrials / 2, 60) << "size " << size << " in " << bit << " out " << i;
      }
    }
  }
}

// Keys as people make them: counters behind a common prefix.
TEST(HashBytes, SpreadsCountersEvenlyInTopAndBottomBits) {
  constexpr int kKeys = 1 << 18;
  constexpr int kBuckets = 1 << 10;
  for (int shift : {0, 10, 16, 32, 48, 54}) {
    std::vector<int> buckets(kBuckets, 0);
    for (int i = 0; i < kKeys; ++i) {
      ++buckets[(HashBytes("user:" + std::to_string(i), 7) >> shift) % kBuckets];
    }
    double chi_squared = 0;
    const double expected = static_cast<double>(kKeys) / kBuckets;
    for (int count : buckets) chi_squared += (count - expected) * (count - expected) / expected;
    EXPECT_LT(std::abs(chi_squared - kBuckets), 6 * std::sqrt(2.0 * kBuckets)) << shift;
  }
}

TEST(HashBytes, DependsOnTheSeedAndTheLength) {
  EXPECT_NE(HashBytes("key", 1), HashBytes("key", 2));
  std::unordered_set<uint64_t> seen;
  for (size_t size = 0; size < 200; ++size) {
    EXPECT_TRUE(seen.insert(HashBytes(std::string(size, '\0'), 1)).second) << size;
  }
}

TEST(HashBytes, ReadsNoByteOutsideAndSkipsNone) {
  std::mt19937_64 random(2);
  for (size_t size = 1; size < 150; ++size) {
    const std::string bytes = RandomBytes(&random, size);
    // An exact heap copy: AddressSanitizer sees a read past either end.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    const uint64_t hash = HashBytes(absl::string_view(exact.data(), exact.size()), 3);
    EXPECT_EQ(hash, HashBytes(bytes, 3));
    for (size_t i = 0; i < size; ++i) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] + 1);
      EXPECT_NE(hash, HashBytes(changed, 3)) << size << " " << i;
    }
  }
}

}  // namespace
}  // namespace damselfly
