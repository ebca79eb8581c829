#ifndef DAMSELFLY_SERVER_POSIX_TEST_WAIT_H_
#define DAMSELFLY_SERVER_POSIX_TEST_WAIT_H_

#include <chrono>
#include <functional>
#include <thread>

namespace damselfly::posix {

// Looks again and again for ten seconds whether the condition holds.
inline bool WithinSeconds(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_TEST_WAIT_H_
