// Connection and transaction commands:
// https://redis.io/docs/latest/develop/using-commands/transactions/

#include <string>
#include <utility>

#include "sim/model/keyspace_model.h"

namespace damselfly::sim {

Expected KeyspaceModel::Ping(const Args& args) {
  return args.size() > 1 ? Expected::Bulk(args[1]) : Expected::Simple("PONG");
}

Expected KeyspaceModel::Echo(const Args& args) { return Expected::Bulk(args[1]); }

Expected KeyspaceModel::Select(const Args& args) {
  database_ = std::stoi(args[1]);
  return Expected::Ok();
}

Expected KeyspaceModel::Multi(const Args&) {
  if (in_transaction_) return Expected::Error("ERR MULTI calls can not be nested");
  in_transaction_ = true;
  return Expected::Ok();
}

Expected KeyspaceModel::Exec(const Args&) {
  if (!in_transaction_) return Expected::Error("ERR EXEC without MULTI");
  const bool failed = transaction_failed_;
  const bool changed = watched_changed_;
  const std::vector<Args> commands = std::move(queued_);
  EndTransaction();
  if (failed) return Expected::Error("EXECABORT");
  if (changed) return Expected::Null();
  std::vector<Expected> replies;
  executing_transaction_ = true;
  for (const Args& command : commands) replies.push_back(Run(command));
  executing_transaction_ = false;
  return Expected::Array(std::move(replies));
}

Expected KeyspaceModel::Discard(const Args&) {
  if (!in_transaction_) return Expected::Error("ERR DISCARD without MULTI");
  EndTransaction();
  return Expected::Ok();
}

Expected KeyspaceModel::Watch(const Args& args) {
  if (in_transaction_) return Expected::Error("ERR WATCH inside MULTI is not allowed");
  for (size_t i = 1; i < args.size(); ++i) watched_.insert(Name(args[i]));
  return Expected::Ok();
}

Expected KeyspaceModel::Unwatch(const Args&) {
  watched_.clear();
  watched_changed_ = false;
  return Expected::Ok();
}

// What follows on the connection is not executed: whoever asks sees to that.
Expected KeyspaceModel::Quit(const Args&) { return Expected::Ok(); }

Expected KeyspaceModel::Reset(const Args&) {
  ResetConnection();
  return Expected::Simple("RESET");
}

// SETNAME, GETNAME, and REPLY, of which who asks sees that it mutes.
Expected KeyspaceModel::Client(const Args& args) {
  if (args[1] == "GETNAME")
    return connection_name_.empty() ? Expected::Null() : Expected::Bulk(connection_name_);
  if (args[1] == "SETNAME") connection_name_ = args[2];
  return Expected::Ok();
}

Expected KeyspaceModel::Unknown(const Args&) { return Expected::Error("ERR unknown command"); }

}  // namespace damselfly::sim
