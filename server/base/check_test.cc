#include "server/base/check.h"

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

enum class Color : uint8_t { kRed = 3, kBlue = 4 };

TEST(Check, LetsATrueConditionPass) {
  DFLY_CHECK(1 + 1 == 2);
  DFLY_CHECK_EQ(2, 1 + 1);
  DFLY_CHECK_NE(2, 3);
  DFLY_CHECK_LT(2, 3);
  DFLY_CHECK_LE(3, 3);
  DFLY_CHECK_GT(3, 2);
  DFLY_CHECK_GE(3, 3);
}

TEST(Check, EvaluatesEachOperandOnce) {
  int evaluations = 0;
  DFLY_CHECK(++evaluations == 1);
  DFLY_CHECK_EQ(++evaluations, 2);
  EXPECT_EQ(evaluations, 2);
}

TEST(Check, WorksAsTheBodyOfAnIfWithoutBraces) {
  bool reached_else = false;
  if (reached_else)
    DFLY_CHECK_EQ(1, 2);
  else
    reached_else = true;
  EXPECT_TRUE(reached_else);
}

TEST(Check, AcceptsTypesThatCannotBePrintedOrCopied) {
  struct Opaque {
    Opaque() = default;
    Opaque(const Opaque&) = delete;
    bool operator==(const Opaque&) const { return true; }
  };
  DFLY_CHECK_EQ(Opaque(), Opaque());
}

TEST(Check, DcheckRunsOnlyInDebugBuilds) {
  int evaluations = 0;
  DFLY_DCHECK(++evaluations > 0);
  DFLY_DCHECK_GE(++evaluations, 0);
#ifdef NDEBUG
  EXPECT_EQ(evaluations, 0);
#else
  EXPECT_EQ(evaluations, 2);
#endif
}

int NameOf(Color color) {
  switch (color) {
    case Color::kRed:
      return 1;
    case Color::kBlue:
      return 2;
  }
  DFLY_UNREACHABLE();
}

TEST(Check, UnreachableNeedsNoReturnAfterIt) { EXPECT_EQ(NameOf(Color::kBlue), 2); }

TEST(CheckDeathTest, NamesFileLineAndCondition) {
  EXPECT_DEATH(DFLY_CHECK(1 == 2), "check_test.cc:[0-9]+: DFLY_CHECK failed: 1 == 2");
}

TEST(CheckDeathTest, ComparisonPrintsBothNumbers) {
  const int64_t used = -7;
  const uint8_t small = 9;
  EXPECT_DEATH(DFLY_CHECK_GT(used, int64_t{small}), "used > int64_t\\{small\\} \\(-7 vs. 9\\)");
  EXPECT_DEATH(DFLY_CHECK_EQ(small, 8), "small == 8 \\(9 vs. 8\\)");
}

TEST(CheckDeathTest, ComparisonPrintsStringsInQuotes) {
  const std::string key = "apple";
  const absl::string_view view = "pear";
  EXPECT_DEATH(DFLY_CHECK_EQ(key, view), "key == view \\(\"apple\" vs. \"pear\"\\)");
  EXPECT_DEATH(DFLY_CHECK_EQ(key, "fig"), "\\(\"apple\" vs. \"fig\"\\)");
}

TEST(CheckDeathTest, ComparisonPrintsBooleansEnumsAndPointers) {
  const int* const null = nullptr;
  EXPECT_DEATH(DFLY_CHECK_EQ(true, false), "\\(true vs. false\\)");
  EXPECT_DEATH(DFLY_CHECK_EQ(Color::kRed, Color::kBlue), "\\(3 vs. 4\\)");
  EXPECT_DEATH(DFLY_CHECK_NE(null, nullptr), "vs. nullptr\\)");
}

TEST(CheckDeathTest, UnreachableDies) {
  EXPECT_DEATH(NameOf(static_cast<Color>(77)), "reached a place that must not be reached");
}

}  // namespace
}  // namespace damselfly
