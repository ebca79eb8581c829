#ifndef DAMSELFLY_BENCHMARKS_LOAD_REQUEST_MAKER_H_
#define DAMSELFLY_BENCHMARKS_LOAD_REQUEST_MAKER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "benchmarks/load/key_chooser.h"
#include "benchmarks/load/options.h"
#include "benchmarks/load/request_template.h"
#include "benchmarks/load/values.h"
#include "server/runtime/random.h"

namespace damselfly::load {

// One request, not yet written: a template's index and the numbers for its placeholders.
struct Request {
  uint16_t command = 0;
  absl::InlinedVector<uint64_t, 4> numbers;
};

// The keys of a filling: each number below `keys` is handed out once, to whichever thread asks.
class KeySupply {
 public:
  explicit KeySupply(int64_t keys) : keys_(keys) {}

  // Up to `count` consecutive numbers from *first on; returns how many, 0 when all are gone.
  int64_t Take(int64_t count, int64_t* first);

 private:
  const int64_t keys_;
  std::atomic<int64_t> next_{0};
};

// Draws the requests of one thread. Not thread-safe.
class RequestMaker {
 public:
  struct Plan {
    const std::vector<RequestTemplate>* templates = nullptr;
    std::vector<int64_t> weights;  // one a template
    const Values* values = nullptr;
    // Each __data__ is the one value that the request's first key may have, not a random one.
    bool values_are_of_keys = false;
    KeySupply* supply = nullptr;  // not null: keys come from there, and end
  };

  // Thread number `share` of `share_count`. What the plan points at must outlive it.
  RequestMaker(Plan plan, const Options& options, int share, int share_count);

  // False if there are no more keys. Inline, with what it calls most: it takes a large part of the
  // driver's own time.
  bool Draw(Request* request);

  const RequestTemplate& template_of(const Request& request) const {
    return (*plan_.templates)[request.command];
  }

 private:
  bool NextKey(uint64_t* key) {
    if (plan_.supply != nullptr) return NextSuppliedKey(key);
    *key = chooser_.Next(&random_);
    return true;
  }
  bool NextSuppliedKey(uint64_t* key);
  void ChooseCommand(Request* request);
  void TakeValuesOfKey(const RequestTemplate& its, Request* request) const;

  const Plan plan_;
  int64_t total_weight_ = 0;
  const uint64_t keys_;
  Random random_;
  KeyChooser chooser_;
  int64_t supplied_next_ = 0;
  int64_t supplied_left_ = 0;
};

inline bool RequestMaker::Draw(Request* request) {
  if (total_weight_ != plan_.weights[0]) ChooseCommand(request);
  const RequestTemplate& its = template_of(*request);
  const auto placeholders = its.placeholders();
  if (request->numbers.size() != placeholders.size()) request->numbers.resize(placeholders.size());
  uint64_t* number = request->numbers.data();
  for (RequestTemplate::Placeholder kind : placeholders) {
    if (kind == RequestTemplate::Placeholder::kKey) {
      if (!NextKey(number)) return false;
    } else if (kind == RequestTemplate::Placeholder::kInt) {
      *number = random_.Below(keys_);
    } else {
      *number = random_.Next();
    }
    ++number;
  }
  if (plan_.values_are_of_keys) TakeValuesOfKey(its, request);
  return true;
}

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_REQUEST_MAKER_H_
