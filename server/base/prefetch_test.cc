#include "server/base/prefetch.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

[[gnu::noinline]] void PrefetchAll(const char* const* addresses, int count) {
  for (int i = 0; i < count; ++i) PrefetchForRead(addresses[i]);
}

[[gnu::noinline]] void PrefetchAllForWriting(const char* const* addresses, int count) {
  for (int i = 0; i < count; ++i) PrefetchForWrite(addresses[i]);
}

TEST(PrefetchTest, AnyAddressWillDo) {
  const char here = 0;
  const char* const addresses[] = {&here, nullptr, reinterpret_cast<const char*>(-1)};
  PrefetchAll(addresses, 3);
  PrefetchAllForWriting(addresses, 3);
}

#if defined(__x86_64__)
// Whether there is a prefetch among a function's first bytes.
bool HasPrefetch(void (*function)(const char* const*, int)) {
  constexpr uint8_t kPrefetch[] = {0x0f, 0x18};
  const auto* const code = reinterpret_cast<const uint8_t*>(function);
  const auto* const end = code + 256;
  return std::search(code, end, std::begin(kPrefetch), std::end(kPrefetch)) != end;
}

TEST(PrefetchTest, ALoopThatDoesNothingElseStays) {
  EXPECT_TRUE(HasPrefetch(PrefetchAll));
  EXPECT_TRUE(HasPrefetch(PrefetchAllForWriting));
}
#endif

}  // namespace
}  // namespace damselfly
