#ifndef DAMSELFLY_SERVER_STORE_STREAM_EDIT_H_
#define DAMSELFLY_SERVER_STORE_STREAM_EDIT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/store/value_edit.h"
#include "server/values/stream_value.h"

namespace damselfly {

// Changes of one stream: see ValueEdit. What is missing comes into being with the first change; an
// empty stream stays. Groups and consumers that are handed in are the stream's own.
class StreamEdit : public ValueEdit {
 public:
  StreamEdit(Database* db, const Key& key) : ValueEdit(db, key, ValueType::kStream) {}
  ~StreamEdit() { FlushPending(); }

  const StreamValue& stream() const { return value<StreamValue>(); }
  const StreamValue* operator->() const { return &stream(); }

  // ---- Entries ----

  // A stream without entries.
  void Create();
  // Requires id > stream().last_id() and StreamBlock::CanHold(fields).
  void Append(const StreamId& id, StreamValue::Fields fields);
  // Returns how many entries have gone.
  uint64_t Trim(const StreamTrim& trim);
  // Returns how many there were.
  uint64_t Delete(absl::Span<const StreamId> ids);
  void SetIds(const StreamId& last_id, uint64_t entries_added, const StreamId& max_deleted_id);

  // ---- Groups ----
  // Whoever watches the stream does not notice what is done here, nor SetIds. Because of
  // DestroyGroup those wake up who wait for entries of the group.

  // Null if there is one of this name.
  const StreamGroup* CreateGroup(absl::string_view name, const StreamId& last_id,
                                 int64_t entries_read);
  void DestroyGroup(const StreamGroup& group);
  // How far the group has read.
  void SetPosition(const StreamGroup& group, const StreamId& last_id, int64_t entries_read);

  // Requires that the group has no consumer of this name.
  const StreamConsumer* CreateConsumer(const StreamGroup& group, absl::string_view name,
                                       int64_t now_ms);
  void DeleteConsumer(const StreamGroup& group, const StreamConsumer& consumer);
  // A command has named the consumer.
  void See(const StreamGroup& group, const StreamConsumer& consumer, int64_t now_ms);

  // Makes the entry pending, or changes how it is. Many in a row for one consumer and time are one
  // step.
  void SetPending(const StreamGroup& group, const StreamId& id, const StreamConsumer& consumer,
                  int64_t delivered_ms, uint64_t deliveries);
  // Returns whether it was pending.
  bool DropPending(const StreamGroup& group, const StreamId& id);

 private:
  // Entries that have become pending or are no longer so, and are not recorded yet.
  struct PendingSteps {
    enum class Kind : uint8_t { kNone, kSet, kDrop };
    Kind kind = Kind::kNone;
    const StreamGroup* group = nullptr;
    const StreamConsumer* consumer = nullptr;  // of kSet, as all below
    int64_t delivered_ms = 0;
    std::vector<StreamId> ids;
    std::vector<uint64_t> deliveries;
  };

  // Changed() or ChangedAside(), after all that was done before has been recorded.
  OperationWriter* Record();
  OperationWriter* RecordAside();
  void FlushPending();
  // The same object, to be changed.
  StreamGroup* Mutable(const StreamGroup& group) {
    return value<StreamValue>().FindGroup(group.name());
  }

  PendingSteps pending_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_STREAM_EDIT_H_
