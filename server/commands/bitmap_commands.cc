#include "server/commands/bitmap_commands.h"

#include "server/commands/bitmap_handlers.h"

namespace damselfly {
namespace {

constexpr KeySpec kReadKey[] = {OneKey(kKeyReadOnly | kKeyAccess)};
constexpr KeySpec kUpdateKey[] = {OneKey(kKeyReadWrite | kKeyAccess | kKeyUpdate)};
constexpr KeySpec kFieldsKey[] = {
    OneKey(kKeyReadWrite | kKeyAccess | kKeyUpdate | kKeyVariableFlags)};
constexpr KeySpec kCombineKeys[] = {OneKey(kKeyOverwrite | kKeyUpdate, 2),
                                    KeyRange(kKeyReadOnly | kKeyAccess, 3, -1)};

constexpr CommandSpec kBitmapCommands[] = {
    {.name = "bitcount",
     .arity = -2,
     .flags = kReadOnly,
     .acl_categories = kAclBitmap,
     .keys = kReadKey,
     .group = CommandGroup::kBitmap,
     .since = "2.6.0",
     .complexity = "O(N) with N the number of bytes looked at",
     .summary = "Counts the set bits of a string or of a range of it.",
     .syntax = "key [index<start end [index_unit<BYTE | BIT>@7.0.0]>]",
     .handler = BitCountCommand},
    {.name = "bitfield",
     .arity = -2,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclBitmap,
     .keys = kFieldsKey,
     .group = CommandGroup::kBitmap,
     .since = "3.2.0",
     .complexity = "O(1) for each operation",
     .summary = "Reads, sets and increments integers of any width at any bit of a string.",
     .syntax = "key [operation<GET encoding_offset<encoding offset> | write<[OVERFLOW "
               "wrap_sat_fail<WRAP | SAT | FAIL>] write_operation<SET "
               "encoding_offset_value<encoding offset value:integer> | INCRBY "
               "encoding_offset_increment<encoding offset increment>>>>...]",
     .handler = BitFieldCommand},
    {.name = "bitfield_ro",
     .arity = -2,
     .flags = kReadOnly | kFast,
     .acl_categories = kAclBitmap,
     .keys = kReadKey,
     .group = CommandGroup::kBitmap,
     .since = "6.0.0",
     .complexity = "O(1) for each operation",
     .summary = "Reads integers of any width at any bit of a string.",
     .syntax = "key [GET encoding_offset<encoding offset>...+]",
     .handler = BitFieldRoCommand},
    {.name = "bitop",
     .arity = -4,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclBitmap,
     .keys = kCombineKeys,
     .group = CommandGroup::kBitmap,
     .since = "2.6.0",
     .complexity = "O(N) with N the size of the longest string",
     .summary = "Combines strings bit by bit and stores the result.",
     .syntax = "operation destkey key...",
     .handler = BitOpCommand},
    {.name = "bitpos",
     .arity = -3,
     .flags = kReadOnly,
     .acl_categories = kAclBitmap,
     .keys = kReadKey,
     .group = CommandGroup::kBitmap,
     .since = "2.8.7",
     .complexity = "O(N) with N the number of bytes looked at",
     .summary = "Finds the first set or clear bit of a string or of a range of it.",
     .syntax = "key bit [index<start [end_index<end [index_unit<BYTE | BIT>@7.0.0]>]>]",
     .handler = BitPosCommand},
    {.name = "getbit",
     .arity = 3,
     .flags = kReadOnly | kFast,
     .acl_categories = kAclBitmap,
     .keys = kReadKey,
     .group = CommandGroup::kBitmap,
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Returns one bit of a string.",
     .syntax = "key offset",
     .handler = GetBitCommand},
    {.name = "setbit",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclBitmap,
     .keys = kUpdateKey,
     .group = CommandGroup::kBitmap,
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Sets or clears one bit of a string and returns what it was.",
     .syntax = "key offset value:integer",
     .handler = SetBitCommand},
};

}  // namespace

absl::Span<const CommandSpec> BitmapCommands() { return kBitmapCommands; }

}  // namespace damselfly
