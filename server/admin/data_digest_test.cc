#include "server/admin/data_digest.h"

#include <string>

#include "gtest/gtest.h"
#include "server/admin/debug_handlers.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

constexpr CommandSpec kWords[] = {{.name = "digest", .arity = 2, .handler = HandleDebugDigest}};

class Node {
 public:
  explicit Node(uint64_t hash_seed = 0) : store_(Options(hash_seed)) {}

  Database At(int index) { return Database(&store_, index, /*now_ms=*/1, &store_.counters(0)); }
  void Set(const char* key, const char* value, int64_t expiry_ms = -1, int database = 0) {
    At(database).SetString(
        store_.MakeKey(key), value,
        expiry_ms < 0 ? Database::Expiry::None() : Database::Expiry::At(expiry_ms));
  }
  void Delete(const char* key) { At(0).Delete(store_.MakeKey(key)); }
  std::string Digest() { return DigestOf(store_).ToString(); }
  Store& store() { return store_; }

 private:
  static Store::Options Options(uint64_t hash_seed) {
    Store::Options options;
    options.hash_seed = hash_seed;
    return options;
  }
  Store store_;
};

TEST(DataDigest, OfNothingIsZeros) { EXPECT_EQ(Node().Digest(), std::string(40, '0')); }

TEST(DataDigest, IsThatOfTheDataAndNotOfHowItCameThere) {
  Node a, b(/*hash_seed=*/77);
  a.Set("x", "1");
  a.Set("y", "two", 5000);
  a.Set("z", "3", -1, /*database=*/4);
  b.Set("z", "3", -1, /*database=*/4);
  b.Set("gone", "0");
  b.Set("y", "two", 5000);
  b.Set("x", "other");
  // A text instead of an integer.
  b.At(0).SetText(b.store().MakeKey("x"), "1", Database::Expiry::None());
  b.Delete("gone");
  EXPECT_EQ(a.Digest(), b.Digest());
  EXPECT_EQ(a.Digest().size(), 40u);
}

TEST(DataDigest, DependsOnKeyValueDeadlineAndDatabase) {
  Node node;
  node.Set("x", "1");
  const std::string digest = node.Digest();
  node.Set("x", "2");
  EXPECT_NE(node.Digest(), digest);
  node.Set("x", "1", 5000);
  const std::string expiring = node.Digest();
  EXPECT_NE(expiring, digest);
  node.Set("x", "1", 5001);
  EXPECT_NE(node.Digest(), expiring);
  node.Delete("x");
  node.Set("x", "1", -1, /*database=*/1);
  EXPECT_NE(node.Digest(), digest);
  Node shifted;
  shifted.Set("x1", "");
  EXPECT_NE(shifted.Digest(), digest);
}

TEST(DataDigest, CountsWhatHasExpiredUntilItIsDeleted) {
  Node node;
  node.Set("x", "1", 5000);
  const std::string digest = node.Digest();
  Database later(&node.store(), 0, /*now_ms=*/5001, &node.store().counters(0));
  EXPECT_EQ(node.Digest(), digest);
  EXPECT_EQ(later.Find(node.store().MakeKey("x")), nullptr);
  EXPECT_EQ(node.Digest(), std::string(40, '0'));
}

TEST(DataDigest, DebugDigestTellsItUnderAllLocks) {
  CommandBench bench{kWords};
  EXPECT_EQ(bench.Run({"digest", "DIGEST"}), "+" + std::string(40, '0') + "\r\n");
  bench.SetString("x", "1");
  Node node;
  node.Set("x", "1");
  EXPECT_EQ(bench.Run({"digest", "DIGEST"}), "+" + node.Digest() + "\r\n");
}

}  // namespace
}  // namespace damselfly
