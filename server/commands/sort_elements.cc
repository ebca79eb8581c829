#include "server/commands/sort_elements.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "absl/strings/ascii.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

absl::string_view UpToNul(absl::string_view text) { return text.substr(0, text.find('\0')); }

}  // namespace

bool ParseSortScore(absl::string_view text, double* score) {
  int64_t integer;
  if (ParseInt64(text, &integer)) {
    *score = static_cast<double>(integer);
    return true;
  }
  text = UpToNul(text);
  if (text.empty()) {
    *score = 0;
    return true;
  }
  // What is too small for full precision is out of range for strtod.
  return ParseDouble(absl::StripLeadingAsciiWhitespace(text), score) &&
         std::fpclassify(*score) != FP_SUBNORMAL;
}

void SortElements::SetWeight(size_t index, absl::string_view weight) {
  if (weights_.empty()) weights_.resize(size());
  weights_[index].is_there = true;
  weights_[index].text.assign(weight.data(), weight.size());
}

bool SortElements::Sort(const Order& order) {
  order_.resize(size());
  std::iota(order_.begin(), order_.end(), size_t{0});
  if (order.by_weight && weights_.empty()) weights_.resize(size());
  if (order.alphabetic) {
    SortByText(order);
    return true;
  }
  std::vector<double> scores(size());
  if (!Score(order, &scores)) return false;
  SortByScore(order, scores);
  return true;
}

bool SortElements::Score(const Order& order, std::vector<double>* scores) const {
  for (size_t i = 0; i < size(); ++i) {
    if (order.by_weight && !weights_[i].is_there) continue;
    if (!ParseSortScore(order.by_weight ? weights_[i].text : text(i), &(*scores)[i])) return false;
  }
  return true;
}

// Equal scores leave the order to the elements' bytes.
void SortElements::SortByScore(const Order& order, const std::vector<double>& scores) {
  std::stable_sort(order_.begin(), order_.end(), [&](size_t a, size_t b) {
    if (order.descending) std::swap(a, b);
    return scores[a] < scores[b] || (scores[a] == scores[b] && text(a) < text(b));
  });
}

int SortElements::CompareTexts(const Order& order, size_t a, size_t b) const {
  absl::string_view left, right;
  if (order.by_weight) {
    if (!weights_[a].is_there || !weights_[b].is_there) {
      return static_cast<int>(weights_[a].is_there) - static_cast<int>(weights_[b].is_there);
    }
    left = weights_[a].text;
    right = weights_[b].text;
  } else {
    left = text(a);
    right = text(b);
  }
  return order.binary ? left.compare(right) : UpToNul(left).compare(UpToNul(right));
}

void SortElements::SortByText(const Order& order) {
  std::stable_sort(order_.begin(), order_.end(), [&](size_t a, size_t b) {
    const int compared = CompareTexts(order, a, b);
    return order.descending ? compared > 0 : compared < 0;
  });
}

}  // namespace damselfly
