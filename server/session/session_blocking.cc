// A session that waits: for keys, for other nodes, for the end of a pause.

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/session/session.h"
#include "server/session/waiting_command.h"

namespace damselfly {
namespace {

constexpr int64_t kNsPerMs = 1000000;
// Longer ones never end.
constexpr int64_t kTimeoutMsMax = std::numeric_limits<int64_t>::max() / kNsPerMs / 2;

constexpr absl::string_view kUnblockedError = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
constexpr absl::string_view kStateChangedError =
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";

}  // namespace

void Session::Block(int64_t timeout_ms, WakeHandler handler, absl::Span<const uint16_t> slots) {
  DFLY_CHECK(!blocked_);
  blocked_ = true;
  blocked_slots_.assign(slots.begin(), slots.end());
  info_.SetFlag(ClientInfo::kBlocked, true);
  wake_handler_ = std::move(handler);
  if (timeout_ms > 0 && timeout_ms <= kTimeoutMsMax) {
    info_.SetFlag(ClientInfo::kTimedBlock, true);
    wake_timer_ = loop_.StartTimer(timeout_ms * kNsPerMs, [this] {
      wake_timer_ = EventLoop::kNoTimer;
      WakeUp(Wake::kTimeout);
    });
  }
}

void Session::BlockUntilDone(WakeHandler handler) {
  Block(0, std::move(handler));
  info_.SetFlag(ClientInfo::kAwaitsServer, true);
}

bool Session::HasMutant(ServerMutant mutant) const { return server_.runtime().HasMutant(mutant); }

void Session::Block(BlockRequest request) {
  std::unique_ptr<WaitingCommand> lingering;
  if (HasMutant(ServerMutant::kTimedOutServed)) lingering = std::move(waiting_);
  DFLY_CHECK(waiting_ == nullptr && executed_ != nullptr);
  int64_t timeout_ms = request.timeout_ms;
  if (HasMutant(ServerMutant::kWaitTooShort)) timeout_ms = (timeout_ms + 1) / 2;
  waiting_ = std::make_unique<WaitingCommand>(&server_.store(), &info_, executed_,
                                              std::move(request), database_, reply_.protocol(),
                                              HasMutant(ServerMutant::kFirstKeyAwaited));
  waiting_->KeepLingering(std::move(lingering));
  Block(
      timeout_ms,
      [](Session& session, Wake wake) {
        if (wake == Wake::kRefused) return;
        if (wake == Wake::kUnblockedWithError) return session.reply_.Error(kUnblockedError);
        session.waiting_->timeout_reply() == BlockRequest::TimeoutReply::kNull
            ? session.reply_.Null()
            : session.reply_.NullArray();
      },
      waiting_->slots());
}

bool Session::WakeUp(Wake wake) {
  if (!blocked_ || retired_ || !info_.TakeAnswer()) return false;
  EndBlock(wake, /*error=*/"");
  return true;
}

void Session::EndBlock(Wake wake, absl::string_view error) {
  if (!blocked_) return;
  DFLY_CHECK(!executing_);
  WakeHandler handler = StopBlocking();
  const bool lingers = wake == Wake::kTimeout && HasMutant(ServerMutant::kTimedOutServed);
  if (waiting_ != nullptr && !lingers) waiting_->End();
  const OutputBuffer::Mark mark = output_.End();
  if (wake == Wake::kRefused) reply_.Error(error);
  handler(*this, wake);
  if (lingers && waiting_ != nullptr) {
    waiting_->Linger();
  } else {
    waiting_ = nullptr;
  }
  CountErrors(info_.last_command.load(std::memory_order_relaxed));
  GoOnAfter(mark);
}

void Session::Deliver(Answer* answer) {
  if (!blocked_) return;
  StopBlocking();
  if (waiting_ != nullptr) waiting_->End();
  waiting_ = nullptr;
  const OutputBuffer::Mark mark = output_.End();
  output_.TakeFrom(&answer->output);
  ChargeErrors(info_.last_command.load(std::memory_order_relaxed), answer->error_count,
               answer->error_code);
  GoOnAfter(mark);
}

Session::WakeHandler Session::StopBlocking() {
  blocked_ = false;
  info_.SetFlag(ClientInfo::kTimedBlock, false);
  info_.SetFlag(ClientInfo::kAwaitsServer, false);
  blocked_slots_.clear();
  if (wake_timer_ != EventLoop::kNoTimer)
    loop_.CancelTimer(std::exchange(wake_timer_, EventLoop::kNoTimer));
  return std::exchange(wake_handler_, nullptr);
}

// The reply of the command that has blocked stands behind `mark`.
void Session::GoOnAfter(const OutputBuffer::Mark& mark) {
  if (muted()) output_.TruncateTo(mark);
  EndCommand();
  GoOn();
}

void Session::GoOn() {
  ProcessInput();
  parser_.EndFeed();
  Flush();
}

void Session::ResumeAfterPause() {
  if (!paused_ || retired_) return;
  paused_ = false;
  info_.SetFlag(ClientInfo::kPaused, false);
  GoOn();
}

void Session::WakeIfBlockedOn(const SlotSet& lost) {
  if (!blocked_ || HasMutant(ServerMutant::kLostSlotWaitersStay)) return;
  for (const uint16_t slot : blocked_slots_) {
    if (!lost.test(slot)) continue;
    std::string error;
    {
      SlotLocks locks(&server_.store());
      locks.LockOne(slot);
      // It may have come back meanwhile: one can wait for its keys as before.
      if (server_.store().IsOwned(slot)) continue;
      error = server_.slot_router()->RefusalOf(slot);
    }
    if (info_.TakeAnswer()) EndBlock(Wake::kRefused, error);
    return;
  }
}

void Session::OnStateChanged() {
  if (waiting_ != nullptr && HasMutant(ServerMutant::kDemotedWaitersStay)) return;
  if (!is_waiting() || retired_ || !info_.TakeAnswer()) return;
  // What stands behind the command is not for this node any more.
  CloseAfterReply();
  EndBlock(Wake::kRefused, kStateChangedError);
}

}  // namespace damselfly
