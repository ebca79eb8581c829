#ifndef DAMSELFLY_SERVER_SESSION_SESSION_H_
#define DAMSELFLY_SERVER_SESSION_SESSION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/slot_set.h"
#include "server/commands/blocker.h"
#include "server/commands/command_context.h"
#include "server/commands/command_registry.h"
#include "server/resp/output_buffer.h"
#include "server/resp/reply_writer.h"
#include "server/resp/request_parser.h"
#include "server/runtime/network.h"
#include "server/session/client_info.h"
#include "server/session/client_tracking.h"
#include "server/session/output_source.h"
#include "server/session/owned_request.h"
#include "server/session/server_state.h"
#include "server/session/slot_locks.h"
#include "server/session/subscription_set.h"
#include "server/session/transaction.h"
#include "server/session/worker.h"

namespace damselfly {

class ChangeGroup;
struct Answer;
class ServedSlots;
class WaitingCommand;

// One client connection: bytes in, commands parsed in batches, checked, executed under their slots'
// locks, replies out with one write. Lives on one worker; everything here runs on that worker's
// loop. Owned by its Worker.
//
//   OnData -> parser -> batch of <= 32 -> prefetch slots, buckets, entries -> execute -> Flush
class Session final : public StreamHandler, private Blocker {
 public:
  Session(Worker* worker, std::unique_ptr<Stream> stream, ClientPort port);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Start();

  void OnDataSoon(absl::string_view data) override;
  void OnData(absl::string_view data) override;
  void OnWritable() override;
  void OnClosed(const absl::Status& reason) override;

  // ---- For the connection's own commands ----
  Worker& worker() { return worker_; }
  ServerState& server() const { return server_; }
  ClientInfo& info() { return info_; }
  uint64_t id() const { return info_.id; }
  Transaction& transaction() { return transaction_; }
  ReplyWriter& reply() { return reply_; }

  int database() const { return database_; }
  void SelectDatabase(int index);
  void SetProtocol(int version);
  bool authenticated() const { return authenticated_ || !server_.config().has_password(); }
  void SetAuthenticated(bool authenticated) { authenticated_ = authenticated; }
  // The connection comes from this machine (loopback or Unix socket).
  bool IsLocal() const;
  // It came in on the admin port: pauses do not hold it, and it may do more.
  bool is_admin() const { return info_.port == ClientPort::kAdmin; }
  // The address that the client has connected to.
  const Endpoint& local_endpoint() const { return stream_->local(); }

  // After the replies written so far have been sent, closes. Commands behind the current one are
  // not executed.
  void CloseAfterReply();
  // Closes now; unsent replies are lost.
  void Kill();
  // It is closed: nothing is sent or executed any more.
  bool retired() const { return retired_; }
  // Closes now if nothing is executing on this session, else after the current command's reply (a
  // client that kills itself still gets its reply).
  void KillSoon();

  enum class ReplyMode : uint8_t { kOn, kOff, kSkipNext };
  void SetReplyMode(ReplyMode mode);
  ReplyMode reply_mode() const { return reply_mode_; }

  void SetMonitor(bool on);
  bool is_monitor() const { return info_.HasFlag(ClientInfo::kMonitor); }
  // A line for a client in MONITOR mode.
  void SendMonitorLine(absl::string_view line);

  // ---- Publish/subscribe ----
  // Return whether that changed anything. Nothing is written to the client.
  bool Subscribe(SubscriptionKind kind, absl::string_view name);
  bool Unsubscribe(SubscriptionKind kind, absl::string_view name);
  void UnsubscribeAll();
  // In the order of their bytes.
  std::vector<std::string> SubscribedNames(SubscriptionKind kind) const;
  // The client has a subscription: in RESP2 most commands are refused then.
  bool is_subscribed() const { return info_.HasFlag(ClientInfo::kPubSub); }
  // Pushes "what, name (null: no name), subscriptions that are left" to the client.
  void PushConfirmation(absl::string_view what, SubscriptionKind kind,
                        const absl::string_view* name);
  // Pushes a message that was published, for the subscription to `pattern` (null: to the channel).
  void PushMessage(const Publication& publication, const absl::string_view* pattern);
  // Sends what was pushed. By WorkerSubscriptions.
  void FlushPushed();
  // The node serves these slots no longer: unsubscribes from all shard channels in them and pushes
  // an "sunsubscribe" for each. By the worker, whatever runs on this session at the moment.
  void DropShardChannels(const SlotSet& lost);

