#ifndef DAMSELFLY_SERVER_POSIX_HELPER_THREAD_H_
#define DAMSELFLY_SERVER_POSIX_HELPER_THREAD_H_

#include <functional>
#include <thread>

namespace damselfly::posix {

// A thread beside the loops', to which no signal is ever delivered: signals are for those who watch
// for them, and a thread that did not hold them back would have the process ended. Any thread.
std::thread StartHelperThread(std::function<void()> work);

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_HELPER_THREAD_H_
