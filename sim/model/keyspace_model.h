#ifndef DAMSELFLY_SIM_MODEL_KEYSPACE_MODEL_H_
#define DAMSELFLY_SIM_MODEL_KEYSPACE_MODEL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sim/model/expected.h"
#include "sim/model/moment.h"

namespace damselfly::sim {

using Args = std::vector<std::string>;

// One client's keys and the state of its connection, as the Redis documentation of each command
// says they behave. Plain maps and strings, written without a look at the server: the second
// opinion. Only the commands of the table in keyspace_model.cc. It is one *possible* state: where
// expiry makes two of it, Fork does.
class KeyspaceModel {
 public:
  // The names of the commands that the model understands, upper case.
  static bool Knows(absl::string_view command);

  // Executes a command at `moment` and says what its reply must be. Requires Knows(args[0]),
  // arguments that the generator gives, and that no key of it is in doubt (Fork has seen to that).
  Expected Execute(const Args& args, const Moment& moment);

  // If a key that the command looks at may be alive or expired at `moment`, decides for one: *this
  // takes it as alive, and the state in which it is gone is appended to `others`. Called until it
  // returns false. `number` is the command's own: each decides anew, for one may see a key that the
  // next one, executed in what looks like the same moment, does not.
  bool Fork(const Args& args, uint64_t number, const Moment& moment,
            std::vector<KeyspaceModel>* others);

  // A step of SCAN was answered by this, as Execute has said that it may be: what it has shown
  // need not be shown again by the steps that follow.
  void NoteScanned(const Reply& reply);

  // The connection is a new one: database 0, no transaction, nothing watched, no name.
  void ResetConnection();
  // The node has lost all.
  void Clear();

  // Within a transaction a deadline was set of which nobody can say whether it had passed: what the
  // transaction then saw is unknown, and this state may be none of the possible ones.
  bool in_doubt() const { return in_doubt_; }
  size_t key_count() const { return keys_.size(); }
  // Whether a key of the command has, or had at some time, a deadline.
  bool ConcernsDeadlines(const Args& args) const;

  friend bool operator==(const KeyspaceModel& a, const KeyspaceModel& b);

 private:
  using KeyName = std::pair<int, std::string>;  // database, key

  enum class Kind : uint8_t { kString, kList, kHash, kSet, kSortedSet, kStream };

  struct Stream {
    std::map<uint64_t, Args> entries;  // by id: n is "n-0" in replies; fields and values
    uint64_t last_id = 0;
    struct Group {
      uint64_t last_delivered = 0;
      std::map<uint64_t, std::string> pending;  // id and consumer
      friend bool operator==(const Group& a, const Group& b) {
        return a.last_delivered == b.last_delivered && a.pending == b.pending;
      }
    };
    std::map<std::string, Group> groups;
    friend bool operator==(const Stream& a, const Stream& b) {
      return a.entries == b.entries && a.last_id == b.last_id && a.groups == b.groups;
    }
  };

  struct Value {
    Kind type = Kind::kString;
    std::string data;                           // of a string
    std::deque<std::string> elements;           // of a list
    std::map<std::string, std::string> fields;  // of a hash
    std::set<std::string> members;              // of a set
    std::map<std::string, double> scores;       // of a sorted set: whole numbers
    Stream stream;
    // The deadline lies in [min, max]; none if max is 0.
    int64_t deadline_min_ms = 0;
    int64_t deadline_max_ms = 0;
    // Known to be alive at this virtual time.
    int64_t alive_at_ns = 0;
    // The command for which Fork took it as alive, or as expired but not deleted.
    uint64_t judged_for = 0;
    uint64_t hidden_for = 0;

    bool has_deadline() const { return deadline_max_ms != 0; }
    friend bool operator==(const Value& a, const Value& b) {
      return a.type == b.type && a.data == b.data && a.elements == b.elements &&
             a.fields == b.fields && a.members == b.members && a.scores == b.scores &&
             a.stream == b.stream && a.deadline_min_ms == b.deadline_min_ms &&
             a.deadline_max_ms == b.deadline_max_ms && a.alive_at_ns == b.alive_at_ns;
    }
  };
  using Handler = Expected (KeyspaceModel::*)(const Args& args);
  struct CommandRow {
    absl::string_view name;
    Handler handler;
    // Positions of the keys: first, last (negative: from the end), step. 0: none; first < 0: all
    // keys there are.
    int first_key;
    int last_key;
    int key_step;
    // What the first key must hold, if there is such a key.
    int first_key_type;
  };
  static constexpr int kAnyType = -1;
  static constexpr int kStringType = static_cast<int>(Kind::kString);
  static constexpr int kListType = static_cast<int>(Kind::kList);
  static constexpr int kHashType = static_cast<int>(Kind::kHash);
  static constexpr int kSetType = static_cast<int>(Kind::kSet);
  static constexpr int kSortedSetType = static_cast<int>(Kind::kSortedSet);
  static constexpr int kStreamType = static_cast<int>(Kind::kStream);

