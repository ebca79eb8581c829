#include "server/store/stream_edit.h"

namespace damselfly {
namespace {

void WriteId(const StreamId& id, OperationWriter* writer) { writer->Number(id.ms).Number(id.seq); }

}  // namespace

void StreamEdit::Create() {
  value<StreamValue>().Create();
  if (OperationWriter* writer = Record()) writer->Code(StreamValue::kCreate);
}

void StreamEdit::Append(const StreamId& id, StreamValue::Fields fields) {
  value<StreamValue>().Append(id, fields, context());
  if (OperationWriter* writer = Record()) {
    writer->Code(StreamValue::kAppend);
    WriteId(id, writer);
    writer->Number(fields.size());
    for (absl::string_view text : fields) writer->Bytes(text);
  }
}

uint64_t StreamEdit::Trim(const StreamTrim& trim) {
  const StreamTrimPlan plan = stream().PlanTrim(trim);
  if (!stream().Changes(plan)) return 0;
  value<StreamValue>().Trim(plan);
  // Blocks without entries go unnoticed.
  if (OperationWriter* writer = plan.count > 0 ? Record() : RecordAside()) {
    writer->Code(StreamValue::kTrim).Number(plan.count);
    WriteId(plan.first_block, writer);
  }
  return plan.count;
}

uint64_t StreamEdit::Delete(absl::Span<const StreamId> ids) {
  std::vector<StreamId> deleted;
  for (const StreamId& id : ids) {
    if (value<StreamValue>().Delete(id)) deleted.push_back(id);
  }
  if (deleted.empty()) return 0;
  if (OperationWriter* writer = Record()) {
    writer->Code(StreamValue::kDelete).Number(deleted.size());
    for (const StreamId& id : deleted) WriteId(id, writer);
  }
  return deleted.size();
}

void StreamEdit::SetIds(const StreamId& last_id, uint64_t entries_added,
                        const StreamId& max_deleted_id) {
  value<StreamValue>().SetIds(last_id, entries_added, max_deleted_id);
  if (OperationWriter* writer = RecordAside()) {
    writer->Code(StreamValue::kSetIds);
    WriteId(last_id, writer);
    writer->Number(entries_added);
    WriteId(max_deleted_id, writer);
  }
}

const StreamGroup* StreamEdit::CreateGroup(absl::string_view name, const StreamId& last_id,
                                           int64_t entries_read) {
  if (stream().FindGroup(name) != nullptr) return nullptr;
  if (OperationWriter* writer = RecordAside()) {
    writer->Code(StreamValue::kCreateGroup).Bytes(name);
    WriteId(last_id, writer);
    writer->Signed(entries_read);
  }
  return value<StreamValue>().CreateGroup(name, last_id, entries_read);
}

void StreamEdit::DestroyGroup(const StreamGroup& group) {
  FlushPending();
  if (OperationWriter* writer = ChangedForWaiters()) {
    writer->Code(StreamValue::kDestroyGroup).Bytes(group.name());
  }
  value<StreamValue>().DestroyGroup(group.name());
}

void StreamEdit::SetPosition(const StreamGroup& group, const StreamId& last_id,
                             int64_t entries_read) {
  Mutable(group)->SetPosition(last_id, entries_read);
  if (OperationWriter* writer = RecordAside()) {
    writer->Code(StreamValue::kSetPosition).Bytes(group.name());
    WriteId(last_id, writer);
    writer->Signed(entries_read);
  }
}

const StreamConsumer* StreamEdit::CreateConsumer(const StreamGroup& group, absl::string_view name,
                                                 int64_t now_ms) {
  if (OperationWriter* writer = RecordAside()) {
    writer->Code(StreamValue::kCreateConsumer).Bytes(group.name()).Bytes(name).Signed(now_ms);
  }
  return Mutable(group)->AddConsumer(name, now_ms);
}

void StreamEdit::DeleteConsumer(const StreamGroup& group, const StreamConsumer& consumer) {
  if (OperationWriter* writer = RecordAside()) {
    writer->Code(StreamValue::kDeleteConsumer).Bytes(group.name()).Bytes(consumer.name());
  }
  StreamGroup* const changed = Mutable(group);
  changed->RemoveConsumer(changed->FindConsumer(consumer.name()));
}

void StreamEdit::See(const StreamGroup& group, const StreamConsumer& consumer, int64_t now_ms) {
  Mutable(group)->FindConsumer(consumer.name())->set_seen_ms(now_ms);
  if (OperationWriter* writer = RecordAside()) {
    writer->Code(StreamValue::kSee).Bytes(group.name()).Bytes(consumer.name()).Signed(now_ms);
  }
}

void StreamEdit::SetPending(const StreamGroup& group, const StreamId& id,
                            const StreamConsumer& consumer, int64_t delivered_ms,
                            uint64_t deliveries) {
  StreamGroup* const changed = Mutable(group);
  StreamPendingEntry entry;
  entry.consumer = changed->FindConsumer(consumer.name());
  entry.delivered_ms = delivered_ms;
  entry.deliveries = deliveries;
  changed->SetPending(id, entry);
  if (ChangedAside() == nullptr) return;
  if (pending_.kind != PendingSteps::Kind::kSet || pending_.group != &group ||
      pending_.consumer != &consumer || pending_.delivered_ms != delivered_ms) {
    FlushPending();
    pending_.kind = PendingSteps::Kind::kSet;
    pending_.group = &group;
    pending_.consumer = &consumer;
    pending_.delivered_ms = delivered_ms;
  }
  pending_.ids.push_back(id);
  pending_.deliveries.push_back(deliveries);
}

bool StreamEdit::DropPending(const StreamGroup& group, const StreamId& id) {
  if (!Mutable(group)->DropPending(id)) return false;
  if (ChangedAside() == nullptr) return true;
  if (pending_.kind != PendingSteps::Kind::kDrop || pending_.group != &group) {
    FlushPending();
    pending_.kind = PendingSteps::Kind::kDrop;
    pending_.group = &group;
  }
  pending_.ids.push_back(id);
  return true;
}

OperationWriter* StreamEdit::Record() {
  FlushPending();
  return Changed();
}

OperationWriter* StreamEdit::RecordAside() {
  FlushPending();
  return ChangedAside();
}

void StreamEdit::FlushPending() {
  if (pending_.kind == PendingSteps::Kind::kNone) return;
  const bool is_set = pending_.kind == PendingSteps::Kind::kSet;
  OperationWriter& writer = *ChangedAside();
  writer.Code(is_set ? StreamValue::kSetPending : StreamValue::kDropPending)
      .Bytes(pending_.group->name());
  if (is_set) writer.Bytes(pending_.consumer->name()).Signed(pending_.delivered_ms);
  writer.Number(pending_.ids.size());
  for (size_t i = 0; i < pending_.ids.size(); ++i) {
    WriteId(pending_.ids[i], &writer);
    if (is_set) writer.Number(pending_.deliveries[i]);
  }
  pending_ = PendingSteps();
}

}  // namespace damselfly
