// Prints DIFFERENCES.md.

#include <cstdio>

#include "testing/compat/differences_text.h"

int main() {
  std::fputs(damselfly::DifferencesText().c_str(), stdout);
  return 0;
}
