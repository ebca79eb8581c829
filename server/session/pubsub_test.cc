#include "server/session/pubsub.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/session/subscription_set.h"

namespace damselfly {
namespace {

constexpr SubscriptionKind kChannel = SubscriptionKind::kChannel;
constexpr SubscriptionKind kPattern = SubscriptionKind::kPattern;
constexpr SubscriptionKind kShardChannel = SubscriptionKind::kShardChannel;

std::vector<int> WorkersOf(const PubSub::Route& route) {
  return std::vector<int>(route.workers.begin(), route.workers.end());
}

TEST(PubSub, FindsNobodyWhereNobodyIsSubscribed) {
  PubSub pubsub(2);
  pubsub.Add(kChannel, "other", 0);
  pubsub.Add(kPattern, "p*", 0);
  const PubSub::Route route = pubsub.Find(kChannel, "c");
  EXPECT_EQ(route.receivers, 0);
  EXPECT_TRUE(route.workers.empty());
  EXPECT_TRUE(route.patterns.empty());
}

TEST(PubSub, CountsEverySubscriptionAndNamesTheWorkersInOrder) {
  PubSub pubsub(4);
  pubsub.Add(kChannel, "c", 3);
  pubsub.Add(kChannel, "c", 1);
  pubsub.Add(kChannel, "c", 1);
  pubsub.Add(kPattern, "c*", 0);
  pubsub.Add(kPattern, "?", 3);
  pubsub.Add(kPattern, "d", 2);
  const PubSub::Route route = pubsub.Find(kChannel, "c");
  EXPECT_EQ(route.receivers, 5);
  EXPECT_EQ(WorkersOf(route), (std::vector<int>{0, 1, 3}));
  ASSERT_EQ(route.patterns.size(), 2u);
  EXPECT_EQ(*route.patterns[0], "?");
  EXPECT_EQ(*route.patterns[1], "c*");
  EXPECT_EQ(pubsub.SubscriberCount(kChannel, "c"), 3);
}

TEST(PubSub, ShardChannelsAreApartAndPatternsDoNotMatchThem) {
  PubSub pubsub(1);
  pubsub.Add(kChannel, "c", 0);
  pubsub.Add(kPattern, "*", 0);
  EXPECT_EQ(pubsub.Find(kShardChannel, "c").receivers, 0);
  pubsub.Add(kShardChannel, "c", 0);
  EXPECT_EQ(pubsub.Find(kShardChannel, "c").receivers, 1);
  EXPECT_EQ(pubsub.Find(kChannel, "c").receivers, 2);
  EXPECT_EQ(pubsub.NameCount(kChannel), 1);
  EXPECT_EQ(pubsub.NameCount(kPattern), 1);
  EXPECT_EQ(pubsub.NameCount(kShardChannel), 1);
}

TEST(PubSub, ALaterSubscriptionHasAGreaterNumberThanThePublicationBeforeIt) {
  PubSub pubsub(1);
  const uint64_t first = pubsub.Add(kChannel, "c", 0);
  const uint64_t first_pattern = pubsub.Add(kPattern, "c", 0);
  const PubSub::Route route = pubsub.Find(kChannel, "c");
  EXPECT_LE(first, route.channel_number);
  EXPECT_LE(first_pattern, route.pattern_number);
  EXPECT_GT(pubsub.Add(kChannel, "c", 0), route.channel_number);
  EXPECT_GT(pubsub.Add(kPattern, "*", 0), route.pattern_number);
}

TEST(PubSub, NumbersDoNotBeginAnewWhenTheLastSubscriberHasGone) {
  PubSub pubsub(1);
  for (SubscriptionKind kind : {kChannel, kPattern, kShardChannel}) {
    const uint64_t first = pubsub.Add(kind, "c", 0);
    pubsub.Remove(kind, "c", 0);
    EXPECT_EQ(pubsub.NameCount(kind), 0);
    EXPECT_GT(pubsub.Add(kind, "c", 0), first);
  }
}

TEST(PubSub, AWorkerWithoutSubscribersLeftIsNotNamed) {
  PubSub pubsub(2);
  pubsub.Add(kChannel, "c", 0);
  pubsub.Add(kChannel, "c", 1);
  pubsub.Remove(kChannel, "c", 0);
  EXPECT_EQ(WorkersOf(pubsub.Find(kChannel, "c")), std::vector<int>{1});
  pubsub.Remove(kChannel, "c", 1);
  EXPECT_TRUE(pubsub.Channels(kChannel, nullptr).empty());
}

TEST(PubSub, ListsChannelsInTheOrderOfTheirBytes) {
  PubSub pubsub(1);
  std::vector<std::string> names;
  for (char c = 'a'; c <= 'z'; ++c) names.push_back(std::string("news.") + c);
  for (auto name = names.rbegin(); name != names.rend(); ++name) pubsub.Add(kChannel, *name, 0);
  pubsub.Add(kChannel, "z", 0);
  const Glob filter("news.*");
  EXPECT_EQ(pubsub.Channels(kChannel, &filter), names);
  EXPECT_EQ(pubsub.Channels(kChannel, nullptr).size(), names.size() + 1);
}

TEST(SubscriptionSet, KnowsNamesByKindWithTheirNumbers) {
  SubscriptionSet set;
  EXPECT_EQ(set.Remove(kChannel, "c"), 0u);
  set.Add(kChannel, "c", 7);
  set.Add(kChannel, "a", 8);
  set.Add(kPattern, "c", 9);
  EXPECT_TRUE(set.Has(kChannel, "c"));
  EXPECT_FALSE(set.Has(kShardChannel, "c"));
  EXPECT_EQ(set.Names(kChannel), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(set.total_count(), 3);
  EXPECT_GT(set.memory_bytes(), 3u);
  EXPECT_EQ(set.Remove(kChannel, "c"), 7u);
  EXPECT_EQ(set.Remove(kChannel, "a"), 8u);
  EXPECT_EQ(set.Remove(kPattern, "c"), 9u);
  EXPECT_EQ(set.memory_bytes(), 0u);
}

}  // namespace
}  // namespace damselfly
