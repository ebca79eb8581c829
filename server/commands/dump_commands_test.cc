#include "server/commands/dump_commands.h"

#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/commands/key_commands.h"
#include "server/commands/object_commands.h"
#include "server/commands/testing/string_bench.h"
#include "server/store/recording_sink.h"
#include "server/values/dump_payload.h"

namespace damselfly {
namespace {

using testing::ElementsAre;

constexpr char kBadSum[] = "-ERR DUMP payload version or checksum are wrong\r\n";
constexpr char kBadFormat[] = "-ERR Bad data format\r\n";
constexpr char kBusy[] = "-BUSYKEY Target key name already exists.\r\n";
// DUMP of "10", by redis-server 7.0.
const std::string kTen = absl::HexStringToBytes("00c00a0a006e9f57450eae63bb");

std::string PayloadOf(absl::string_view hex) {
  std::string bytes = absl::HexStringToBytes(hex);
  AppendDumpFooter(&bytes);
  return bytes;
}

class DumpTest : public testing::Test {
 protected:
  CommandBench bench_{{DumpCommands(), StringCommands(), KeyCommands(), ObjectCommands()}};
};

TEST_F(DumpTest, StringsAreDumpedAsRedisDoes) {
  bench_.SetString("number", "10");
  bench_.SetString("long", std::string(100, 'a'));
  EXPECT_EQ(bench_.Run({"DUMP", "number"}), Bulk(kTen));
  EXPECT_EQ(bench_.Run({"DUMP", "long"}),
            Bulk(absl::HexStringToBytes("00c3094064016161e057000161610a00e8a3b507b06df271")));
  EXPECT_EQ(bench_.Run({"DUMP", "missing"}), kNull);
}

TEST_F(DumpTest, StringsComeBackAsTheyWere) {
  for (const std::string& value :
       {std::string(), std::string("text"), std::string("-123"), std::string("9223372036854775807"),
        std::string(5000, 'x'), std::string("\0\xff\r\n", 4)}) {
    bench_.SetString("from", value);
    std::string payload = bench_.Run({"DUMP", "from"});
    payload = payload.substr(payload.find("\r\n") + 2);
    payload.resize(payload.size() - 2);
    EXPECT_EQ(bench_.Run({"RESTORE", "to", "0", payload, "REPLACE"}), kOk);
    EXPECT_EQ(bench_.GetString("to"), value);
    EXPECT_EQ(bench_.Run({"OBJECT", "ENCODING", "to"}), bench_.Run({"OBJECT", "ENCODING", "from"}));
  }
}

TEST_F(DumpTest, RestoreDoesNotReplaceUnlessToldTo) {
  bench_.SetString("k", "old");
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "0", kTen}), kBusy);
  EXPECT_EQ(bench_.GetString("k"), "old");
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "0", kTen, "replace"}), kOk);
  EXPECT_EQ(bench_.GetString("k"), "10");
}

TEST_F(DumpTest, TheTimeToLiveIsRelativeOrADeadline) {
  const auto deadline_of = [&](absl::string_view key) {
    Database db = bench_.database();
    const Key located = bench_.store().MakeKey(key);
    bench_.store().Lock(located.slot);
    const Entry* entry = db.Find(located);
    const int64_t deadline = entry == nullptr ? 0 : entry->expiry_ms();
    bench_.store().Unlock(located.slot);
    return deadline;
  };
  bench_.Run({"RESTORE", "none", "0", kTen});
  EXPECT_EQ(deadline_of("none"), Entry::kNoExpiry);
  bench_.Run({"RESTORE", "relative", "5000", kTen});
  EXPECT_EQ(deadline_of("relative"), bench_.now_ms + 5000);
  const std::string at = absl::StrCat(bench_.now_ms + 7);
  bench_.Run({"RESTORE", "absolute", at, kTen, "ABSTTL"});
  EXPECT_EQ(deadline_of("absolute"), bench_.now_ms + 7);
  // The deadline of what is replaced does not stay.
  bench_.Run({"RESTORE", "absolute", "0", kTen, "REPLACE"});
  EXPECT_EQ(deadline_of("absolute"), Entry::kNoExpiry);
}

