#ifndef DAMSELFLY_TESTING_COMPAT_DIFFERENCES_TEXT_H_
#define DAMSELFLY_TESTING_COMPAT_DIFFERENCES_TEXT_H_

#include <string>

namespace damselfly {

// DIFFERENCES.md, made of known_differences.h: one page, in lines of at most 100 characters.
std::string DifferencesText();

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_DIFFERENCES_TEXT_H_
