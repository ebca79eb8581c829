#ifndef DAMSELFLY_SERVER_REFERENCE_TEXT_H_
#define DAMSELFLY_SERVER_REFERENCE_TEXT_H_

#include <string>

namespace damselfly {

// REFERENCE.md: every command and every parameter, as Markdown, from the tables that the server
// itself works with.
std::string ReferenceText();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REFERENCE_TEXT_H_