  static absl::Span<const CommandRow> Rows();
  static const CommandRow* FindRow(absl::string_view name);

  // A key that a command looks at. Who asks for one key and finds it expired has it deleted. Other
  // commands may pass over an expired key and leave it: should the wall clock step back, it is
  // there again.
  struct Look {
    KeyName name;
    bool deletes;
  };
  // The keys that the command, or the transaction that it ends, looks at.
  std::vector<Look> KeysOf(const Args& args) const;
  void AppendKeys(const Args& args, std::vector<Look>* keys) const;
  // May have been past its deadline, and dropped, at some time since it was last seen.
  bool MaybeGone(const Value& value, const Moment& moment) const;
  bool SurelyExpired(const Value& value) const {
    return value.has_deadline() && value.deadline_max_ms < now_.wall_min_ms();
  }

  KeyName Name(const std::string& key) const { return {database_, key}; }
  void EndTransaction();
  Value* Find(const std::string& key) { return FindIn(Name(key)); }
  Value* FindIn(const KeyName& name);
  bool Erase(const std::string& key) { return Find(key) != nullptr && EraseIn(Name(key)); }
  bool EraseIn(const KeyName& name);
  Value& Assign(const std::string& key, std::string data);  // drops the deadline
  void Touch(const KeyName& name);
  bool IsOther(const std::string& key, Kind type) {
    const Value* const value = Find(key);
    return value != nullptr && value->type != type;
  }
  static Expected WrongType() { return Expected::Error("WRONGTYPE"); }
  // The value of a collection, made if it is missing. Requires that the key holds no other type.
  Value& Open(const std::string& key, Kind type);
  // After a change of a collection: it is gone when nothing is left in it.
  void Close(const std::string& key);
  void NoteDoubt() { in_doubt_ = in_doubt_ || executing_transaction_; }
  void SetDeadline(Value* value, int64_t min_ms, int64_t max_ms);
  Expected Run(const Args& args);

  // string_model.cc
  Expected Get(const Args& args);
  Expected Set(const Args& args);
  Expected SetNx(const Args& args);
  Expected SetEx(const Args& args);
  Expected PSetEx(const Args& args);
  Expected GetSet(const Args& args);
  Expected GetDel(const Args& args);
  Expected GetEx(const Args& args);
  Expected Append(const Args& args);
  Expected StrLen(const Args& args);
  Expected Incr(const Args& args);
  Expected Decr(const Args& args);
  Expected IncrBy(const Args& args);
  Expected DecrBy(const Args& args);
  Expected AddTo(const std::string& key, int64_t delta);
  Expected GetRange(const Args& args);
  Expected SetRange(const Args& args);
  Expected MGet(const Args& args);
  Expected MSet(const Args& args);
  Expected MSetNx(const Args& args);
  Expected ValueOrNull(const std::string& key);
  // Applies EX, PX, EXAT or PXAT to a key that is there.
  void ApplyExpiryOption(const std::string& key, const std::string& option,
                         const std::string& number);

  // bitmap_model.cc
  Expected SetBit(const Args& args);
  Expected GetBit(const Args& args);
  Expected BitCount(const Args& args);
  Expected BitOp(const Args& args);

  // list_model.cc
  Expected Push(const Args& args);
  Expected PushX(const Args& args);
  Expected Pop(const Args& args);
  Expected BlockingPop(const Args& args);
  Expected LLen(const Args& args);
  Expected LIndex(const Args& args);
  Expected LSet(const Args& args);
  Expected LInsert(const Args& args);
  Expected LRange(const Args& args);
  Expected LRem(const Args& args);
  Expected LTrim(const Args& args);
  Expected LMove(const Args& args);

