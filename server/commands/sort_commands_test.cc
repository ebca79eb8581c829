#include "server/commands/sort_commands.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/commands/command_registry.h"
#include "server/commands/list_commands.h"
#include "server/commands/sort_arguments.h"
#include "server/commands/string_commands.h"
#include "server/commands/testing/word_bench.h"
#include "server/values/hash_value.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Replies are what redis-server 7.0.15 gave to the same commands.
class SortCommandsTest : public testing::Test {
 protected:
  std::string Do(absl::string_view words) { return bench_.Do(words); }

  template <class V>
  void Put(absl::string_view key, V value) {
    const Key made = bench_.store().MakeKey(key);
    bench_.store().Lock(made.slot);
    bench_.database().SetCollection(made, std::move(value), Database::Expiry::None());
    bench_.store().Unlock(made.slot);
  }
  void PutHash(absl::string_view key, absl::string_view field, absl::string_view value) {
    HashValue hash;
    hash.Set(field, value, context_);
    Put(key, std::move(hash));
  }

  WordBench bench_{{SortCommands(), ListCommands(), StringCommands()}};
  ValueContext context_;
};

TEST_F(SortCommandsTest, Lists) {
  Do("RPUSH l 3 10 1 2");
  EXPECT_EQ(Do("SORT l"), "*4 $1 1 $1 2 $1 3 $2 10");
  EXPECT_EQ(Do("SORT_RO l DESC"), "*4 $2 10 $1 3 $1 2 $1 1");
  EXPECT_EQ(Do("SORT l DESC ASC"), "*4 $1 1 $1 2 $1 3 $2 10");
  EXPECT_EQ(Do("SORT l ALPHA"), "*4 $1 1 $2 10 $1 2 $1 3");
  EXPECT_EQ(Do("SORT l LIMIT 1 2"), "*2 $1 2 $1 3");
  EXPECT_EQ(Do("SORT l LIMIT -1 2"), "*2 $1 1 $1 2");
  EXPECT_EQ(Do("SORT l LIMIT 1 -5"), "*3 $1 2 $1 3 $2 10");
  EXPECT_EQ(Do("SORT l LIMIT 99 2"), "*0");
  EXPECT_EQ(Do("SORT l LIMIT 0 0"), "*0");
  EXPECT_EQ(Do("SORT nil"), "*0");
}

TEST_F(SortCommandsTest, ConstantPatternKeepsTheOrder) {
  Do("RPUSH l a b c d");
  EXPECT_EQ(Do("SORT l BY nosort"), "*4 $1 a $1 b $1 c $1 d");
  EXPECT_EQ(Do("SORT l BY nosort DESC"), "*4 $1 d $1 c $1 b $1 a");
  EXPECT_EQ(Do("SORT l BY nosort LIMIT 1 2"), "*2 $1 b $1 c");
  EXPECT_EQ(Do("SORT l BY nosort DESC LIMIT 1 2"), "*2 $1 c $1 b");
  EXPECT_EQ(Do("SORT l BY nosort LIMIT 99 2"), "*0");
  EXPECT_EQ(Do("SORT l BY nosort BY w_* DESC LIMIT 0 1"), "*1 $1 d");
  EXPECT_EQ(Do("SORT l BY w_* BY nosort DESC LIMIT 0 1"), "*1 $1 d");
}

TEST_F(SortCommandsTest, SortedSets) {
  SortedSetValue set;
  set.Set("30", 1, context_);
  set.Set("20", 2, context_);
  set.Set("10", 3, context_);
  Put("z", std::move(set));
  EXPECT_EQ(Do("SORT z"), "*3 $2 10 $2 20 $2 30");
  EXPECT_EQ(Do("SORT z BY nosort"), "*3 $2 30 $2 20 $2 10");
  EXPECT_EQ(Do("SORT z BY nosort DESC LIMIT 0 1"), "*1 $2 10");
  EXPECT_EQ(Do("SORT z BY nosort LIMIT 1 5"), "*2 $2 20 $2 10");
}

TEST_F(SortCommandsTest, SetsAreStoredInOneOrder) {
  SetValue set;
  for (const char* member : {"10", "9", "8"}) set.Add(member, context_);
  Put("s", std::move(set));
  EXPECT_EQ(Do("SORT s"), "*3 $1 8 $1 9 $2 10");
  EXPECT_EQ(Do("SORT s BY nosort STORE d"), ":3");
  EXPECT_EQ(Do("LRANGE d 0 -1"), "*3 $2 10 $1 8 $1 9");
}

