#include "server/replication/lone_record.h"

#include "server/base/check.h"

namespace damselfly {

void LoneRecord::Set(int lane, const Change& change) {
  DFLY_DCHECK(empty() && CanHold(change));
  bytes_[kRecordBegin] = 0;
  bytes_[kRecordBegin + 1] = 1;
  char* const end = WriteChange(change, /*value_elsewhere=*/false, bytes_ + kChangeBegin);
  const absl::string_view record(bytes_ + kRecordBegin,
                                 static_cast<size_t>(end - bytes_) - kRecordBegin);
  begin_ = kRecordBegin - FrameHeaderBytes(record.size());
  WriteFrameHeader(FrameType::kRecord, record.size(), FrameChecksum::Of(FrameType::kRecord, record),
                   bytes_ + begin_);
  end_ = static_cast<size_t>(end - bytes_);
  lane_ = lane;
}

}  // namespace damselfly
