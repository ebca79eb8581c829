// Prints REFERENCE.md.

#include <cstdio>

#include "server/reference_text.h"

int main() { std::fputs(damselfly::ReferenceText().c_str(), stdout); }
