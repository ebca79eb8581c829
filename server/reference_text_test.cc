#include "server/reference_text.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(ReferenceText, TheCommittedFileIsWhatTheTablesSay) {
  std::ifstream file(absl::StrCat(std::getenv("TEST_SRCDIR"), "/", std::getenv("TEST_WORKSPACE"),
                                  "/server/REFERENCE.md"));
  const std::string committed((std::istreambuf_iterator<char>(file)), {});
  EXPECT_TRUE(committed == ReferenceText())
      << "server/REFERENCE.md is out of date: tools/bazel run //server:reference > "
         "server/REFERENCE.md";
}

TEST(ReferenceText, ShowsArgumentsAsRedisManualDoes) {
  const std::string text = ReferenceText();
  EXPECT_TRUE(absl::StrContains(text, "| `DEL key [key ...]` |")) << text;
  EXPECT_TRUE(absl::StrContains(text, "| `GETEX key [EX seconds \\| PX milliseconds")) << text;
  EXPECT_TRUE(absl::StrContains(text, "| `CONFIG GET parameter [parameter ...]` |")) << text;
}

}  // namespace
}  // namespace damselfly
