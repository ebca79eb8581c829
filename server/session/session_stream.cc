// A session that has become a link to a replica: it sends what a source gives.

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// While more waits to be sent the source is left alone.
constexpr size_t kSourceLowBytes = 64 * 1024;
// What the source is asked for at a time.
constexpr size_t kSourceBytesMax = 256 * 1024;
// How often before the loop's other sessions get their turn.
constexpr int kSourceRoundsMax = 8;

}  // namespace

void Session::StreamFrom(std::shared_ptr<OutputSource> source) {
  DFLY_CHECK(source != nullptr && !is_streaming());
  source_ = std::move(source);
  info_.SetFlag(ClientInfo::kReplica, true);
  transaction_.Discard();
  UnsubscribeAll();
  SetMonitor(false);
  // Inside a command, Flush comes behind it.
  if (!executing_) ProduceLater();
}

void Session::Produce() {
  if (producing_) {
    produce_again_ = true;
  } else if (is_streaming() && !executing_) {
    Flush();
  }
}

void Session::ProduceLater() {
  if (std::exchange(produce_later_, true)) return;
  loop_.Post([&worker = worker_, id = id()] {
    Session* session = worker.FindSession(id);
    if (session == nullptr) return;
    session->produce_later_ = false;
    session->Produce();
  });
}

bool Session::SendFromSource() {
  // The source may have this session closed, from within.
  const std::shared_ptr<OutputSource> source = source_;
  for (int round = 0; !closing_ && !waiting_for_writable_ && output_.size() < kSourceLowBytes;
       ++round) {
    if (round == kSourceRoundsMax) {
      ProduceLater();
      break;
    }
    const size_t size_before = output_.size();
    produce_again_ = false;
    producing_ = true;
    const bool goes_on = source->Produce(&output_, kSourceBytesMax);
    producing_ = false;
    if (retired_) return false;
    if (!goes_on) {
      Kill();
      return false;
    }
    if (output_.size() == size_before && !produce_again_) break;
    Send();
  }
  return true;
}

bool Session::CloseIfStuck(int64_t now_ms) {
  if (!is_streaming() || output_.empty() || stuck_since_ms_ == 0) return false;
  const int64_t stuck_ms = now_ms - stuck_since_ms_;
  if (stuck_ms <= server_.config().integer(Parameter::replication_timeout)) return false;
  server_.runtime().Log(Runtime::Severity::kWarning,
                        absl::StrCat("Replica id=", id(), " addr=", info_.address,
                                     " closed: it has taken nothing for ", stuck_ms, " ms, with ",
                                     output_.size(), " bytes unsent"));
  Kill();
  return true;
}

}  // namespace damselfly
