#ifndef DAMSELFLY_SERVER_BASE_CHECK_H_
#define DAMSELFLY_SERVER_BASE_CHECK_H_

// Assertions that stay on in production.
//
//   DFLY_CHECK(index < size);         aborts with file, line and the condition if it does not hold
//   DFLY_CHECK_EQ(used, expected);    also NE, LT, LE, GT, GE: prints both values too
//   DFLY_DCHECK(IsSorted(entries));   and DFLY_DCHECK_EQ, ...: only where NDEBUG is not defined;
//   for
//                                     checks whose cost would show on the hot path
//   DFLY_UNREACHABLE();               a place that no execution may reach
//
// A check states what the programmer knows, never what a client, a peer or the disk may send: bad
// input gets an error, a broken invariant ends the process before it can damage data. Operands are
// evaluated once; DFLY_DCHECK does not evaluate them at all when it is off.
//
// The header pulls in no stream or formatting library: messages are made off the hot path.

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>

namespace damselfly::check_internal {

// Prints "file:line: DFLY_CHECK failed: condition" and, if there are any, " (details)" to stderr;
// then aborts.
[[noreturn]] [[gnu::cold]] [[gnu::noinline]] inline void Fail(const char* file, int line,
                                                              const char* condition,
                                                              std::string_view details = {}) {
  if (details.empty()) {
    std::fprintf(stderr, "%s:%d: DFLY_CHECK failed: %s\n", file, line, condition);
  } else {
    std::fprintf(stderr, "%s:%d: DFLY_CHECK failed: %s (%.*s)\n", file, line, condition,
                 static_cast<int>(details.size()), details.data());
  }
  std::fflush(stderr);
  std::abort();
}

// The value as a message shows it: numbers in decimal, strings in quotes, anything else by its
// size.
template <typename T>
std::string Describe(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
    return "nullptr";
  } else if constexpr (std::is_enum_v<T>) {
    return Describe(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(value);
  } else if constexpr (requires { std::string_view(value.data(), value.size()); }) {
    return '"' + std::string(value.data(), value.size()) + '"';
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return '"' + std::string(std::string_view(value)) + '"';
  } else if constexpr (std::is_pointer_v<T>) {
    char text[2 + 2 * sizeof(void*) + 1];
    std::snprintf(text, sizeof(text), "%p", static_cast<const void*>(value));
    return text;
  } else {
    return "a value of " + std::to_string(sizeof(T)) + " bytes";
  }
}

template <typename A, typename B>
[[noreturn]] [[gnu::cold]] [[gnu::noinline]] void FailComparison(const char* file, int line,
                                                                 const char* condition, const A& a,
                                                                 const B& b) {
  Fail(file, line, condition, Describe(a) + " vs. " + Describe(b));
}

}  // namespace damselfly::check_internal

#define DFLY_CHECK(condition)                           \
  (__builtin_expect(static_cast<bool>(condition), true) \
       ? static_cast<void>(0)                           \
       : ::damselfly::check_internal::Fail(__FILE__, __LINE__, #condition))

#define DFLY_CHECK_COMPARISON_INTERNAL(a, op, b)                                         \
  do {                                                                                   \
    const auto& dfly_check_a = (a);                                                      \
    const auto& dfly_check_b = (b);                                                      \
    if (!__builtin_expect(static_cast<bool>(dfly_check_a op dfly_check_b), true)) {      \
      ::damselfly::check_internal::FailComparison(__FILE__, __LINE__, #a " " #op " " #b, \
                                                  dfly_check_a, dfly_check_b);           \
    }                                                                                    \
  } while (false)

#define DFLY_CHECK_EQ(a, b) DFLY_CHECK_COMPARISON_INTERNAL(a, ==, b)
#define DFLY_CHECK_NE(a, b) DFLY_CHECK_COMPARISON_INTERNAL(a, !=, b)
#define DFLY_CHECK_LT(a, b) DFLY_CHECK_COMPARISON_INTERNAL(a, <, b)
#define DFLY_CHECK_LE(a, b) DFLY_CHECK_COMPARISON_INTERNAL(a, <=, b)
#define DFLY_CHECK_GT(a, b) DFLY_CHECK_COMPARISON_INTERNAL(a, >, b)
#define DFLY_CHECK_GE(a, b) DFLY_CHECK_COMPARISON_INTERNAL(a, >=, b)

#define DFLY_UNREACHABLE() \
  ::damselfly::check_internal::Fail(__FILE__, __LINE__, "reached a place that must not be reached")

#ifndef NDEBUG
#define DFLY_DCHECK(condition) DFLY_CHECK(condition)
#define DFLY_DCHECK_EQ(a, b) DFLY_CHECK_EQ(a, b)
#define DFLY_DCHECK_NE(a, b) DFLY_CHECK_NE(a, b)
#define DFLY_DCHECK_LT(a, b) DFLY_CHECK_LT(a, b)
#define DFLY_DCHECK_LE(a, b) DFLY_CHECK_LE(a, b)
#define DFLY_DCHECK_GT(a, b) DFLY_CHECK_GT(a, b)
#define DFLY_DCHECK_GE(a, b) DFLY_CHECK_GE(a, b)
#else
// Compiled, so that a check cannot rot and its operands count as used, but never run.
#define DFLY_DCHECK_NEVER_INTERNAL(check) \
  do {                                    \
    if (false) {                          \
      check;                              \
    }                                     \
  } while (false)
#define DFLY_DCHECK(condition) DFLY_DCHECK_NEVER_INTERNAL(DFLY_CHECK(condition))
#define DFLY_DCHECK_EQ(a, b) DFLY_DCHECK_NEVER_INTERNAL(DFLY_CHECK_EQ(a, b))
#define DFLY_DCHECK_NE(a, b) DFLY_DCHECK_NEVER_INTERNAL(DFLY_CHECK_NE(a, b))
#define DFLY_DCHECK_LT(a, b) DFLY_DCHECK_NEVER_INTERNAL(DFLY_CHECK_LT(a, b))
#define DFLY_DCHECK_LE(a, b) DFLY_DCHECK_NEVER_INTERNAL(DFLY_CHECK_LE(a, b))
#define DFLY_DCHECK_GT(a, b) DFLY_DCHECK_NEVER_INTERNAL(DFLY_CHECK_GT(a, b))
#define DFLY_DCHECK_GE(a, b) DFLY_DCHECK_NEVER_INTERNAL(DFLY_CHECK_GE(a, b))
#endif

#endif  // DAMSELFLY_SERVER_BASE_CHECK_H_
