#include "server/session/slow_log.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(SlowLog, GivesTheNewestFirst) {
  SlowLog log;
  for (int i = 0; i < 3; ++i) log.Add(100 + i, 20 + i, {"get", "a"}, "1.2.3.4:5", "name", 10);
  const auto newest = log.Newest(2);
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0].id, 2);
  EXPECT_EQ(newest[0].unix_seconds, 102);
  EXPECT_EQ(newest[0].duration_us, 22);
  EXPECT_EQ(newest[0].client_address, "1.2.3.4:5");
  EXPECT_EQ(newest[0].client_name, "name");
  EXPECT_EQ(newest[1].id, 1);
  EXPECT_EQ(log.Newest(-1).size(), 3u);
  EXPECT_EQ(log.Newest(0).size(), 0u);
}

TEST(SlowLog, DropsTheOldestBeyondItsLength) {
  SlowLog log;
  for (int i = 0; i < 5; ++i) log.Add(0, i, {"ping"}, "", "", 3);
  EXPECT_EQ(log.size(), 3);
  EXPECT_EQ(log.Newest(-1).back().id, 2);
  log.Add(0, 5, {"ping"}, "", "", 0);
  EXPECT_EQ(log.size(), 0);
}

TEST(SlowLog, IdsGoOnAfterAReset) {
  SlowLog log;
  log.Add(0, 1, {"ping"}, "", "", 10);
  log.Reset();
  EXPECT_EQ(log.size(), 0);
  log.Add(0, 1, {"ping"}, "", "", 10);
  EXPECT_EQ(log.Newest(1)[0].id, 1);
}

TEST(SlowLog, LongArgumentsAndManyArgumentsAreCut) {
  SlowLog log;
  const std::string large(SlowLog::kArgumentBytesMax + 7, 'x');
  std::vector<absl::string_view> args(40, "a");
  args[0] = large;
  log.Add(0, 1, args, "", "", 10);
  const std::vector<std::string> kept = log.Newest(1)[0].args;
  ASSERT_EQ(kept.size(), SlowLog::kArgumentsMax);
  EXPECT_EQ(kept[0],
            absl::StrCat(std::string(SlowLog::kArgumentBytesMax, 'x'), "... (7 more bytes)"));
  EXPECT_EQ(kept.back(), "... (9 more arguments)");
}

}  // namespace
}  // namespace damselfly
