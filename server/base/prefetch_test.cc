#include "server/base/prefetch.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "gtest/gtest.h"

// Where the sections of the two functions begin and end, by the linker; null of one that has none,
// because nobody calls it.
extern "C" [[gnu::weak]] const uint8_t __start_only_reading[], __stop_only_reading[];
extern "C" [[gnu::weak]] const uint8_t __start_only_writing[], __stop_only_writing[];

namespace damselfly {
namespace {

// Each in a section of its own: what is found there is in this function.
[[gnu::noinline, gnu::section("only_reading")]] void PrefetchAll(const char* const* addresses,
                                                                 int count) {
  for (int i = 0; i < count; ++i) PrefetchForRead(addresses[i]);
}

[[gnu::noinline, gnu::section("only_writing")]] void PrefetchAllForWriting(
    const char* const* addresses, int count) {
  for (int i = 0; i < count; ++i) PrefetchForWrite(addresses[i]);
}

TEST(PrefetchTest, AnyAddressWillDo) {
  const char here = 0;
  const char* const addresses[] = {&here, nullptr, reinterpret_cast<const char*>(-1)};
  PrefetchAll(addresses, 3);
  PrefetchAllForWriting(addresses, 3);
}

#if defined(__x86_64__)
bool HasPrefetch(const uint8_t* begin, const uint8_t* end) {
  constexpr uint8_t kPrefetch[] = {0x0f, 0x18};
  return std::search(begin, end, std::begin(kPrefetch), std::end(kPrefetch)) != end;
}

TEST(PrefetchTest, CallsOfAFunctionThatDoesNothingElseStay) {
  EXPECT_TRUE(HasPrefetch(__start_only_reading, __stop_only_reading));
  EXPECT_TRUE(HasPrefetch(__start_only_writing, __stop_only_writing));
}
#endif

}  // namespace
}  // namespace damselfly
