#include "server/admin/slowlog_commands.h"

#include <string>

#include "gtest/gtest.h"
#include "server/resp/output_buffer.h"

namespace damselfly {
namespace {

TEST(SlowlogCommands, AnEntryHasSixFields) {
  SlowLog log;
  log.Add(1700000000, 20119, {"debug", "sleep"}, "127.0.0.1:38528", "worker-1", 128);
  log.Add(1700000001, 7, {"get"}, "/tmp/socket:0", "", 128);
  OutputBuffer output;
  ReplyWriter reply(&output);
  WriteSlowLog(log.Newest(-1), reply);
  EXPECT_EQ(output.ToString(),
            "*2\r\n"
            "*6\r\n:1\r\n:1700000001\r\n:7\r\n*1\r\n$3\r\nget\r\n$13\r\n/tmp/socket:0\r\n$0\r\n\r\n"
            "*6\r\n:0\r\n:1700000000\r\n:20119\r\n*2\r\n$5\r\ndebug\r\n$5\r\nsleep\r\n"
            "$15\r\n127.0.0.1:38528\r\n$8\r\nworker-1\r\n");
}

TEST(SlowlogCommands, AnEmptyLogIsAnEmptyArray) {
  OutputBuffer output;
  ReplyWriter reply(&output);
  WriteSlowLog(SlowLog().Newest(10), reply);
  EXPECT_EQ(output.ToString(), "*0\r\n");
}

}  // namespace
}  // namespace damselfly
