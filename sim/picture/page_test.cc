#include "sim/picture/page.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "sim/picture/page_template.h"
#include "sim/picture/recorder.h"
#include "sim/picture/script_json.h"
#include "sim/sweep/seed_run.h"

namespace damselfly::sim {
namespace {

// What stands between the tags of the data.
std::string DataOf(absl::string_view page) {
  const absl::string_view open = "<script type=\"application/json\" id=\"run\">";
  const size_t begin = page.find(open) + open.size();
  return std::string(page.substr(begin, page.find("</script>", begin) - begin));
}

TEST(ScriptJsonTest, CommasStandWhereTheyBelong) {
  std::string text;
  ScriptJson json(&text);
  json.Begin('{').Key("a").Begin('[').Number(1).Number(-2).Begin('[').End(']').End(']');
  json.Key("b").Bool(true).Key("c").String("x").Key("d").Begin('{').End('}').End('}');
  EXPECT_EQ(R"({"a":[1,-2,[]],"b":true,"c":"x","d":{}})", text);
}

TEST(ScriptJsonTest, NoByteLeavesTheString) {
  std::string text;
  ScriptJson(&text).String("</script><!-- & \" \\ \n \x7f \xe2\x80\xa8");
  EXPECT_EQ(
      "\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\\" \\\\ \\u000a \\u007f \\u00e2\\u0080\\u00a8\"",
      text);
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::string escaped;
  ScriptJson(&escaped).String(all);
  for (const char c : escaped) {
    EXPECT_GE(c, ' ');
    EXPECT_LE(c, '~');
    EXPECT_NE('<', c);
    EXPECT_NE('>', c);
    EXPECT_NE('&', c);
  }
}

TEST(PicturePageTest, TemplateHoldsOnePlaceForTheDataAndNeedsNothingFromOutside) {
  const absl::string_view page = PageTemplate();
  EXPECT_EQ(2u, std::vector<std::string>(absl::StrSplit(page, kDataPlace)).size());
  EXPECT_FALSE(absl::StrContains(page, "@STYLE@"));
  EXPECT_FALSE(absl::StrContains(page, "@SCRIPT@"));
  EXPECT_FALSE(absl::StrContains(page, "://"));
  EXPECT_FALSE(absl::StrContains(page, "src="));
  EXPECT_FALSE(absl::StrContains(page, "href="));
  EXPECT_FALSE(absl::StrContains(page, "innerHTML"));
}

TEST(PicturePageTest, HostileBytesStayInsideTheData) {
  const std::string hostile = "</script><script>alert(1)</script><!--@DATA@";
  PictureRecorder recorder;
  TraceNote host;
  host.kind = TraceNote::Kind::kHost;
  host.host = 0;
  host.name = hostile;
  host.text = hostile;
  recorder.OnNote(host);
  recorder.OnEvent(1, 0, TraceKind::kRead, 2, absl::StrCat("+", hostile, "\r\n"));
  recorder.OnEvent(2, 0, TraceKind::kLog, 0, hostile);
  RunResult result;
  result.failed = true;
  result.message = result.plan = hostile;
  PictureHead head;
  head.scenario = head.command = head.mutant = hostile;
  const std::string page = PicturePage(recorder.recording(), result, head);
  const std::string data = DataOf(page);
  EXPECT_EQ('{', data.front());
  EXPECT_EQ('}', data.back());
  EXPECT_FALSE(absl::StrContains(page, "alert(1)</"));
  EXPECT_FALSE(absl::StrContains(page, "<!--"));
  // The data's script, and the page's own.
  EXPECT_EQ(3u, std::vector<std::string>(absl::StrSplit(page, "</script>")).size());
}

TEST(PicturePageTest, HeadTellsWhatRunItIs) {
  RunResult result;
  result.seed = 18446744073709551615u;
  result.hash = 0xabc;
  result.failed = true;
  result.first_oracle = Oracle::kOneOwner;
  result.message = "two at once";
  result.virtual_ns = 123456789;
  PictureHead head;
  head.scenario = "x.textproto";
  head.mutant = "canary";
  const std::string data = DataOf(PicturePage(Recording(), result, head));
  for (const char* part :
       {R"("scenario":"x.textproto")", R"("mutant":"canary")", R"("seed":"18446744073709551615")",
        R"("hash":"0000000000000abc")", R"("end_ns":123456789)", R"("failed":true)",
        R"("oracle":"S1 one owner")", R"("message":"two at once")"}) {
    EXPECT_TRUE(absl::StrContains(data, part)) << part;
  }
}

TEST(PicturePageTest, WhatAReadRepeatsStandsThereOnce) {
  PictureRecorder recorder;
  recorder.OnEvent(1, 0, TraceKind::kWrite, uint64_t{7} << 32 | 5, {});
  TraceNote note;
  note.kind = TraceNote::Kind::kWritten;
  note.host = 0;
  note.number = 7 << 1;
  note.text = "+OK\r\n";
  recorder.OnNote(note);
  recorder.OnEvent(2, 1, TraceKind::kRead, 7 << 1 | 1, "+OK\r\n");
  const std::string data = DataOf(PicturePage(recorder.recording(), RunResult(), PictureHead()));
  EXPECT_TRUE(
      absl::StrContains(data, R"("events":[[1,0,3,7,5,"OK","+OK\\r\\n"],[2,1,2,7,5,"",""]])"))
      << data;
  EXPECT_TRUE(absl::StrContains(data, R"("links":[[0,1]])")) << data;
}

TEST(PicturePageTest, PageOfAWholeRunIsOfAReasonableSize) {
  PictureRecorder recorder;
  RunOptions options;
  options.observer = &recorder;
  const RunResult result = RunSeed(1, options);
  const std::string page = PicturePage(recorder.recording(), result, PictureHead());
  EXPECT_LT(page.size(), 16'000'000u);
  EXPECT_TRUE(absl::EndsWith(page, "</html>\n\n") || absl::EndsWith(page, "</html>\n"));
}

}  // namespace
}  // namespace damselfly::sim
