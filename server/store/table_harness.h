#ifndef DAMSELFLY_SERVER_STORE_TABLE_HARNESS_H_
#define DAMSELFLY_SERVER_STORE_TABLE_HARNESS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/base/hash.h"
#include "server/runtime/random.h"
#include "server/store/entry.h"
#include "server/store/store_counters.h"
#include "server/store/table.h"

namespace damselfly {

// Hash functions for tests: good ones and as bad as can be.
inline uint64_t GoodHash(absl::string_view key, uint64_t seed) { return HashBytes(key, seed); }
// All keys in one deep corner of the table: what one hash tag for very many keys would be if their
// hashes began alike.
inline uint64_t DeepHash(absl::string_view key, uint64_t seed) {
  return uint64_t{0xabcdef} << 40 | HashBytes(key, seed) >> 24;
}
// Long common prefixes, so that few keys make the table deep enough for the tag's window to move:
// from the first to the second, and from the second to the third.
inline uint64_t SixBitPrefixHash(absl::string_view key, uint64_t seed) {
  return uint64_t{0x2b} << 58 | HashBytes(key, seed) >> 6;
}
inline uint64_t FourteenBitPrefixHash(absl::string_view key, uint64_t seed) {
  return uint64_t{0x2bcd} << 50 | HashBytes(key, seed) >> 14;
}
// Few distinct tags in every window.
inline uint64_t ClumpedHash(absl::string_view key, uint64_t seed) {
  return HashBytes(key, seed) & 0x8101010101010101u;
}
inline uint64_t ConstantHash(absl::string_view, uint64_t) { return 0x123456789abcdef0u; }

// A table beside a model that says what must be in it.
class TableHarness {
 public:
  explicit TableHarness(uint64_t (*hash)(absl::string_view, uint64_t))
      : context_{hash, 77, &walks_} {}
  ~TableHarness() {
    while (!model_.empty()) Remove(model_.begin()->first);
    EXPECT_EQ(root_.ref, 0u);
    EXPECT_EQ(counters_.used_bytes.get(), 0);
  }
  TableHarness(const TableHarness&) = delete;
  TableHarness& operator=(const TableHarness&) = delete;

  Table table() { return Table(&root_, context_, 5, 3, &counters_.used_bytes); }
  uint64_t HashOf(const std::string& key) const { return context_.hash(key, context_.hash_seed); }
  Table::Location Find(const std::string& key) { return table().Find(HashOf(key), key); }

  // Inserts the key or gives it another value.
  void Set(const std::string& key, const std::string& value) {
    Entry::Parts parts;
    parts.key = key;
    parts.bytes = value;
    const Table::Location at = Find(key);
    if (at.found()) {
      Entry* const old = at.entry();
      table().Replace(at, Entry::Create(parts));
      Entry::Destroy(old);
    } else {
      table().Insert(HashOf(key), Entry::Create(parts));
    }
    model_[key] = value;
  }

  void Remove(std::string key) {
    const Table::Location at = Find(key);
    ASSERT_EQ(at.found(), model_.erase(key) == 1);
    if (!at.found()) return;
    Entry* const entry = at.entry();
    table().Remove(at, HashOf(key));
    Entry::Destroy(entry);
  }

  // One random change of a key out of `key_range`; inserts with a probability of `insert_percent`.
  void RandomChange(Random& random, uint64_t key_range, uint64_t insert_percent) {
    const std::string key = "k" + std::to_string(random.Below(key_range));
    if (random.Chance(insert_percent, 100)) {
      Set(key, "v" + std::to_string(random.Below(1000)));
    } else {
      Remove(key);
    }
  }

  void ExpectEqualsModel() {
    std::map<std::string, std::string> seen;
    table().ForEach([&](Entry& entry) {
      const auto inserted = seen.emplace(std::string(entry.key()), ValueOf(entry));
      EXPECT_TRUE(inserted.second) << entry.key() << " twice";
    });
    EXPECT_EQ(seen, model_);
    for (const auto& [key, value] : model_) {
      const Table::Location at = Find(key);
      ASSERT_TRUE(at.found()) << key;
      ASSERT_EQ(ValueOf(*at.entry()), value);
    }
  }

  static std::string ValueOf(const Entry& entry) {
    char scratch[Entry::kIntegerTextBytesMax];
    return std::string(entry.StringValue(scratch));
  }

  const std::map<std::string, std::string>& model() const { return model_; }
  WalkRegistry& walks() { return walks_; }
  TableRoot& root() { return root_; }
  int64_t table_bytes() const { return counters_.used_bytes.get(); }
  // Gives up the table and its entries to the caller.
  uint64_t ReleaseRoot() {
    const uint64_t bits = root_.ref;
    root_ = {};
    model_.clear();
    counters_.used_bytes.Reset();
    return bits;
  }

 private:
  TableRoot root_;
  WalkRegistry walks_;
  TableContext context_;
  StoreCounters counters_;
  std::map<std::string, std::string> model_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_TABLE_HARNESS_H_