  // ---- Client-side caching (CLIENT TRACKING) ----
  // Null: it is off.
  const ClientTracking* tracking() const { return tracking_.get(); }
  // Switches it on, or sets it up anew. Prefixes that it listens to already stay.
  void EnableTracking(TrackingOptions options);
  void DisableTracking();
  // CLIENT CACHING: the next command is the exception that it makes.
  void SetCaching() { tracking_->caching = true; }
  // Tells this client, or whom it redirects to. Requires tracking().
  void Invalidate(const Invalidation& invalidation);
  // Runs this command, by its lower-case name, or has run it last.
  bool IsExecuting(absl::string_view name) const;
  // Pushes it to this client, which tracks by itself or is the receiver of one that does, in RESP
  // version `origin_protocol`.
  void PushInvalidation(const Invalidation& invalidation, int origin_protocol, bool redirected);
  // Whom this client redirects to is gone.
  void OnRedirectBroken(uint64_t receiver_id);

  // RESET: what a fresh connection is like.
  void Reset();

  // ---- Blocking ----
  // Why a blocked command is taken up again.
  enum class Wake {
    kTimeout,
    kUnblocked,
    kUnblockedWithError,
    kRefused,  // the session has written an error: the handler writes nothing
  };
  using WakeHandler = absl::AnyInvocable<void(Session& session, Wake wake)>;
  // The current command gives its reply later: `handler` writes it. No further command of this
  // client runs until then. `timeout_ms` 0 = for ever. Not inside EXEC. A command that waits for
  // keys names their `slots`, whose locks are held, and is woken when the node loses one of them.
  void Block(int64_t timeout_ms, WakeHandler handler, absl::Span<const uint16_t> slots = {});
  // The same for what goes on whatever becomes of the node, and ends by itself.
  void BlockUntilDone(WakeHandler handler);
  bool is_blocked() const { return blocked_; }
  // Blocked by a command that has nothing to wait for any more once the node is closed.
  bool is_waiting() const { return blocked_ && !info_.HasFlag(ClientInfo::kAwaitsServer); }
  // It waits for keys.
  bool is_waiting_for_keys() const { return waiting_ != nullptr; }
  // Ends a block; returns false when there is none, or its end is on its way.
  bool WakeUp(Wake wake);
  // Ends the block of a client whose answer has been taken (ClientInfo::TakeAnswer). `error` is
  // what it is told if it is kRefused.
  void EndBlock(Wake wake, absl::string_view error = {});
  // The command that waits has been served.
  void Deliver(Answer* answer);
  // Tries held-back commands again (after CLIENT PAUSE).
  void ResumeAfterPause();
  // This node does not own these slots any more: ends a block on one of them.
  void WakeIfBlockedOn(const SlotSet& lost);
  // The node is no master any more: whoever waits is told so, and sent away, as by Redis.
  void OnStateChanged();

  // ---- Links to replicas ----
  // From the next byte on this connection sends what `source` gives, behind the replies written so
  // far; what the client still sends is ignored. It counts as a replica for limits and lists, no
  // pause holds it, and it may be idle; but it is closed when the peer takes nothing for
  // replication_timeout while something waits. Called once, by a command or not. Inside a command
  // the source is first asked when that is done.
  void StreamFrom(std::shared_ptr<OutputSource> source);
  // The source has something to send again. Also from within its own Produce.
  void Produce();
  bool is_streaming() const { return source_ != nullptr; }
  // Of a replica: a flow, or what ClientInfo::kReplica has been set for.
  bool is_replica() const { return info_.HasFlag(ClientInfo::kReplica); }
  // Called once, when this connection has gone, with no slot locked: as OnSessionClosed, when the
  // session is destroyed. At most one handler.
  void SetCloseHandler(absl::AnyInvocable<void()> handler) { close_handler_ = std::move(handler); }

  // ---- Periodic, by the worker ----
  // Closes the session if it has been idle, or over its output's soft limit, for too long.
  void CheckLimits(int64_t now_ms);

  // Executes the commands of a transaction with the locks held; used by EXEC.
  void ExecuteQueued(const OwnedRequest& request, CommandContext& exec_context);

 private:
  friend class Transaction;

  // A command about to run.
  struct Call {
    const Command* command;
    absl::Span<const absl::string_view> args;
    absl::Span<const BlobRef> blobs;
    absl::Span<const Key> keys;  // derived: the first ones, from args[first_key_index] on
    int first_key_index = 0;
    bool has_one_key = false;  // of no fixed place, and known to have no other than keys[0]
  };

