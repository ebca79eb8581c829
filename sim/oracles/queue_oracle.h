#ifndef DAMSELFLY_SIM_ORACLES_QUEUE_ORACLE_H_
#define DAMSELFLY_SIM_ORACLES_QUEUE_ORACLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S31 for the queues of one process of a node, from which clients pop elements that are never used
// twice, and for which they wait. It is told everything that clients were answered, in any order,
// and judges when all is over:
//   - an element is given to one client, or stays; only a pop whose connection broke may have taken
//     one unseen
//   - a pop takes what is first in its key's order, as many as there are and it wants, from the
//     first of its keys that has any
//   - nobody waits while an element that he waits for is there, and is certain to be
//   - who has waited for a key is served before those that have come later; of one push he gets
//     what is ahead
//   - "nothing" is answered when the time is over, and not before unless somebody has asked for
//     that; in calm times soon, as is what has come
//
// There is no search: each rule is about what is certain. A request without a predecessor on its
// connection is executed as soon as the node has it, so the beginning of a wait is known to the
// nanosecond; and who waits is served by the command that brings what he waits for.
class QueueOracle {
 public:
  static constexpr int64_t kNever = INT64_MAX;

  enum class Order {
    kFirstIn,  // the order of pushing
    kLastIn,   // the other way round
    kLowestScore
  };
  // Something happened then, as well as it is known.
  struct Span {
    int64_t begin_ns = 0;
    int64_t end_ns = 0;
  };
  struct Element {
    std::string value;
    int64_t score = 0;
  };
  // A request for elements.
  struct Pop {
    std::vector<std::string> keys;  // in the order in which they are tried
    size_t count_max = 1;
    // Where what is taken is pushed at once; "": nowhere. Nothing moves on from there.
    std::string destination;
    uint64_t client = 0;     // that waits; 0: it does not
    int64_t timeout_ns = 0;  // of who waits
    // From when the node had the request to when it had written the reply; of a wait the beginning
    // is exact.
    Span span;
  };

  // kFirstIn for who has none.
  void SetOrder(const std::string& key, Order order) { keys_[key].order = order; }

  // One command, or one EXEC, has pushed these one after the other; or, unless `certain`, perhaps
  // has, then or later.
  void OnPush(const std::string& key, std::vector<Element> elements, Span span, bool certain);

  void OnPopped(Pop pop, const std::string& key, std::vector<std::string> values);
  void OnNothing(Pop pop) { pops_.push_back({std::move(pop), Outcome::kNothing}); }
  // A wait was answered by -UNBLOCKED.
  void OnSentAway(Pop pop) { pops_.push_back({std::move(pop), Outcome::kSentAway}); }
  // The connection broke. Its span ends when the node's end was gone.
  void OnLost(Pop pop) { pops_.push_back({std::move(pop), Outcome::kLost}); }
  // Somebody has asked to end the client's wait, and may have.
  void OnUnblock(uint64_t client, Span span, bool with_error) {
    unblocks_.push_back({client, span, with_error});
  }

  // What a key holds at the end, in its order. What is missing is judged only where this is known.
  void OnRemaining(const std::string& key, std::vector<std::string> values);
  // Within that time the key may have been emptied, and have got other contents.
  void OnBreak(const std::string& key, Span span) { keys_[key].breaks.push_back(span); }
  // Who begins to wait from then on is answered in time, and so much later at most.
  void BeginCalm(int64_t since_ns, int64_t late_ns) {
    calm_since_ns_ = since_ns;
    late_ns_ = late_ns;
  }

  // Judges everything, once. `name` is for the message.
  void Check(absl::string_view name, OracleBoard* board);

 private:
  enum class Outcome { kPopped, kNothing, kSentAway, kLost };
  static constexpr size_t kNone = SIZE_MAX;

  struct PopRecord {
    Pop pop;
    Outcome outcome;
    std::string key = {};  // from which it popped
    std::vector<std::string> values = {};
    // Found out when all is over:
    std::vector<size_t> tokens = {};     // of that key
    Span done = {};                      // when it took them
    bool waited = false;                 // they came when it waited already
    int64_t waits_until_ns = INT64_MIN;  // for certain
  };
  struct PushRecord {
    std::string key;
    std::vector<Element> elements;
    Span span;
    bool certain;
  };
  // An element of a key.
  struct Token {
    std::string value;
    int64_t score;
    size_t push;   // its number
    size_t index;  // in the push
    Span pushed;
    bool certain;  // it has been pushed
    size_t pop = kNone;
    bool remains = false;
    bool popped_again = false;
    // There was another one of that value, on the other side of a break: nobody knows which is
    // meant.
    bool ambiguous = false;
    // It was there for certain.
    Span there = {kNever, INT64_MIN};
  };
  struct Key {
    Order order = Order::kFirstIn;
    std::vector<Span> breaks;
    bool remaining_known = false;
    std::vector<std::string> remaining;
    std::vector<Token> tokens;
    std::map<std::string, size_t> by_value;
    std::vector<size_t> pops;   // that took something from it
    std::vector<size_t> waits;  // in which it was waited for
  };
  struct Unblock {
    uint64_t client;
    Span span;
    bool with_error;
  };

  static bool IsBroken(const Key& key, int64_t begin_ns, int64_t end_ns);
  static bool IsAhead(const Key& key, const Token& first, const Token& second);
  static bool IsThere(const Token& token, const Span& span) {
    return token.there.begin_ns < span.begin_ns && token.there.end_ns > span.end_ns;
  }

  // ---- Who has taken what ----
  void AddTokens(size_t push);
  void FindTokens();
  // The number of the element that the pop has taken, if it can have.
  size_t TakeToken(size_t pop, const std::string& value);
  size_t FindMoved(const std::string& key, const std::string& value, int64_t end_ns);
  void FindDone(PopRecord* record);
  void FindRemaining();
  void FindWaits();
  int64_t WaitsUntil(const PopRecord& record) const;
  void FindPresence();

  // ---- The rules ----
  void CheckOrder(const Key& key, const PopRecord& record);
  void CheckFirstKey(const PopRecord& record);
  void CheckNothing(const PopRecord& record);
  void CheckTime(const PopRecord& record);
  void CheckNobodyWaits(const std::string& name, const Key& key);
  void CheckArrival(const std::string& name, const Key& key);
  void CheckSamePush(const std::string& name, const Key& key);
  void CheckRemaining(const std::string& name, const Key& key);
  void CheckMissing();
  bool FindTaker(const std::pair<const std::string*, const Token*>& missing,
                 std::set<size_t>* tried);

  const Unblock* FindUnblock(const PopRecord& record, bool with_error) const;
  std::string TextOf(const PopRecord& record) const;
  void Violate(const std::string& text);

  std::map<std::string, Key> keys_;
  std::vector<PushRecord> pushes_;
  std::vector<PopRecord> pops_;
  std::vector<Unblock> unblocks_;
  int64_t calm_since_ns_ = kNever;
  int64_t late_ns_ = 0;
  // While it judges:
  std::string name_;
  OracleBoard* board_ = nullptr;
  // What each lost pop may have taken, of what is missing.
  std::map<size_t, std::vector<std::pair<const std::string*, const Token*>>> taken_unseen_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_QUEUE_ORACLE_H_
