#include "server/session/waiting_command.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"
#include "server/commands/command_context.h"
#include "server/resp/reply_writer.h"
#include "server/session/server_state.h"
#include "server/session/service_gate.h"
#include "server/session/session.h"
#include "server/session/worker.h"
#include "server/store/list_edit.h"

namespace damselfly {
namespace {

// What commands of a family wait for.
bool IsAwaitedBy(CommandGroup group, ValueType type) {
  switch (group) {
    case CommandGroup::kList:
      return type == ValueType::kList;
    case CommandGroup::kSortedSet:
      return type == ValueType::kSortedSet;
    case CommandGroup::kStream:
      return type == ValueType::kStream;
    default:
      return true;
  }
}

}  // namespace

WaitingCommand::WaitingCommand(Store* store, ClientInfo* info, const Command* command,
                               BlockRequest request, int database, int protocol, bool only_first)
    : store_(*store),
      info_(*info),
      command_(*command),
      request_(std::move(request)),
      database_(database),
      protocol_(protocol),
      args_(request_.args.begin(), request_.args.end()) {
  DFLY_CHECK(command_.spec->serve != nullptr);
  places_.reserve(request_.key_indices.size());
  for (const size_t index : request_.key_indices) {
    const absl::string_view bytes = args_[index];
    if (std::any_of(places_.begin(), places_.end(),
                    [&](const Place& place) { return args_[place.index] == bytes; })) {
      continue;
    }
    const Key key = store_.MakeKey(bytes);
    Place& place = places_.emplace_back();
    place.also_without_value = request_.served_without_value;
    place.command = this;
    place.index = index;
    place.slot = key.slot;
    store_.Await(database_, key, &place);
    if (only_first) break;
  }
  KeyPositions keys;
  CommandRegistry::FindKeys(command_, args_, &keys);
  for (const KeyPosition& key : keys) {
    const auto index = static_cast<size_t>(key.index);
    const auto& awaited = request_.key_indices;
    if (std::find(awaited.begin(), awaited.end(), index) == awaited.end())
      other_slots_.push_back(store_.MakeKey(args_[index]).slot);
  }
}

WaitingCommand::~WaitingCommand() {
  for (const Place& place : places_) DFLY_CHECK(place.at == nullptr);
}

// The client's answer has been taken: nobody but this unlinks a place any more, so that it can be
// seen without the lock which one still is linked.
void WaitingCommand::End() {
  if (lingering_ != nullptr) lingering_->End();
  for (Place& place : places_) {
    if (place.at == nullptr) continue;
    const OneSlotLock lock(&store_, place.slot);
    store_.StopAwaiting(place.slot, &place);
  }
}

SlotLocks::Slots WaitingCommand::slots() const {
  SlotLocks::Slots slots;
  for (const Place& place : places_) slots.push_back(place.slot);
  return slots;
}

WaitingCommand& WaitingCommand::Of(const KeyWait& wait) {
  return *static_cast<const Place&>(wait).command;
}

bool WaitingCommand::Wants(const Entry* entry) const {
  return request_.served_without_value ||
         (entry != nullptr && IsAwaitedBy(command_.spec->group, entry->type()));
}

bool WaitingCommand::Serve(KeyWait* wait, Worker& worker) {
  auto* const place = static_cast<Place*>(wait);
  auto answer = std::make_unique<Answer>();
  const uint64_t client_id = info_.id;
  const int client_worker = info_.worker;
  {
    // Whoever else would answer waits for the outcome: a change under another lock must not be
    // overlooked because it comes while this one is found to be of no use.
    const SpinLockGuard guard(info_.answering);
    if (info_.HasFlag(ClientInfo::kBlocked) == lingers_) return false;
    // What the node is may have changed, and the client not have heard of it yet.
    if (!AccessAdmits(store_.access(), command_)) return false;
    if (!RunServeWrongly(*place, worker, answer.get())) return false;
    store_.StopAwaiting(place->slot, place);
    if (lingers_) return true;
    info_.SetFlag(ClientInfo::kBlocked, false);
  }
  // Only now, and by what has been kept: with its answer a session goes on, and may be gone, the
  // lock in its info with it, before this worker does its next step.
  worker.server().PostToSession(
      client_id, client_worker,
      [answer = std::move(answer)](Session& session) { session.Deliver(answer.get()); });
  return true;
}

bool WaitingCommand::RunServeWrongly(const Place& place, Worker& worker, Answer* answer) {
  const Runtime& runtime = worker.server().runtime();
  if (runtime.HasMutant(ServerMutant::kServedUnrecorded)) {
    ChangeSink* const sink = store_.change_sink();
    store_.set_change_sink(nullptr);
    const bool done = RunServe(place, worker, answer);
    store_.set_change_sink(sink);
    return done;
  }
  if (runtime.HasMutant(ServerMutant::kServedStays) &&
      command_.spec->group == CommandGroup::kList) {
    Database db(&store_, database_, worker.loop().pass_wall_ms(), &worker.store_counters());
    const Key key = store_.MakeKey(args_[place.index]);
    std::string element;
    {
      const ListEdit edit(&db, key);
      char scratch[kIntegerBytesMax];
      if (edit.existed()) element = std::string(edit->First().Get().Text(scratch));
    }
    const bool done = RunServe(place, worker, answer);
    if (done) ListEdit(&db, key).Push(ListEnd::kHead, element);
    return done;
  }
  return RunServe(place, worker, answer);
}

bool WaitingCommand::RunServe(const Place& place, Worker& worker, Answer* answer) {
  ServerState& server = worker.server();
  ReplyWriter reply(&answer->output);
  reply.set_protocol(protocol_);
  StoreCounters* const counters = &worker.store_counters();
  CommandContext ctx{
      command_.spec,
      args_,
      reply,
      store_,
      Database(&store_, database_, worker.loop().pass_wall_ms(), counters),
      counters,
      worker.random(),
      server.commands(),
      nullptr,
  };
  ctx.string_bytes_max = server.config().integer(Parameter::proto_max_bulk_len);
  const bool done = command_.spec->serve(ctx, place.index);
  DFLY_CHECK_EQ(done, !answer->output.empty());
  answer->error_count = reply.error_count();
  answer->error_code = std::string(reply.last_error_code());
  return done;
}

}  // namespace damselfly
