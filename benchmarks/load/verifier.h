#ifndef DAMSELFLY_BENCHMARKS_LOAD_VERIFIER_H_
#define DAMSELFLY_BENCHMARKS_LOAD_VERIFIER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "benchmarks/load/reply_scanner.h"
#include "benchmarks/load/values.h"

namespace damselfly::load {

// Knows which keys have been written by this run, and what is in them: each key has one value that
// it may have (Values::NumberOfKey). All threads share one.
class Verifier {
 public:
  // Differences beyond these are only counted.
  static constexpr size_t kTextsMax = 10;

  // `values` must outlive it.
  Verifier(const Values* values, int64_t keys);

  // The server has acknowledged a SET of the key.
  void MarkWritten(uint64_t key) {
    written_[key / 64].fetch_or(uint64_t{1} << (key % 64), std::memory_order_relaxed);
  }
  // To ask before a GET leaves: what is acknowledged later, it need not see.
  bool IsWritten(uint64_t key) const {
    return (written_[key / 64].load(std::memory_order_relaxed) >> (key % 64)) & 1;
  }

  // A reply to GET; true if there was anything to check: a key that this run had written before.
  // Errors are not its business.
  bool CheckGet(uint64_t key, bool was_written, const ReplyScanner::Result& reply);
  // A reply to SET; marks the key.
  void CheckSet(uint64_t key, const ReplyScanner::Result& reply);

  int64_t differences() const { return differences_.load(std::memory_order_relaxed); }
  std::vector<std::string> texts() const;

 private:
  void Differs(std::string text);

  const Values* const values_;
  const std::unique_ptr<std::atomic<uint64_t>[]> written_;
  std::atomic<int64_t> differences_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;  // under mutex_
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_VERIFIER_H_
