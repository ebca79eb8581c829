#include "server/resp/request_writer.h"

#include <string>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(AppendCommand, WritesAnArrayOfBulkStrings) {
  std::string out = "x";
  AppendCommand(&out, {"SET", "key", ""});
  EXPECT_EQ(out, "x*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n");
  EXPECT_EQ(MakeCommand({"PING"}), "*1\r\n$4\r\nPING\r\n");
}

}  // namespace
}  // namespace damselfly
