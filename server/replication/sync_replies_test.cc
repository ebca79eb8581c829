#include "server/replication/sync_replies.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

const char kId[] = "0123456789abcdef0123456789abcdef01234567";

// '|' ends a line.
Reply ReplyOf(absl::string_view text) {
  ReplyReader reader;
  reader.Feed(absl::StrReplaceAll(text, {{"|", "\r\n"}}));
  Reply reply;
  EXPECT_EQ(reader.Next(&reply), ReplyReader::Result::kReply);
  return reply;
}

TEST(SyncReplies, AgreementsAreRead) {
  absl::StatusOr<SyncAgreement> full =
      ParseSyncReply(ReplyOf(absl::StrCat("*4|$4|FULL|$40|", kId, "|:7|:2|")));
  ASSERT_TRUE(full.ok());
  EXPECT_FALSE(full->is_partial);
  EXPECT_EQ(full->lineage_id, kId);
  EXPECT_EQ(full->sync_id, 7);
  EXPECT_EQ(full->lane_count, 2);
  EXPECT_TRUE(
      ParseSyncReply(ReplyOf(absl::StrCat("*4|+PARTIAL|$40|", kId, "|:7|:2|")))->is_partial);
}

TEST(SyncReplies, ErrorsOfTheMasterAreQuotedAndNonsenseIsRefused) {
  EXPECT_EQ(ParseSyncReply(ReplyOf("-ERR invalid state|")).status().message(), "ERR invalid state");
  for (const std::string& reply :
       {absl::StrCat("*4|$4|HALF|$40|", kId, "|:7|:2|"), absl::StrCat("*4|$4|FULL|$1|x|:7|:2|"),
        absl::StrCat("*4|$4|FULL|$40|", kId, "|:7|:0|"),
        absl::StrCat("*4|$4|FULL|$40|", kId, "|:7|:1025|"),
        absl::StrCat("*4|$4|FULL|$40|", kId, "|:7|$1|2|"), std::string("*0|"),
        std::string("+OK|")}) {
    EXPECT_EQ(ParseSyncReply(ReplyOf(reply)).status().message(), "unexpected reply to DFLY SYNC")
        << reply;
  }
}

TEST(SyncReplies, StartsAreRead) {
  EXPECT_EQ(*ParseStartReply(ReplyOf("*2|:5|:6|"), 2), (Positions{5, 6}));
  EXPECT_FALSE(ParseStartReply(ReplyOf("*2|:5|:6|"), 3).ok());
  EXPECT_FALSE(ParseStartReply(ReplyOf("*2|:5|:-6|"), 2).ok());
  EXPECT_EQ(ParseStartReply(ReplyOf("-ERR syncid not found|"), 2).status().message(),
            "ERR syncid not found");
}

}  // namespace
}  // namespace damselfly