TEST_F(SortCommandsTest, PatternsLookKeysAndFieldsUp) {
  Do("RPUSH l a b c");
  Do("MSET w_a 3 w_b 1 w_c 2 name_a anna name_b bert");
  PutHash("h_a", "age", "30");
  PutHash("h_b", "age", "20");
  EXPECT_EQ(Do("SORT l BY w_*"), "*3 $1 b $1 c $1 a");
  EXPECT_EQ(Do("SORT l BY w_* GET name_* GET #"), "*6 $4 bert $1 b $-1 $1 c $4 anna $1 a");
  EXPECT_EQ(Do("SORT l BY h_*->age DESC GET h_*->age"), "*3 $2 30 $2 20 $-1");
  EXPECT_EQ(Do("SORT l BY h_*->age ALPHA LIMIT 0 1"), "*1 $1 c");
  EXPECT_EQ(Do("SORT l ALPHA GET nope GET h_* GET w_*->age GET h_*->nope"),
            "*12 $-1 $-1 $-1 $-1 $-1 $-1 $-1 $-1 $-1 $-1 $-1 $-1");
  Do("SET k_a-> arrow");
  EXPECT_EQ(Do("SORT l ALPHA LIMIT 0 1 GET k_*->"), "*1 $5 arrow");
  bench_.set_protocol(3);
  EXPECT_EQ(Do("SORT_RO l ALPHA LIMIT 2 1 GET name_*"), "*1 _");
}

TEST_F(SortCommandsTest, StoresAList) {
  Do("RPUSH l b a c");
  Do("SET name_b bert");
  bench_.TakeEvents();
  EXPECT_EQ(Do("SORT l ALPHA STORE d"), ":3");
  EXPECT_EQ(Do("LRANGE d 0 -1"), "*3 $1 a $1 b $1 c");
  EXPECT_EQ(Do("SORT l BY nosort GET # GET name_* LIMIT 0 2 STORE l"), ":4");
  EXPECT_EQ(Do("LRANGE l 0 -1"), "*4 $1 b $4 bert $1 a $0 ");
  EXPECT_THAT(bench_.TakeEvents(), ElementsAre("sortstore d", "sortstore l"));
  EXPECT_EQ(Do("SORT nil STORE d"), ":0");
  EXPECT_EQ(Do("LLEN d"), ":0");
  EXPECT_THAT(bench_.TakeEvents(), ElementsAre("del d"));
  EXPECT_EQ(Do("SORT nil STORE d"), ":0");
  EXPECT_THAT(bench_.TakeEvents(), IsEmpty());
}

TEST_F(SortCommandsTest, RefusesMoreOfWhatGetFindsThanAResultMayHold) {
  const std::string refused = "-ERR the result would exceed result-bytes-max";
  Do("RPUSH l a b");
  bench_.SetString("big_a", std::string(1000, 'v'));
  bench_.commands().limits().result_bytes_max = 2500;
  EXPECT_EQ(Do("SORT l ALPHA GET big_* GET big_* STORE d"), ":4");
  EXPECT_EQ(Do("SORT l ALPHA GET big_* GET big_*").size(), 2024u);
  EXPECT_EQ(Do("SORT l ALPHA GET big_* GET big_* GET big_*"), refused);
  EXPECT_EQ(Do("SORT_RO l ALPHA GET big_* GET big_* GET big_*"), refused);
  EXPECT_EQ(Do("SORT l ALPHA GET big_* GET big_* GET big_* STORE d"), refused);
  EXPECT_EQ(Do("LLEN d"), ":4");
  // Without GET a result is no longer than its data.
  bench_.commands().limits().result_bytes_max = 1;
  EXPECT_EQ(Do("SORT l ALPHA"), "*2 $1 a $1 b");
  EXPECT_EQ(Do("SORT l ALPHA STORE d"), ":2");
}

