#include "server/values/sample.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace damselfly {

std::vector<size_t> SampleIndexes(size_t size, size_t count, Random& random) {
  std::vector<size_t> sample;
  sample.reserve(count);
  if (count < size / 3) {
    absl::flat_hash_set<size_t> chosen;
    while (sample.size() < count) {
      const size_t index = random.Below(size);
      if (chosen.insert(index).second) sample.push_back(index);
    }
    std::sort(sample.begin(), sample.end());
    return sample;
  }
  for (size_t index = 0; sample.size() < count; ++index) {
    if (random.Chance(count - sample.size(), size - index)) sample.push_back(index);
  }
  return sample;
}

}  // namespace damselfly
