#include "server/commands/key_walk_commands.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

class KeyWalkCommandsTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  // Scans with these options from 0 to 0; returns the keys, each once.
  std::set<std::string> ScanAll(const std::vector<absl::string_view>& options) {
    std::set<std::string> keys;
    std::string cursor = "0";
    do {
      std::vector<absl::string_view> args = {"SCAN", cursor};
      args.insert(args.end(), options.begin(), options.end());
      // *2, $n, cursor, *count, then $n and key in turn. Keys in these tests hold no line ends.
      const std::vector<std::string> lines = absl::StrSplit(bench_.Run(args), "\r\n");
      EXPECT_EQ(lines[0], "*2");
      EXPECT_EQ(lines[3], absl::StrCat("*", (lines.size() - 5) / 2));
      for (size_t i = 5; i + 1 < lines.size(); i += 2) keys.insert(lines[i]);
      cursor = lines[2];
    } while (cursor != "0");
    return keys;
  }

  CommandBench bench_{KeyWalkCommands()};
};

TEST_F(KeyWalkCommandsTest, KeysMatchesPatterns) {
  for (absl::string_view key : {"one", "two", "three", "t*"}) bench_.SetString(key, "v");
  EXPECT_EQ(Run({"KEYS", "o*"}), "*1\r\n$3\r\none\r\n");
  EXPECT_EQ(Run({"KEYS", "t\\*"}), "*1\r\n$2\r\nt*\r\n");
  EXPECT_EQ(Run({"KEYS", "t[^h]?"}), "*1\r\n$3\r\ntwo\r\n");
  EXPECT_EQ(Run({"KEYS", "*"}).substr(0, 4), "*4\r\n");
  EXPECT_EQ(Run({"KEYS", ""}), "*0\r\n");
}

TEST_F(KeyWalkCommandsTest, EmptyAndBinaryKeysAreShown) {
  bench_.SetString("", "v");
  EXPECT_EQ(Run({"KEYS", "*"}), "*1\r\n$0\r\n\r\n");
  EXPECT_EQ(Run({"KEYS", ""}), "*1\r\n$0\r\n\r\n");
  EXPECT_EQ(Run({"RANDOMKEY"}), "$0\r\n\r\n");
  bench_.database_index = 1;
  bench_.SetString(absl::string_view("\0\n", 2), "v");
  EXPECT_EQ(Run({"KEYS", "*"}), absl::string_view("*1\r\n$2\r\n\0\n\r\n", 12));
}

TEST_F(KeyWalkCommandsTest, WhatHasExpiredIsNotShown) {
  bench_.SetString("gone", "v", bench_.now_ms + 10);
  bench_.SetString("here", "v", bench_.now_ms + 20);
  bench_.now_ms += 10;
  EXPECT_EQ(Run({"KEYS", "*"}), "*1\r\n$4\r\nhere\r\n");
  EXPECT_EQ(ScanAll({}), std::set<std::string>{"here"});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Run({"RANDOMKEY"}), "$4\r\nhere\r\n");
}

TEST_F(KeyWalkCommandsTest, AnEmptyDatabaseHasNoKeys) {
  EXPECT_EQ(Run({"KEYS", "*"}), "*0\r\n");
  EXPECT_EQ(Run({"SCAN", "0"}), "*2\r\n$1\r\n0\r\n*0\r\n");
  EXPECT_EQ(Run({"RANDOMKEY"}), "$-1\r\n");
  bench_.set_protocol(3);
  EXPECT_EQ(Run({"RANDOMKEY"}), "_\r\n");
}

TEST_F(KeyWalkCommandsTest, ScanReachesEveryKey) {
  std::set<std::string> keys;
  for (int i = 0; i < 2000; ++i) keys.insert(absl::StrCat("key:", i));
  for (const std::string& key : keys) bench_.SetString(key, "v");
  EXPECT_EQ(ScanAll({}), keys);
  EXPECT_EQ(ScanAll({"COUNT", "1"}), keys);
  EXPECT_EQ(ScanAll({"COUNT", "9223372036854775807"}), keys);
  EXPECT_EQ(ScanAll({"MATCH", "*"}), keys);
  EXPECT_EQ(ScanAll({"TYPE", "STRING", "MATCH", "key:12?4", "COUNT", "50"}).size(), 10u);
  bench_.lock_all = true;
  EXPECT_EQ(ScanAll({"COUNT", "100"}), keys);
}

TEST_F(KeyWalkCommandsTest, ScanOfAnUnknownTypeFindsNothing) {
  bench_.SetString("a", "v");
  EXPECT_EQ(ScanAll({"TYPE", "foo"}).size(), 0u);
  EXPECT_EQ(ScanAll({"TYPE", "zset"}).size(), 0u);
  EXPECT_EQ(ScanAll({"TYPE", "string"}).size(), 1u);
}

TEST_F(KeyWalkCommandsTest, CursorsAreReadAsCReadsUnsignedNumbers) {
  for (absl::string_view cursor :
       {absl::string_view("0"), absl::string_view(""), absl::string_view("+0"),
        absl::string_view("000"), absl::string_view("-1"), absl::string_view("0\0ab", 4),
        absl::string_view("18446744073709551615"), absl::string_view("-18446744073709551615")}) {
    EXPECT_EQ(Run({"SCAN", cursor}), "*2\r\n$1\r\n0\r\n*0\r\n") << cursor;
  }
  for (absl::string_view cursor : {"abc", " 1", "1 ", "-", "+", "--1", "1.0", "0x10",
                                   "18446744073709551616", "99999999999999999999999999"}) {
    EXPECT_EQ(Run({"SCAN", cursor}), "-ERR invalid cursor\r\n") << cursor;
  }
}

TEST_F(KeyWalkCommandsTest, ScanRefusesOptionsItCannotRead) {
  const std::string syntax = "-ERR syntax error\r\n";
  const std::string not_an_integer = "-ERR value is not an integer or out of range\r\n";
  EXPECT_EQ(Run({"SCAN", "0", "COUNT"}), syntax);
  EXPECT_EQ(Run({"SCAN", "0", "COUNT", "0"}), syntax);
  EXPECT_EQ(Run({"SCAN", "0", "COUNT", "-1"}), syntax);
  EXPECT_EQ(Run({"SCAN", "0", "COUNT", "x"}), not_an_integer);
  EXPECT_EQ(Run({"SCAN", "0", "COUNT", "9223372036854775808"}), not_an_integer);
  EXPECT_EQ(Run({"SCAN", "0", "MATCH", "*", "FOO", "BAR"}), syntax);
  EXPECT_EQ(Run({"SCAN", "x", "FOO"}), "-ERR invalid cursor\r\n");
}

TEST_F(KeyWalkCommandsTest, RandomKeyReachesEveryKey) {
  for (absl::string_view key : {"a", "b", "c", "d"}) bench_.SetString(key, "v");
  std::set<std::string> seen;
  for (int i = 0; i < 400; ++i) seen.insert(Run({"RANDOMKEY"}));
  EXPECT_EQ(seen.size(), 4u);
}

}  // namespace
}  // namespace damselfly