  // No state of the client asks for more of a command than to be run, and to have its reply.
  bool is_ordinary() const {
    return CanExecute() && held_.empty() && authenticated() && !transaction_.active() &&
           reply_mode_ == ReplyMode::kOn && !skip_reply_ && !no_reply_ &&
           !info_.HasFlag(ClientInfo::kPubSub | ClientInfo::kMonitor | ClientInfo::kTracking);
  }
  bool CanExecute() const {
    return !closing_ && !blocked_ && !paused_ && !output_held_ && !is_streaming();
  }
  void ProcessInput();
  // Executes the first `count` items of the worker's batch; what cannot run now is kept in held_.
  void ExecuteBatch(size_t count);
  // The short way of a plain command of an ordinary client: runs it, as Dispatch would. Or returns
  // false and has done nothing: there is a doubt for Dispatch to judge. `context` is the client's.
  bool RunPlain(const BatchItem& item, CommandContext& context);
  // All that the current item asks for. False: it must be held back.
  bool RunItem(BatchItem& item);
  bool PrefetchBatch(size_t count);
  static bool FindMovableKey(BatchItem* item);
  absl::Span<const absl::string_view> MembersOfBatch(size_t count);
  bool RunKeyless(const BatchItem& item, CommandContext& context);
  int64_t ChargeAlone(const BatchItem& item, int64_t begin_ns);
  void ChargeBatch(size_t count, bool is_uniform, int64_t total_ns);
  void RunHeld();
  void HoldBack(const BatchItem& item);
  void HandleParserFailure(RequestParser::Result result);
  void CloseForQueryBuffer();

  // Checks a command and runs, queues or refuses it. Returns false if it must be tried again later
  // (paused).
  bool Dispatch(const Call& call);
  // The subcommand where there is one; the error is written and null returned when it fails.
  const Command* Resolve(const Command* command, absl::Span<const absl::string_view> args);
  void Refuse(const Command* command, absl::string_view error);
  // False: it is held by a pause, and has done nothing.
  bool Execute(const Command& command, Call& call);
  // Blocker: the running command waits for keys.
  void Block(BlockRequest request) override;
  // Forgets what it has waited for; returns who is to write the reply.
  WakeHandler StopBlocking();
  bool HasMutant(ServerMutant mutant) const;
  void GoOnAfter(const OutputBuffer::Mark& mark);
  // Takes up what has been held back.
  void GoOn();
  // Serves those who wait for what has just changed, the locks still held. Returns whether
  // something is left for KeyServer::ServeRest.
  bool ServeWaiting(ServedSlots* slots, ChangeGroup* group);

  // Takes the locks that the command needs, and judges under them whether this node serves its
  // keys' slots. If not, writes the refusal and returns false. Derives the call's keys, where there
  // are several in a range, and has the cache fetch what is found of them.
  bool LockSlots(const Command& command, Call& call, SlotLocks* locks);
  bool LockSlotsOfKeys(const Command& command, Call& call, SlotLocks* locks);
  // Locks and judges what has been collected.
  bool LockCollected(const Command& command, const SlotLocks::Slots& slots, SlotLocks* locks);
  // The same judgement as of now, without keeping locks: for commands that are queued, and for
  // those that take their locks themselves and look again.
  bool ServesSlotsOf(const Command& command, const Call& call);
  // True if all keys are in one slot that this node owns; locks it. Else writes the refusal.
  bool LockOwnedSlot(const Command& command, const SlotLocks::Slots& slots, SlotLocks* locks);
  // Whether the command may run on this slot, which is locked; else writes the refusal.
  bool ServesLockedSlot(const Command& command, uint16_t slot);
  void CountAccesses(const Command& command, absl::Span<const uint16_t> slots);
  // What a handler is given, with the parts that are the same in and outside EXEC.
  CommandContext MakeContext(const Command& command, const Call& call, int64_t now_ms);
  // Shows the command to the monitors, if there are any and they may see it.
  void Monitor(const Call& call);
  // The command, or something that an EXEC runs, has one of the flags.
  bool Does(const Command& command, uint32_t flags) const;
  // Whether the node, as it is now, runs the command (ServiceRefusal); else writes the refusal.
  bool Admits(const Command& command, bool slots_judged);
  bool HasMemoryFor(const Command& command, const Call& call);
  bool HeldByPause(const Command& command);
  bool NeedsPassword() const;
  // Replies to the client are thrown away at the moment.
  bool muted() const { return reply_mode_ == ReplyMode::kOff || skip_reply_; }
  void EndCommand();
  // Charges the errors written since the last call to `command`; null: to none.
  void CountErrors(const Command* command);
  void ChargeErrors(const Command* command, uint64_t errors, absl::string_view last_code);
  void Account(const Command& command, absl::Span<const absl::string_view> args,
               int64_t elapsed_ns);
  // A call that took so long is to be written down.
  bool IsSlow(int64_t elapsed_ns) const;
  void NoteSlow(const Command& command, absl::Span<const absl::string_view> args,
                int64_t elapsed_ns);

