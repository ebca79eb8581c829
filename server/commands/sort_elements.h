#ifndef DAMSELFLY_SERVER_COMMANDS_SORT_ELEMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORT_ELEMENTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly {

// The elements that SORT sorts, copied from where they are, so that other keys may be looked up
// meanwhile. Filled first, ordered then, read at last.
class SortElements {
 public:
  // How two elements are compared.
  struct Order {
    bool descending = false;
    // By bytes, not by number.
    bool alphabetic = false;
    // By the weights, where elements have them, not by the elements themselves.
    bool by_weight = false;
    // Alphabetically all bytes count; otherwise what is behind a zero byte does not, as in
    // strings of C.
    bool binary = false;
  };

  void Add(absl::string_view text) {
    bytes_.append(text.data(), text.size());
    ends_.push_back(bytes_.size());
  }
  size_t size() const { return ends_.size(); }

  // Element `index` in the order in which they were added.
  absl::string_view text(size_t index) const {
    const size_t begin = index == 0 ? 0 : ends_[index - 1];
    return absl::string_view(bytes_).substr(begin, ends_[index] - begin);
  }

  // The element's weight, for Order::by_weight. Elements without one come first, or count as 0.
  void SetWeight(size_t index, absl::string_view weight);

  // Puts them in order; equal ones stay as they were added. False if something that is to be
  // compared by number is none.
  bool Sort(const Order& order);

  // Element `index` in the order made by Sort, or in which they were added.
  absl::string_view ordered(size_t index) const {
    return text(order_.empty() ? index : order_[index]);
  }

 private:
  struct Weight {
    bool is_there = false;
    std::string text;
  };

  bool Score(const Order& order, std::vector<double>* scores) const;
  int CompareTexts(const Order& order, size_t a, size_t b) const;
  void SortByScore(const Order& order, const std::vector<double>& scores);
  void SortByText(const Order& order);

  std::string bytes_;
  std::vector<size_t> ends_;
  std::vector<Weight> weights_;
  std::vector<size_t> order_;
};

// A number as SORT takes it: what strtod takes whole, up to a zero byte; nothing at all is 0.
bool ParseSortScore(absl::string_view text, double* score);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORT_ELEMENTS_H_
