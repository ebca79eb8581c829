#ifndef DAMSELFLY_SERVER_VALUES_STREAM_RANGE_H_
#define DAMSELFLY_SERVER_VALUES_STREAM_RANGE_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/optional.h"
#include "server/values/stream_block.h"
#include "server/values/stream_id.h"
#include "server/values/stream_value.h"

namespace damselfly {

// Goes over the entries of a stream with IDs in [first, last], from either end. The stream must not
// change meanwhile.
//
//   for (StreamRange range(stream, first, last); range.Next();) { ... range.id() ... }
class StreamRange {
 public:
  enum class Direction : uint8_t { kForward, kBackward };

  StreamRange(const StreamValue& stream, const StreamId& first, const StreamId& last,
              Direction direction = Direction::kForward);

  // To the next entry; false, once and for all, when there is none.
  bool Next();

  // The entry, whose fields are taken one by one: see StreamBlockReader.
  const StreamId& id() const { return reader_->id(); }
  size_t field_count() const { return reader_->field_count(); }
  bool NextField(PackElement* field, PackElement* value) {
    return reader_->NextField(field, value);
  }

 private:
  // To the next block; false when there is none within the range.
  bool OpenBlock();

  const StreamValue::Blocks* const blocks_;
  const StreamId first_;
  const StreamId last_;
  const bool is_forward_;
  // Forward: the block to be opened next; backward: the one behind that.
  StreamValue::Blocks::const_iterator next_;
  absl::optional<StreamBlockReader> reader_;
  bool is_done_ = false;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_STREAM_RANGE_H_
