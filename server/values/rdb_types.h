#ifndef DAMSELFLY_SERVER_VALUES_RDB_TYPES_H_
#define DAMSELFLY_SERVER_VALUES_RDB_TYPES_H_

#include <cstdint>

namespace damselfly {

// The version of the format that is written, and the newest that is read: Redis 7.0's.
inline constexpr uint16_t kRdbVersion = 10;

// The byte before a value that says its type and form. Redis 7.0 writes those without a comment;
// the others are of older versions.
enum class RdbType : uint8_t {
  kString = 0,
  kList = 1,           // strings; older
  kSet = 2,            // strings
  kSortedSetText = 3,  // members with scores as text; older
  kHash = 4,           // fields and values
  kSortedSet = 5,      // members with scores in eight bytes
  kHashZipmap = 9,     // older
  kListZiplist = 10,   // older
  kSetIntset = 11,
  kSortedSetZiplist = 12,  // older
  kHashZiplist = 13,       // older
  kListQuicklist = 14,     // nodes are ziplists; older
  kStream = 15,            // without the first id and the entries added; older
  kHashListpack = 16,
  kSortedSetListpack = 17,
  kListQuicklist2 = 18,  // nodes are listpacks or single big elements
  kStream2 = 19,
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_RDB_TYPES_H_
