#include "sim/replication/convergence.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

Held Of(const std::string& data, int64_t expiry_ms) {
  return Held{std::make_shared<const std::string>(data), expiry_ms};
}

TEST(Convergence, EqualContentsDoNotDiffer) {
  Contents contents;
  contents[{0, "a"}] = Of("1", -1);
  contents[{3, "a"}] = Of("2", 77);
  bool only_deadlines = false;
  EXPECT_EQ(WhatDiffers(contents, contents, &only_deadlines), "");
}

TEST(Convergence, WhatIsMissingOnEitherSideDiffers) {
  Contents master;
  Contents replica;
  master[{0, "a"}] = Of("1", -1);
  replica[{0, "b"}] = Of("1", -1);
  bool only_deadlines = true;
  const std::string text = WhatDiffers(master, replica, &only_deadlines);
  EXPECT_NE(text.find("a (database 0)"), std::string::npos);
  EXPECT_NE(text.find("b (database 0)"), std::string::npos);
  EXPECT_FALSE(only_deadlines);
}

TEST(Convergence, DeadlinesAloneAreToldApart) {
  Contents master;
  Contents replica;
  master[{0, "a"}] = Of("1", 100);
  replica[{0, "a"}] = Of("1", 101);
  bool only_deadlines = false;
  EXPECT_NE(WhatDiffers(master, replica, &only_deadlines), "");
  EXPECT_TRUE(only_deadlines);
}

TEST(Convergence, OnlyWhatHasADeadlineInThePastIsOverdue) {
  Contents contents;
  contents[{0, "never"}] = Of("1", -1);
  contents[{0, "later"}] = Of("1", 100);
  EXPECT_EQ(WhatIsOverdue(contents, 100), "");
  contents[{2, "past"}] = Of("1", 99);
  const std::string text = WhatIsOverdue(contents, 100);
  EXPECT_EQ(text.find("past (database 2)"), 0u) << text;
  EXPECT_EQ(text.find("later"), std::string::npos);
}

}  // namespace
}  // namespace damselfly::sim
