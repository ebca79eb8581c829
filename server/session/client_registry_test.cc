#include "server/session/client_registry.h"

#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(ClientRegistry, GivesAscendingIdsAndNeverOneTwice) {
  ClientRegistry registry;
  ClientInfo first, second, third;
  registry.Add(&first);
  registry.Add(&second);
  EXPECT_EQ(first.id, 1u);
  EXPECT_EQ(second.id, 2u);
  registry.Remove(&second);
  registry.Add(&third);
  EXPECT_EQ(third.id, 3u);
  EXPECT_EQ(registry.size(), 2);
  registry.Remove(&first);
  registry.Remove(&third);
  EXPECT_EQ(registry.size(), 0);
}

TEST(ClientRegistry, VisitsInTheOrderOfIdsUntilTheVisitorHasEnough) {
  ClientRegistry registry;
  ClientInfo infos[4];
  for (ClientInfo& info : infos) registry.Add(&info);
  std::vector<uint64_t> seen;
  registry.ForEach([&](ClientInfo& info) {
    seen.push_back(info.id);
    return info.id < 3;
  });
  EXPECT_EQ(seen, (std::vector<uint64_t>{1, 2, 3}));
  for (ClientInfo& info : infos) registry.Remove(&info);
}

TEST(ClientRegistry, VisitsOneById) {
  ClientRegistry registry;
  ClientInfo info;
  registry.Add(&info);
  EXPECT_TRUE(registry.Visit(1, [](ClientInfo& found) { found.name = "me"; }));
  EXPECT_EQ(info.name, "me");
  EXPECT_FALSE(registry.Visit(2, [](ClientInfo&) { FAIL(); }));
  registry.Remove(&info);
  EXPECT_FALSE(registry.Visit(1, [](ClientInfo&) { FAIL(); }));
}

TEST(ClientRegistry, TakesConnectionsFromManyThreads) {
  ClientRegistry registry;
  std::vector<std::set<uint64_t>> ids(4);
  std::vector<std::thread> threads;
  for (std::set<uint64_t>& mine : ids) {
    threads.emplace_back([&registry, &mine] {
      for (int i = 0; i < 1000; ++i) {
        ClientInfo info;
        registry.Add(&info);
        mine.insert(info.id);
        registry.ForEach([](ClientInfo& any) { return any.id != 0; });
        registry.Remove(&info);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<uint64_t> all;
  for (const std::set<uint64_t>& mine : ids) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 4000u);
  EXPECT_EQ(registry.size(), 0);
}

TEST(ClientInfo, FlagsAreSetAndClearedOneByOne) {
  ClientInfo info;
  info.SetFlag(ClientInfo::kMulti, true);
  info.SetFlag(ClientInfo::kBlocked, true);
  info.SetFlag(ClientInfo::kMulti, false);
  EXPECT_FALSE(info.HasFlag(ClientInfo::kMulti));
  EXPECT_TRUE(info.HasFlag(ClientInfo::kBlocked));
}

}  // namespace
}  // namespace damselfly
