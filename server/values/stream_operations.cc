#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/values/stream_state.h"
#include "server/values/stream_value.h"

namespace damselfly {
namespace {

bool ReadId(OperationReader* reader, StreamId* id) {
  return reader->Number(&id->ms) && reader->Number(&id->seq);
}

bool ReadFields(OperationReader* reader, std::vector<absl::string_view>* fields) {
  uint64_t count;
  if (!reader->Number(&count) || count == 0 || count % 2 != 0) return false;
  for (; count > 0; --count) {
    absl::string_view text;
    if (!reader->Bytes(&text)) return false;
    fields->push_back(text);
  }
  return true;
}

// The group, and the consumer in it, whose names come next; null where there is none.
StreamGroup* ReadGroup(OperationReader* reader, StreamValue* stream) {
  absl::string_view name;
  return reader->Bytes(&name) ? stream->FindGroup(name) : nullptr;
}

StreamConsumer* ReadConsumer(OperationReader* reader, const StreamGroup& group) {
  absl::string_view name;
  return reader->Bytes(&name) ? group.FindConsumer(name) : nullptr;
}

bool ApplySetPending(OperationReader* reader, StreamGroup* group) {
  StreamPendingEntry entry = {};
  uint64_t count;
  entry.consumer = ReadConsumer(reader, *group);
  if (entry.consumer == nullptr || !reader->Signed(&entry.delivered_ms) ||
      !reader->Number(&count)) {
    return false;
  }
  for (; count > 0; --count) {
    StreamId id;
    if (!ReadId(reader, &id) || !reader->Number(&entry.deliveries)) return false;
    group->SetPending(id, entry);
  }
  return true;
}

bool ApplyDropPending(OperationReader* reader, StreamGroup* group) {
  uint64_t count;
  if (!reader->Number(&count)) return false;
  for (; count > 0; --count) {
    StreamId id;
    if (!ReadId(reader, &id) || !group->DropPending(id)) return false;
  }
  return true;
}

}  // namespace

bool StreamValue::ApplyOperation(OperationReader* reader, const ValueContext& context) {
  uint8_t step;
  if (!reader->Code(&step)) return false;
  return step < kCreateGroup ? ApplyToEntries(step, reader, context) : ApplyToGroups(step, reader);
}

bool StreamValue::ApplyToEntries(uint8_t step, OperationReader* reader,
                                 const ValueContext& context) {
  StreamId id, max_deleted_id;
  uint64_t count;
  switch (step) {
    case kCreate:
      Create();
      return true;
    case kAppend: {
      std::vector<absl::string_view> fields;
      if (!ReadId(reader, &id) || !ReadFields(reader, &fields)) return false;
      if (id <= last_id() || !StreamBlock::CanHold(fields)) return false;
      Append(id, fields, context);
      return true;
    }
    case kTrim:
      if (!reader->Number(&count) || !ReadId(reader, &id) || count > size()) return false;
      Trim({count, id});
      return true;
    case kDelete:
      if (!reader->Number(&count)) return false;
      for (; count > 0; --count) {
        if (!ReadId(reader, &id) || !Delete(id)) return false;
      }
      return true;
    case kSetIds:
      if (!ReadId(reader, &id) || !reader->Number(&count) || !ReadId(reader, &max_deleted_id) ||
          id < LastEntryId()) {
        return false;
      }
      SetIds(id, count, max_deleted_id);
      return true;
    default:
      return false;
  }
}

bool StreamValue::ApplyToGroups(uint8_t step, OperationReader* reader) {
  absl::string_view name;
  StreamId last_id;
  int64_t number;
  if (step == kCreateGroup) {
    return reader->Bytes(&name) && ReadId(reader, &last_id) && reader->Signed(&number) &&
           CreateGroup(name, last_id, number) != nullptr;
  }
  if (step == kDestroyGroup) return reader->Bytes(&name) && DestroyGroup(name);

  StreamGroup* const group = ReadGroup(reader, this);
  if (group == nullptr) return false;
  switch (step) {
    case kSetPosition:
      if (!ReadId(reader, &last_id) || !reader->Signed(&number)) return false;
      group->SetPosition(last_id, number);
      return true;
    case kCreateConsumer:
      if (!reader->Bytes(&name) || !reader->Signed(&number) ||
          group->FindConsumer(name) != nullptr) {
        return false;
      }
      group->AddConsumer(name, number);
      return true;
    case kDeleteConsumer:
    case kSee: {
      StreamConsumer* const consumer = ReadConsumer(reader, *group);
      if (consumer == nullptr) return false;
      if (step == kDeleteConsumer) {
        group->RemoveConsumer(consumer);
        return true;
      }
      if (!reader->Signed(&number)) return false;
      consumer->set_seen_ms(number);
      return true;
    }
    case kSetPending:
      return ApplySetPending(reader, group);
    case kDropPending:
      return ApplyDropPending(reader, group);
    default:
      return false;
  }
}

}  // namespace damselfly