  // hash_model.cc
  Expected HSet(const Args& args);
  Expected HSetNx(const Args& args);
  Expected HGet(const Args& args);
  Expected HMGet(const Args& args);
  Expected HGetAll(const Args& args);
  Expected HKeys(const Args& args);
  Expected HLen(const Args& args);
  Expected HExists(const Args& args);
  Expected HDel(const Args& args);
  Expected HIncrBy(const Args& args);

  // set_model.cc
  Expected SAdd(const Args& args);
  Expected SRem(const Args& args);
  Expected SIsMember(const Args& args);
  Expected SCard(const Args& args);
  Expected SMembers(const Args& args);
  Expected SMove(const Args& args);
  Expected SCombine(const Args& args);
  Expected SCombineStore(const Args& args);
  bool Combined(absl::string_view how, const Args& args, size_t first,
                std::set<std::string>* members);

  // sorted_set_model.cc
  Expected ZAdd(const Args& args);
  Expected ZIncrBy(const Args& args);
  Expected ZRem(const Args& args);
  Expected ZScore(const Args& args);
  Expected ZCard(const Args& args);
  Expected ZRank(const Args& args);
  Expected ZCount(const Args& args);
  Expected ZRange(const Args& args);
  Expected ZRangeByScore(const Args& args);
  Expected ZPop(const Args& args);

  // stream_model.cc
  Expected XAdd(const Args& args);
  Expected XLen(const Args& args);
  Expected XRange(const Args& args);
  Expected XDel(const Args& args);
  Expected XTrim(const Args& args);
  Expected XGroup(const Args& args);
  Expected XReadGroup(const Args& args);
  Expected XAck(const Args& args);

  // key_model.cc
  Expected Del(const Args& args);
  Expected Exists(const Args& args);
  Expected Type(const Args& args);
  Expected Rename(const Args& args);
  Expected RenameNx(const Args& args);
  Expected Copy(const Args& args);
  Expected Move(const Args& args);
  Expected Expire(const Args& args);
  Expected PExpire(const Args& args);
  Expected ExpireAt(const Args& args);
  Expected PExpireAt(const Args& args);
  Expected ExpireAfter(const Args& args, int64_t time_ms);
  Expected ExpireAtTime(const Args& args, int64_t time_ms);
  Expected ExpireTo(const Args& args, int64_t min_ms, int64_t max_ms, bool passed);
  Expected ExpireBeyond(const KeyName& name, bool later, int64_t min_ms, int64_t max_ms);
  Expected Ttl(const Args& args);
  Expected PTtl(const Args& args);
  Expected ExpireTime(const Args& args);
  Expected PExpireTime(const Args& args);
  Expected TimeLeft(const std::string& key, bool absolute, int64_t unit_ms);
  Expected Persist(const Args& args);
  Expected Keys(const Args& args);
  Expected Scan(const Args& args);
  void ForgetOtherTypes();
  Expected FlushDb(const Args& args);
  Expected SwapDb(const Args& args);

  // connection_model.cc
  Expected Ping(const Args& args);
  Expected Echo(const Args& args);
  Expected Select(const Args& args);
  Expected Multi(const Args& args);
  Expected Exec(const Args& args);
  Expected Discard(const Args& args);
  Expected Watch(const Args& args);
  Expected Unwatch(const Args& args);
  Expected Quit(const Args& args);
  Expected Reset(const Args& args);
  Expected Client(const Args& args);
  Expected Unknown(const Args& args);

  std::map<KeyName, Value> keys_;
  std::set<KeyName> had_deadline_;
  Moment now_{0, 0, nullptr};
  uint64_t number_ = 0;  // of the command that Fork has prepared

  int database_ = 0;
  // Of a round of SCAN: the keys that have been there since it began, all the time of the type that
  // it asks for, and that it has not shown.
  // Those with a deadline may be hidden now and seen again when the clock steps back.
  int scan_database_ = 0;
  std::string scan_type_;  // "": of any
  std::set<std::string> unscanned_;
  std::string connection_name_;
  bool in_transaction_ = false;
  bool transaction_failed_ = false;
  std::vector<Args> queued_;
  std::set<KeyName> watched_;
  bool watched_changed_ = false;
  bool executing_transaction_ = false;
  bool in_doubt_ = false;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_MODEL_KEYSPACE_MODEL_H_
