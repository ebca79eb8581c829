#include "server/resp/reply_writer.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/base/blob.h"
#include "server/resp/output_buffer.h"

namespace damselfly {
namespace {

std::string Written(int protocol, const std::function<void(ReplyWriter*)>& write) {
  OutputBuffer buffer;
  ReplyWriter writer(&buffer);
  writer.set_protocol(protocol);
  write(&writer);
  return buffer.ToString();
}

void ExpectWritten(const std::function<void(ReplyWriter*)>& write, absl::string_view resp2,
                   absl::string_view resp3) {
  EXPECT_EQ(Written(2, write), resp2);
  EXPECT_EQ(Written(3, write), resp3);
}

void ExpectSame(const std::function<void(ReplyWriter*)>& write, absl::string_view wire) {
  ExpectWritten(write, wire, wire);
}

TEST(ReplyWriter, WritesTheTypesOfBothProtocols) {
  ExpectSame([](ReplyWriter* w) { w->Ok(); }, "+OK\r\n");
  ExpectSame([](ReplyWriter* w) { w->Pong(); }, "+PONG\r\n");
  ExpectSame([](ReplyWriter* w) { w->Queued(); }, "+QUEUED\r\n");
  ExpectSame([](ReplyWriter* w) { w->SimpleString("string"); }, "+string\r\n");
  ExpectSame([](ReplyWriter* w) { w->BulkInteger(-17); }, "$3\r\n-17\r\n");
  ExpectSame([](ReplyWriter* w) { w->BulkDouble(0.1); }, "$19\r\n0.10000000000000001\r\n");
  ExpectSame([](ReplyWriter* w) { w->Array(3); }, "*3\r\n");
  ExpectSame([](ReplyWriter* w) { w->Array(1234567); }, "*1234567\r\n");
  ExpectSame([](ReplyWriter* w) { w->Raw(":1\r\n:2\r\n"); }, ":1\r\n:2\r\n");
}

TEST(ReplyWriter, WritesIntegersOfAllSizes) {
  for (int64_t value : {int64_t{0}, int64_t{9}, int64_t{10}, int64_t{-1}, int64_t{123456},
                        std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    ExpectSame([value](ReplyWriter* w) { w->Integer(value); }, absl::StrCat(":", value, "\r\n"));
  }
}

TEST(ReplyWriter, WritesBulksOfAllSizes) {
  for (size_t size : {0, 1, 9, 10, 11, 99, 100, 101, 1000, 100000}) {
    const std::string bytes(size, 'x');
    const std::string wire = absl::StrCat("$", size, "\r\n", bytes, "\r\n");
    ExpectSame([&](ReplyWriter* w) { w->Bulk(bytes); }, wire);
    ExpectSame([&](ReplyWriter* w) { w->Bulk(Blob::Copy("<" + bytes + ">"), 1, size); }, wire);
  }
}

TEST(ReplyWriter, FallsBackToWhatResp2Has) {
  ExpectWritten([](ReplyWriter* w) { w->Null(); }, "$-1\r\n", "_\r\n");
  ExpectWritten([](ReplyWriter* w) { w->NullArray(); }, "*-1\r\n", "_\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Map(2); }, "*4\r\n", "%2\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Set(2); }, "*2\r\n", "~2\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Push(2); }, "*2\r\n", ">2\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Bool(true); }, ":1\r\n", "#t\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Bool(false); }, ":0\r\n", "#f\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Double(1.5); }, "$3\r\n1.5\r\n", ",1.5\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Double(INFINITY); }, "$3\r\ninf\r\n", ",inf\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Double(-INFINITY); }, "$4\r\n-inf\r\n", ",-inf\r\n");
  ExpectWritten([](ReplyWriter* w) { w->HumanLongDouble(3.25L); }, "$4\r\n3.25\r\n", ",3.25\r\n");
  ExpectWritten([](ReplyWriter* w) { w->BigNumber("12345678901234567890"); },
                "$20\r\n12345678901234567890\r\n", "(12345678901234567890\r\n");
  ExpectWritten([](ReplyWriter* w) { w->Verbatim("txt", "hi"); }, "$2\r\nhi\r\n",
                "=6\r\ntxt:hi\r\n");
  EXPECT_EQ(Written(3, [](ReplyWriter* w) { w->Attribute(1); }), "|1\r\n");
}

TEST(ReplyWriter, KeepsErrorsOnOneLine) {
  ExpectSame([](ReplyWriter* w) { w->Error("ERR syntax error"); }, "-ERR syntax error\r\n");
  ExpectSame([](ReplyWriter* w) { w->Error("\r\nERR a\r\nb\n\n"); }, "-ERR a  b\r\n");
  ExpectSame([](ReplyWriter* w) { w->Error("ERR expected '$', got '\r'"); },
             "-ERR expected '$', got ' '\r\n");
  ExpectSame([](ReplyWriter* w) { w->Error(""); }, "-\r\n");
}

TEST(ReplyWriter, CountsErrorsByTheirCode) {
  OutputBuffer buffer;
  ReplyWriter writer(&buffer);
  EXPECT_EQ(writer.error_count(), 0u);
  writer.Error("WRONGTYPE Operation against a key");
  EXPECT_EQ(writer.last_error_code(), "WRONGTYPE");
  writer.Error("NOSPACE");
  EXPECT_EQ(writer.last_error_code(), "ERR");
  writer.Error(std::string(30, 'X') + " y");
  EXPECT_EQ(writer.last_error_code(), std::string(30, 'X'));
  writer.Error(std::string(31, 'X') + " y");
  EXPECT_EQ(writer.last_error_code(), "ERR");
  EXPECT_EQ(writer.error_count(), 4u);
}

TEST(ReplyWriter, AggregatesMayBeCountedAfterTheirElements) {
  const auto write = [](ReplyWriter* w) {
    w->Ok();
    const ReplyWriter::Deferred outer = w->Defer();
    for (int i = 0; i < 12; ++i) {
      const ReplyWriter::Deferred inner = w->Defer();
      w->Integer(i);
      w->CloseSet(inner, 1);
    }
    w->CloseArray(outer, 12);
    const ReplyWriter::Deferred map = w->Defer();
    w->CloseMap(map, 0);
    const ReplyWriter::Deferred push = w->Defer();
    w->Ok();
    w->ClosePush(push, 1);
  };
  std::string resp2 = "+OK\r\n*12\r\n", resp3 = resp2;
  for (int i = 0; i < 12; ++i) {
    absl::StrAppend(&resp2, "*1\r\n:", i, "\r\n");
    absl::StrAppend(&resp3, "~1\r\n:", i, "\r\n");
  }
  ExpectWritten(write, resp2 + "*0\r\n*1\r\n+OK\r\n", resp3 + "%0\r\n>1\r\n+OK\r\n");
}

TEST(ReplyWriter, LargeBlobsAreSplicedNotCopied) {
  BlobRef blob = Blob::Copy(std::string(100000, 'x'));
  OutputBuffer buffer;
  ReplyWriter writer(&buffer);
  writer.Bulk(blob, 0, 100000);
  EXPECT_FALSE(blob->unique());
  absl::string_view pieces[4];
  ASSERT_EQ(buffer.Gather(absl::MakeSpan(pieces)), 3u);
  EXPECT_EQ(pieces[1].data(), blob->data());
  OutputBuffer aside;
  writer.set_output(&aside);
  writer.Bulk(blob, 0, 100);
  EXPECT_EQ(aside.size(), 100u + 8);
}

}  // namespace
}  // namespace damselfly
