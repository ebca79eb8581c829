#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "server/values/rdb_types.h"
#include "server/values/stream_state.h"
#include "server/values/stream_value.h"

// Redis's types 15 and 19:
//
//   blocks: n, (first ID as a string, pack) ...
//   entries, last ID, [19: first ID, largest ID deleted, entries added]
//   groups: n, (name, last ID, [19: entries read],
//               pending:   n, (ID, when delivered, how often) ...
//               consumers: n, (name, when seen, n, ID ...) ...) ...

namespace damselfly {
namespace {

void WriteId(const StreamId& id, RdbWriter* writer) {
  writer->Length(id.ms);
  writer->Length(id.seq);
}

bool ReadId(RdbReader* reader, StreamId* id) {
  return reader->Length(&id->ms) && reader->Length(&id->seq);
}

void WriteEncodedId(const StreamId& id, RdbWriter* writer) {
  char bytes[StreamId::kEncodedBytes];
  id.EncodeTo(bytes);
  writer->Raw(absl::string_view(bytes, sizeof(bytes)));
}

bool ReadEncodedId(RdbReader* reader, StreamId* id) {
  absl::string_view bytes;
  if (!reader->Raw(StreamId::kEncodedBytes, &bytes)) return false;
  *id = StreamId::Decode(bytes.data());
  return true;
}

void WriteGroup(const StreamGroup& group, RdbWriter* writer) {
  writer->String(group.name());
  WriteId(group.last_id(), writer);
  writer->Length(static_cast<uint64_t>(group.entries_read()));
  writer->Length(group.pending().size());
  for (const auto& [id, entry] : group.pending()) {
    WriteEncodedId(id, writer);
    writer->Milliseconds(entry.delivered_ms);
    writer->Length(entry.deliveries);
  }
  writer->Length(group.consumers().size());
  for (const auto& [name, consumer] : group.consumers()) {
    writer->String(name);
    writer->Milliseconds(consumer->seen_ms());
    writer->Length(consumer->pending().size());
    for (const StreamId& id : consumer->pending()) WriteEncodedId(id, writer);
  }
}

// What is pending in a group, before its consumers are read.
using Unassigned = absl::btree_map<StreamId, StreamPendingEntry>;

bool ReadPending(RdbReader* reader, Unassigned* pending) {
  uint64_t count;
  if (!reader->Length(&count)) return false;
  for (; count > 0; --count) {
    StreamId id;
    StreamPendingEntry entry = {};
    if (!ReadEncodedId(reader, &id) || !reader->Milliseconds(&entry.delivered_ms) ||
        !reader->Length(&entry.deliveries) || !pending->emplace(id, entry).second) {
      return false;
    }
  }
  return true;
}

bool ReadConsumer(RdbReader* reader, Unassigned* pending, StreamGroup* group) {
  std::string name;
  int64_t seen_ms;
  uint64_t count;
  if (!reader->String(&name) || !reader->Milliseconds(&seen_ms) || !reader->Length(&count) ||
      group->FindConsumer(name) != nullptr) {
    return false;
  }
  StreamConsumer* const consumer = group->AddConsumer(name, seen_ms);
  for (; count > 0; --count) {
    StreamId id;
    if (!ReadEncodedId(reader, &id)) return false;
    const auto found = pending->find(id);
    if (found == pending->end()) return false;
    StreamPendingEntry entry = found->second;
    entry.consumer = consumer;
    group->SetPending(id, entry);
    pending->erase(found);
  }
  return true;
}

bool ReadConsumers(RdbReader* reader, StreamGroup* group) {
  Unassigned pending;
  uint64_t consumers;
  if (!ReadPending(reader, &pending) || !reader->Length(&consumers)) return false;
  for (; consumers > 0; --consumers) {
    if (!ReadConsumer(reader, &pending, group)) return false;
  }
  return pending.empty();
}

}  // namespace

void StreamValue::AppendRdb(std::string* out) const { AppendRdb(RdbWriter(out)); }

void StreamValue::AppendRdb(RdbWriter writer) const {
  writer.Type(RdbType::kStream2);
  writer.Length(blocks() != nullptr ? blocks()->size() : 0);
  if (blocks() != nullptr) {
    for (const auto& [id, block] : *blocks()) {
      char key[StreamId::kEncodedBytes];
      id.EncodeTo(key);
      writer.String(absl::string_view(key, sizeof(key)));
      writer.String(block.pack().ToListpack());
    }
  }
  writer.Length(size());
  WriteId(last_id(), &writer);
  WriteId(first_id(), &writer);
  WriteId(max_deleted_id(), &writer);
  writer.Length(entries_added());
  writer.Length(groups() != nullptr ? groups()->size() : 0);
  if (groups() != nullptr) {
    for (const auto& group : *groups()) WriteGroup(*group.second, &writer);
  }
}

bool StreamValue::LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext&) {
  StreamValue loaded;
  if (!loaded.LoadAll(static_cast<RdbType>(rdb_type), reader)) return false;
  *this = std::move(loaded);
  return true;
}

bool StreamValue::LoadAll(RdbType type, RdbReader* reader) {
  if (type != RdbType::kStream && type != RdbType::kStream2) return false;
  Open();
  return LoadBlocks(reader) && LoadIds(type, reader) && LoadGroups(type, reader);
}

bool StreamValue::LoadBlocks(RdbReader* reader) {
  uint64_t count;
  if (!reader->Length(&count)) return false;
  std::string key_scratch, scratch;
  for (; count > 0; --count) {
    absl::string_view key, bytes;
    if (!reader->String(&key, &key_scratch) || key.size() != StreamId::kEncodedBytes ||
        !reader->String(&bytes, &scratch)) {
      return false;
    }
    const StreamId id = StreamId::Decode(key.data());
    if (!StreamBlock::IsValid(bytes, id)) return false;
    StreamBlock block = StreamBlock::FromBytes(bytes);
    if (!state_->blocks.empty() && id <= state_->blocks.rbegin()->first) return false;
    if (state_->size > 0 && block.live() > 0 && id <= LastEntryId()) return false;
    state_->size += block.live();
    state_->AddBlock(id, std::move(block));
  }
  return true;
}

bool StreamValue::LoadIds(RdbType type, RdbReader* reader) {
  uint64_t entries;
  if (!reader->Length(&entries) || entries != state_->size || !ReadId(reader, &state_->last_id)) {
    return false;
  }
  if (LastEntryId() > state_->last_id) return false;
  UpdateFirstId();
  if (type == RdbType::kStream) {
    state_->entries_added = entries;
    return true;
  }
  StreamId first_id;
  return ReadId(reader, &first_id) && first_id == state_->first_id &&
         ReadId(reader, &state_->max_deleted_id) && reader->Length(&state_->entries_added);
}

bool StreamValue::LoadGroups(RdbType type, RdbReader* reader) {
  uint64_t count;
  if (!reader->Length(&count)) return false;
  for (; count > 0; --count) {
    std::string name;
    StreamId last_id;
    if (!reader->String(&name) || !ReadId(reader, &last_id)) return false;
    auto entries_read = static_cast<uint64_t>(EstimateEntriesRead(last_id));
    if (type == RdbType::kStream2 && !reader->Length(&entries_read)) return false;
    StreamGroup* const group = CreateGroup(name, last_id, static_cast<int64_t>(entries_read));
    if (group == nullptr || !ReadConsumers(reader, group)) return false;
  }
  return true;
}

}  // namespace damselfly
