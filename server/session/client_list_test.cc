#include "server/session/client_list.h"

#include <memory>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

std::unique_ptr<ClientInfo> MakeInfo() {
  auto info = std::make_unique<ClientInfo>();
  info->id = 7;
  info->created_ms = 10'000;
  info->address = "127.0.0.1:5000";
  info->local_address = "127.0.0.1:6379";
  info->descriptor = 9;
  info->last_interaction_ms = 14'500;
  return info;
}

TEST(ClientList, ShowsAConnectionInRedisFieldsAndOrder) {
  auto info = MakeInfo();
  info->name = "worker-1";
  info->library_name = "redis-py";
  info->library_version = "5.0";
  EXPECT_EQ(FormatClient(*info, 16'000),
            "id=7 addr=127.0.0.1:5000 laddr=127.0.0.1:6379 fd=9 name=worker-1 age=6 idle=1 flags=N "
            "db=0 sub=0 psub=0 "
            "ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 "
            "omem=0 tot-mem=0 "
            "events=r cmd=NULL user=default redir=-1 resp=2 lib-name=redis-py lib-ver=5.0\n");
}

TEST(ClientList, AClockThatStepsBackGivesNoNegativeAge) {
  auto info = MakeInfo();
  const std::string line = FormatClient(*info, 0);
  EXPECT_NE(line.find(" age=0 idle=0 "), std::string::npos) << line;
}

TEST(ClientList, UnsentOutputShowsAsWaitingToWrite) {
  auto info = MakeInfo();
  info->output_bytes = 10;
  info->output_memory_bytes = 64;
  const std::string line = FormatClient(*info, 20'000);
  EXPECT_NE(line.find(" rbs=64 rbp=64 obl=10 oll=0 omem=64 "), std::string::npos) << line;
  EXPECT_NE(line.find(" events=rw "), std::string::npos) << line;
}

TEST(ClientList, FlagLettersFollowRedisOrder) {
  auto info = MakeInfo();
  EXPECT_EQ(ClientFlagLetters(*info), "N");
  info->SetFlag(ClientInfo::kNoEvict, true);
  info->SetFlag(ClientInfo::kMulti, true);
  info->SetFlag(ClientInfo::kMonitor, true);
  info->SetFlag(ClientInfo::kPaused, true);
  EXPECT_EQ(ClientFlagLetters(*info), "Oxbe");
}

TEST(ClientList, TheLinkToTheMasterIsOfATypeOfItsOwn) {
  auto info = std::make_unique<ClientInfo>();
  EXPECT_EQ(TypeOf(*info), ClientType::kNormal);
  info->SetFlag(ClientInfo::kMaster, true);
  EXPECT_EQ(TypeOf(*info), ClientType::kMaster);
  EXPECT_EQ(ClientFlagLetters(*info), "M");
}

TEST(ClientList, KnowsTheTypesByTheirNames) {
  ClientType type = ClientType::kNormal;
  EXPECT_TRUE(ParseClientType("PubSub", &type));
  EXPECT_EQ(type, ClientType::kPubSub);
  EXPECT_TRUE(ParseClientType("slave", &type));
  EXPECT_EQ(type, ClientType::kReplica);
  EXPECT_TRUE(ParseClientType("REPLICA", &type));
  EXPECT_EQ(type, ClientType::kReplica);
  EXPECT_FALSE(ParseClientType("", &type));
  EXPECT_FALSE(ParseClientType("norma", &type));
}

}  // namespace
}  // namespace damselfly
