#include "server/posix/helper_thread.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

#include "server/base/check.h"

namespace damselfly::posix {

std::thread StartHelperThread(std::function<void()> work) {
  // Whoever is started inherits the mask.
  sigset_t all, before;
  sigfillset(&all);
  DFLY_CHECK_EQ(pthread_sigmask(SIG_SETMASK, &all, &before), 0);
  std::thread thread(std::move(work));
  DFLY_CHECK_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
  return thread;
}

}  // namespace damselfly::posix