TEST_F(SortCommandsTest, Refusals) {
  Do("RPUSH l a b");
  Do("SET s 1");
  EXPECT_EQ(Do("SORT l"), "-ERR One or more scores can't be converted into double");
  EXPECT_EQ(Do("SORT s"), "-WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(Do("SORT nil FOO"), "-ERR syntax error");
  EXPECT_EQ(Do("SORT l BY"), "-ERR syntax error");
  EXPECT_EQ(Do("SORT l LIMIT 1"), "-ERR syntax error");
  EXPECT_EQ(Do("SORT l LIMIT a b"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(Do("SORT_RO l ALPHA STORE d"), "-ERR syntax error");
}

TEST_F(SortCommandsTest, MemberOfAClusterTakesNoPatterns) {
  const auto problem_of = [](std::initializer_list<absl::string_view> args) {
    SortArguments parsed;
    return ParseSortArguments(args, {.patterns_denied = true}, &parsed);
  };
  EXPECT_EQ(problem_of({"SORT", "l", "BY", "w_*", "GET"}), SortArguments::Problem::kByDenied);
  EXPECT_EQ(problem_of({"SORT", "l", "GET", "#", "FOO"}), SortArguments::Problem::kGetDenied);
  EXPECT_EQ(problem_of({"SORT", "l", "BY", "nosort"}), SortArguments::Problem::kNone);
  EXPECT_EQ(problem_of({"SORT", "l", "GET"}), SortArguments::Problem::kSyntax);
}

TEST_F(SortCommandsTest, KeysAreTheSourceAndTheLastDestination) {
  const auto keys_of = [&](std::initializer_list<absl::string_view> args) {
    KeyPositions keys;
    CommandRegistry::FindKeys(*bench_.commands().Find(*args.begin()), args, &keys);
    std::string words;
    for (const KeyPosition& key : keys) absl::StrAppend(&words, args.begin()[key.index], " ");
    return words;
  };
  EXPECT_EQ(keys_of({"SORT", "l"}), "l ");
  EXPECT_EQ(keys_of({"SORT", "l", "STORE", "x", "STORE", "y", "ALPHA"}), "l y ");
  EXPECT_EQ(keys_of({"SORT", "l", "BY", "STORE", "GET", "STORE", "LIMIT", "0", "1"}), "l ");
  EXPECT_EQ(keys_of({"SORT", "l", "STORE", "GET", "STORE", "y"}), "l y ");
  EXPECT_EQ(keys_of({"SORT_RO", "l", "BY", "w_*"}), "l ");
}

TEST_F(SortCommandsTest, OnlyPatternsNeedAllLocks) {
  const auto locks_all = [&](std::initializer_list<absl::string_view> args) {
    return bench_.commands().Find(*args.begin())->LocksAllSlots(args);
  };
  EXPECT_FALSE(locks_all({"SORT", "l"}));
  EXPECT_FALSE(locks_all({"SORT", "l", "BY", "nosort", "GET", "#", "STORE", "x*"}));
  EXPECT_TRUE(locks_all({"SORT", "l", "BY", "w_*"}));
  EXPECT_TRUE(locks_all({"SORT_RO", "l", "GET", "#", "GET", "h_*->f"}));
}

// What COMMAND GETKEYS says, in Redis's way, of calls that SORT itself refuses too.
TEST_F(SortCommandsTest, KeysAreThatWhichIsSortedAndTheLastBehindStore) {
  const auto keys_of = [](std::vector<absl::string_view> args) {
    std::vector<int> keys;
    FindSortKeys(args, [&](int index, uint32_t) { keys.push_back(index); });
    return keys;
  };
  EXPECT_THAT(keys_of({"SORT", "a"}), ElementsAre(1));
  EXPECT_THAT(keys_of({"SORT", "a", "BY", "store", "GET", "store", "STORE", "d"}),
              ElementsAre(1, 7));
  EXPECT_THAT(keys_of({"SORT", "a", "LIMIT", "store", "b", "store", "d"}), ElementsAre(1, 6));
  EXPECT_THAT(keys_of({"SORT", "a", "STORE", "b", "STORE", "c"}), ElementsAre(1, 5));
  EXPECT_THAT(keys_of({"SORT", "a", "nonsense", "STORE", "d"}), ElementsAre(1, 4));
  EXPECT_THAT(keys_of({"SORT", "a", "STORE"}), ElementsAre(1));
}

}  // namespace
}  // namespace damselfly
