#ifndef DAMSELFLY_SIM_PICTURE_RESP_TEXT_H_
#define DAMSELFLY_SIM_PICTURE_RESP_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace damselfly::sim {

// What bytes of a connection say, in one line of printable ASCII, however they are cut:
//
//   requests    SET r:3 c0-12 | GET "a key"
//   replies     OK | "value" | (integer) 3 | [a, b] | (error) MOVED 12 10.0.0.2:6379
//   anything    "\x01frame..."
//
// What is not whole ends in "..."; so does what is longer than about `length_max`.
std::string RespText(absl::string_view bytes, bool requests, size_t length_max);

// The beginning of arbitrary bytes as printable ASCII, in which every byte can be told.
std::string BytesText(absl::string_view bytes, size_t bytes_max);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_PICTURE_RESP_TEXT_H_
