#include "server/reference_text.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

std::string Runfile(absl::string_view path) {
  return absl::StrCat(std::getenv("TEST_SRCDIR"), "/", std::getenv("TEST_WORKSPACE"), "/", path);
}

std::string OutputOf(const std::string& program) {
  FILE* pipe = popen(program.c_str(), "r");
  std::string output;
  char buffer[4096];
  while (const size_t count = fread(buffer, 1, sizeof(buffer), pipe)) output.append(buffer, count);
  EXPECT_EQ(pclose(pipe), 0);
  return output;
}

TEST(ReferenceText, TheCommittedFileIsWhatTheProgramPrints) {
  std::ifstream file(Runfile("server/REFERENCE.md"));
  const std::string committed((std::istreambuf_iterator<char>(file)), {});
  EXPECT_TRUE(committed == OutputOf(Runfile("server/reference")))
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