  // Where a push stands that comes while a command of this client runs.
  enum class PushPlace : uint8_t {
    kBeforeReply,  // what commands on channels push stands where they push it
    kBehindReply,
  };
  // Lets `fill` write to a ReplyWriter what the client gets whether or not it gets replies.
  void Push(PushPlace place, absl::FunctionRef<void(ReplyWriter&)> fill);
  OutputBuffer* PushTarget(PushPlace place);
  // What was pushed while a command ran takes its place before its reply, which begins at `reply`,
  // and behind it.
  void PlacePushes(const OutputBuffer::Mark& reply);
  void PlaceLatePushes();

  // Takes the mail in which others' changes come, and has what it brings stand before the reply of
  // the command that runs. Requires that nothing of the reply is written yet, and the locks of what
  // the command reads.
  void CatchUpWithInvalidations();
  // What the command has read is tracked, if the client wants that. Requires the keys' slots'
  // locks.
  void RememberKeys(const Command& command, absl::Span<const absl::string_view> args);
  // CLIENT CACHING holds for one command.
  void EndCaching();
  void SendRedirected(const Invalidation& invalidation);

  // Begins and ends the running of commands.
  void BeginRunning();
  void EndRunning();
  int64_t ConfirmedCount(SubscriptionKind kind) const;
  void ShowSubscriptions();

  void Flush();
  // Hands to the stream what it takes.
  void Send();
  void SendGathered();
  void SendPieces(absl::Span<const absl::string_view> pieces);
  // Produce(), in a later pass.
  void ProduceLater();
  // Has the source fill what the stream takes. Returns false if the session has been closed.
  bool SendFromSource();
  // Closes a flow whose peer has taken nothing for too long; returns whether it has.
  bool CloseIfStuck(int64_t now_ms);
  void CheckOutputLimits();
  void CloseForOutput();
  void PublishInfo();
  void Retire();

  Worker& worker_;
  ServerState& server_;
  EventLoop& loop_;
  std::unique_ptr<Stream> stream_;
  RequestParser parser_;
  OutputBuffer output_;
  ReplyWriter reply_;
  ClientInfo info_;
  Transaction transaction_;
  std::unique_ptr<SubscriptionSet> subscriptions_;  // null until the first one
  std::unique_ptr<ClientTracking> tracking_;        // null: off
  OutputBuffer early_pushes_;                       // to stand before the running command's reply
  OutputBuffer late_pushes_;                        // to stand behind it
  std::deque<OwnedRequest> held_;  // parsed, waiting for the end of a block or pause
  WakeHandler wake_handler_;
  std::unique_ptr<WaitingCommand> waiting_;  // null: it waits for no key
  absl::AnyInvocable<void()> close_handler_;
  std::shared_ptr<OutputSource> source_;  // null but for a flow to a replica
  absl::InlinedVector<uint16_t, 4> blocked_slots_;
  EventLoop::TimerId wake_timer_ = EventLoop::kNoTimer;
  int64_t over_soft_limit_since_ms_ = 0;
  int64_t stuck_since_ms_ = 0;  // something waits, and the peer has taken nothing; 0: no
  int64_t alone_ns_ = 0;        // of the batch: what commands timed alone have taken
  const Command* executed_ =
      nullptr;  // what the last Dispatch has run; null: refused, queued or held back
  OutputBuffer::Mark reply_begin_;  // of the command that runs, where it is not a plain one
  uint64_t errors_counted_ = 0;     // of reply_'s errors
  int database_ = 0;
  ReplyMode reply_mode_ = ReplyMode::kOn;
  bool skip_reply_ = false;  // of the current command, or the one that comes
  bool no_reply_ = false;    // CLIENT REPLY OFF and SKIP take back their own
  bool authenticated_ = false;
  bool blocked_ = false;
  bool paused_ = false;
  bool output_held_ = false;  // too much unsent: commands wait
  bool reading_paused_ = false;
  bool waiting_for_writable_ = false;
  bool closing_ = false;
  bool close_after_reply_ = false;
  bool executing_ = false;
  bool in_handler_ = false;       // of a command that is not plain
  bool publishes_ = false;        // that is one on channels
  bool pushed_too_much_ = false;  // over the hard limit: closed as soon as nothing runs on it
  bool push_pending_ = false;     // FlushPushed will come
  bool producing_ = false;        // inside source_'s Produce
  bool produce_again_ = false;    // Produce() was called meanwhile
  bool produce_later_ = false;    // a call is on its way
  bool retired_ = false;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_SESSION_H_