TEST_F(DumpTest, WhatHasExpiredIsNotCreatedButStillReplaces) {
  EXPECT_EQ(bench_.Run({"RESTORE", "new", "1", kTen, "ABSTTL"}), kOk);
  EXPECT_EQ(bench_.GetString("new"), "(none)");
  bench_.SetString("k", "old");
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "1", kTen, "ABSTTL", "REPLACE"}), kOk);
  EXPECT_EQ(bench_.GetString("k"), "(none)");
  EXPECT_EQ(bench_.Run({"RESTORE", "far", "9223372036854775807", kTen}), kOk);
  EXPECT_EQ(bench_.GetString("far"), "(none)");
}

TEST_F(DumpTest, ArgumentsAreCheckedInRedissOrder) {
  bench_.SetString("k", "old");
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "-1", "junk", "NOSUCH"}), kSyntaxError);
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "x", "junk", "IDLETIME", "x"}), kNotAnInteger);
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "x", "junk", "IDLETIME", "-1"}),
            "-ERR Invalid IDLETIME value, must be >= 0\r\n");
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "x", "junk", "FREQ", "256"}),
            "-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n");
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "x", "junk", "FREQ", "1", "IDLETIME", "1"}), kSyntaxError);
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "x", "junk", "FREQ"}), kSyntaxError);
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "x", "junk"}), kBusy);
  EXPECT_EQ(bench_.Run({"RESTORE", "new", "x", "junk"}), kNotAnInteger);
  EXPECT_EQ(bench_.Run({"RESTORE", "new", "-1", "junk"}),
            "-ERR Invalid TTL value, must be >= 0\r\n");
  EXPECT_EQ(bench_.Run({"RESTORE", "new", "0", "junk"}), kBadSum);
  EXPECT_EQ(bench_.Run({"RESTORE", "new", "0", kTen, "FREQ", "255", "REPLACE"}), kOk);
}

TEST_F(DumpTest, BytesBehindAValueAreLeftAlone) {
  EXPECT_EQ(bench_.Run({"RESTORE", "text", "0", PayloadOf("000161ff00")}), kOk);
  EXPECT_EQ(bench_.GetString("text"), "a");
  EXPECT_EQ(bench_.Run({"RESTORE", "set", "0", PayloadOf("02010161ff00")}), kOk);
  EXPECT_EQ(bench_.Run({"TYPE", "set"}), "+set\r\n");
}

TEST_F(DumpTest, PayloadsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "0", ""}), kBadSum);
  EXPECT_EQ(bench_.Run({"RESTORE", "k", "0", kTen.substr(2)}), kBadSum);
  for (absl::string_view hex : {
           "",                      // no type
           "00",                    // no string
           "0005616263",            // a string cut short
           "00c4",                  // an encoding that there is not
           "00c309406401",          // a compressed string cut short
           "00818000000000000000",  // a string of 2^63 bytes
           "07",                    // a module's value
           "ff",                    // no type at all
           "0180ffffffff",          // a list of 2^32 - 1 elements, and none there
           "02818000000000000000",  // a set of 2^63 elements
       }) {
    EXPECT_EQ(bench_.Run({"RESTORE", "k", "0", PayloadOf(hex)}), kBadFormat) << hex;
  }
  EXPECT_EQ(bench_.GetString("k"), "(none)");
}

TEST_F(DumpTest, RestoreIsToldAsTheValueItMakes) {
  RecordingSink sink;
  bench_.store().set_change_sink(&sink);
  bench_.Run({"RESTORE", "k", "0", kTen});
  bench_.Run({"RESTORE", "k", "1", kTen, "ABSTTL", "REPLACE"});
  bench_.store().set_change_sink(nullptr);
  EXPECT_THAT(sink.Take(), ElementsAre("set 0 k integer 10", "delete 0 k"));
}

}  // namespace
}  // namespace damselfly
