#include "server/cluster/config_cache.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

std::string Json(int port) {
  return absl::StrCat(
      R"([{"slot_ranges":[{"start":0,"end":16383}],"replicas":[],"master":{"id":"a","ip":"10.0.0.1","port":)",
      port, "}}]");
}

TEST(ConfigCacheTest, ATextIsParsedOnce) {
  ConfigCache cache(3);
  const auto first = cache.Parse(Json(1));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ((*first)->shards(0).master().port(), 1u);
  EXPECT_EQ(cache.Parse(Json(1))->get(), first->get());
  const auto other = cache.Parse(Json(2));
  EXPECT_EQ((*other)->shards(0).master().port(), 2u);
  EXPECT_EQ(cache.Parse(Json(1))->get(), first->get());
}

TEST(ConfigCacheTest, KeepsTheLatestAlone) {
  ConfigCache cache(3);
  const std::weak_ptr<const ClusterConfig> first = *cache.Parse(Json(1));
  ASSERT_TRUE(cache.Parse(Json(2)).ok());
  ASSERT_TRUE(cache.Parse(Json(3)).ok());
  EXPECT_FALSE(first.expired());
  ASSERT_TRUE(cache.Parse(Json(4)).ok());
  EXPECT_TRUE(first.expired());
  EXPECT_EQ((*cache.Parse(Json(1)))->shards(0).master().port(), 1u);
}

TEST(ConfigCacheTest, SaysEachTimeWhyATextIsRefused) {
  ConfigCache cache(3);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(cache.Parse("[]").status(), ParseClusterConfig("[]").status());
}

}  // namespace
}  // namespace damselfly
