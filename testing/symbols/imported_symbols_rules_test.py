"""Each rule of imported_symbols.py, on names that it must know."""

import unittest

from imported_symbols import is_allowed

STORE = "bazel-out/bin/server/store/libstore.a"


class ImportedSymbolsTest(unittest.TestCase):

    def test_what_sees_the_machine_is_refused(self):
        for symbol in ("clock_gettime", "gettimeofday", "time", "getrandom", "rand", "getenv", "pthread_create", "socket",
                       "open", "fopen", "read", "usleep", "nanosleep", "getpid", "fork", "gethostname", "sysconf",
                       "std::chrono::_V2::steady_clock::now()", "std::random_device::_M_getval()",
                       "std::thread::_M_start_thread(std::unique_ptr<std::thread::_State>, void (*)())",
                       "std::basic_ofstream<char, std::char_traits<char> >::basic_ofstream()",
                       "std::condition_variable::wait(std::unique_lock<std::mutex>&)",
                       "absl::debian3::Now()", "std::cerr"):
            self.assertFalse(is_allowed(STORE, symbol), symbol)

    def test_what_is_a_function_of_its_arguments_is_not(self):
        for symbol in ("memcpy", "malloc", "pow", "pthread_mutex_lock", "__cxa_throw", "damselfly::Store::Find(int)",
                       "std::__throw_length_error(char const*)", "vtable for std::exception",
                       "google::protobuf::Message::CopyFrom(google::protobuf::Message const&)"):
            self.assertTrue(is_allowed(STORE, symbol), symbol)

    def test_an_exception_holds_where_it_was_made(self):
        self.assertTrue(is_allowed("bin/server/base/libspinlock.a", "syscall"))
        self.assertFalse(is_allowed(STORE, "syscall"))


if __name__ == "__main__":
    unittest.main()
