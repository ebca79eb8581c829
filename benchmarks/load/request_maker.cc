#include "benchmarks/load/request_maker.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "server/base/check.h"

namespace damselfly::load {
namespace {

constexpr int64_t kSuppliedAtOnce = 64;

}  // namespace

int64_t KeySupply::Take(int64_t count, int64_t* first) {
  *first = next_.fetch_add(count, std::memory_order_relaxed);
  return std::clamp<int64_t>(keys_ - *first, 0, count);
}

RequestMaker::RequestMaker(Plan plan, const Options& options, int share, int share_count)
    : plan_(std::move(plan)),
      keys_(static_cast<uint64_t>(options.keys)),
      // Streams of neighbouring seeds would overlap: each gets one from another generator.
      random_(Random(options.seed * 0x9e3779b97f4a7c15ull + static_cast<uint64_t>(share)).Next()),
      chooser_(options.key_distribution, options.keys, share, share_count) {
  DFLY_CHECK(!plan_.templates->empty());
  DFLY_CHECK_EQ(plan_.weights.size(), plan_.templates->size());
  DFLY_CHECK_LE(plan_.templates->size(), size_t{std::numeric_limits<uint16_t>::max()});
  for (int64_t weight : plan_.weights) total_weight_ += weight;
  DFLY_CHECK(total_weight_ > 0);
}

bool RequestMaker::NextSuppliedKey(uint64_t* key) {
  if (supplied_left_ == 0) {
    supplied_left_ = plan_.supply->Take(kSuppliedAtOnce, &supplied_next_);
    if (supplied_left_ == 0) return false;
  }
  --supplied_left_;
  *key = static_cast<uint64_t>(supplied_next_++);
  return true;
}

void RequestMaker::ChooseCommand(Request* request) {
  int64_t at = static_cast<int64_t>(random_.Below(static_cast<uint64_t>(total_weight_)));
  request->command = 0;
  while (at >= plan_.weights[request->command]) at -= plan_.weights[request->command++];
}

void RequestMaker::TakeValuesOfKey(const RequestTemplate& its, Request* request) const {
  if (its.key_placeholder() < 0) return;
  const uint64_t key = request->numbers[static_cast<size_t>(its.key_placeholder())];
  const auto placeholders = its.placeholders();
  for (size_t i = 0; i < placeholders.size(); ++i) {
    if (placeholders[i] == RequestTemplate::Placeholder::kData)
      request->numbers[i] = plan_.values->NumberOfKey(key);
  }
}

}  // namespace damselfly::load
