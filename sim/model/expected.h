#ifndef DAMSELFLY_SIM_MODEL_EXPECTED_H_
#define DAMSELFLY_SIM_MODEL_EXPECTED_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/resp/reply_reader.h"

namespace damselfly::sim {

// What a model says a reply must be: exactly this, or any of a stated set.
class Expected {
 public:
  static Expected Ok() { return Simple("OK"); }
  static Expected Simple(absl::string_view text);
  static Expected Integer(int64_t value) { return IntegerIn(value, value); }
  // For times, which are known only as well as the moment of execution is.
  static Expected IntegerIn(int64_t low, int64_t high);
  static Expected Bulk(absl::string_view text);
  static Expected Null() { return Expected(Kind::kNull); }
  // Any error that begins with this.
  static Expected Error(absl::string_view prefix);
  static Expected Array(std::vector<Expected> elements);
  // These bulk strings in this order.
  static Expected Bulks(const std::vector<std::string>& texts);
  // These fields with their values, in any order: a map, or an array of both in turn.
  static Expected Fields(const std::map<std::string, std::string>& fields);
  // A score: a double, or its digits. Whole numbers only.
  static Expected Score(double score);
  // Members with their scores, in this order: pairs, or an array of both in turn.
  static Expected Scored(const std::vector<std::pair<std::string, double>>& members);
  // What a command has found under one key: a map, or an array of pairs.
  static Expected ByKey(absl::string_view key, Expected found);
  // These bulk strings, in any order.
  static Expected BulksInAnyOrder(std::vector<std::string> texts);
  // A step of SCAN, which was given the cursor `from`: another cursor, or "0" at the end, and keys
  // of those in `may`; at the end with all of `must`.
  static Expected Scanned(std::string from, std::vector<std::string> may,
                          std::vector<std::string> must);

  bool Matches(const Reply& reply) const;
  // One reply that matches: the least integer, texts in alphabetical order, all of them at once.
  Reply ToReply() const;
  bool is_null() const { return kind_ == Kind::kNull; }
  std::string ToString() const;

 private:
  enum class Kind {
    kSimple,
    kInteger,
    kBulk,
    kNull,
    kError,
    kArray,
    kBulksInAnyOrder,
    kScanned,
    kFields,
    kScore,
    kScored,
    kByKey,
  };
  explicit Expected(Kind kind) : kind_(kind) {}
  bool MatchesScan(const Reply& reply) const;
  bool MatchesFields(const Reply& reply) const;
  bool MatchesScored(const Reply& reply) const;

  Kind kind_;
  std::string text_;
  int64_t low_ = 0;
  int64_t high_ = 0;
  std::vector<Expected> elements_;       // of fields and scored members: both in turn
  std::vector<std::string> texts_;       // sorted
  std::vector<std::string> must_texts_;  // sorted; of a scan
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_MODEL_EXPECTED_H_
