#ifndef DAMSELFLY_SERVER_VALUES_DUMP_PAYLOAD_H_
#define DAMSELFLY_SERVER_VALUES_DUMP_PAYLOAD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace damselfly {

// What DUMP hands out and RESTORE takes: a value's RDB type and bytes, and behind them
//
//     | version, 2 bytes LE | CRC-64 of all before, 8 bytes LE |

// Makes a payload of the value in *bytes.
void AppendDumpFooter(std::string* bytes);

// The value in a payload; false if it was made by a version that we do not know, or its check sum
// is wrong. *value is a view of `payload`, and still has to be read with care: anybody can compute
// a check sum.
bool OpenDumpPayload(absl::string_view payload, absl::string_view* value);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_DUMP_PAYLOAD_H_
