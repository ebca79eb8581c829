#include "server/session/owned_request.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(OwnedRequest, OutlivesTheBytesItCameIn) {
  std::string bytes = "SETkeyvalue";
  const absl::string_view all = bytes;
  const absl::string_view args[] = {all.substr(0, 3), all.substr(3, 3), "", all.substr(6)};
  const OwnedRequest request(nullptr, args, {});
  bytes.assign(bytes.size(), '#');
  EXPECT_EQ(request.args(), (std::vector<absl::string_view>{"SET", "key", "", "value"}));
  EXPECT_TRUE(request.blobs().empty());
  EXPECT_GE(request.memory_bytes(), sizeof(OwnedRequest));
}

TEST(OwnedRequest, SharesBigArgumentsAndCopiesTheOthers) {
  const BlobRef big = Blob::Copy(std::string(50000, 'v'));
  std::string bytes = "MSETab";
  const absl::string_view all = bytes;
  const absl::string_view args[] = {all.substr(0, 4), all.substr(4, 1), big->view(),
                                    all.substr(5, 1)};
  const BlobRef blobs[] = {BlobRef(), BlobRef(), big, BlobRef()};
  const OwnedRequest request(nullptr, args, blobs);
  bytes.assign(bytes.size(), '#');
  EXPECT_EQ(request.args()[0], "MSET");
  EXPECT_EQ(request.args()[1], "a");
  EXPECT_EQ(request.args()[2].data(), big->data());
  EXPECT_EQ(request.args()[3], "b");
  ASSERT_EQ(request.blobs().size(), 4u);
  EXPECT_EQ(request.blobs()[2].get(), big.get());
  // A short value has no blob: the store keeps short ones in its own ways.
  EXPECT_FALSE(request.blobs()[1]);
  EXPECT_GT(request.memory_bytes(), 50000u);
}

}  // namespace
}  // namespace damselfly
