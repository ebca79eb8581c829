#include "server/commands/lcs.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace damselfly {
namespace {

// For each pair of prefixes that do not end in the same byte, which of the two to shorten.
class ShorteningChoices {
 public:
  ShorteningChoices(size_t rows, size_t columns)
      : words_a_row_(columns / 64 + 1), bits_(words_a_row_ * rows) {}

  void Set(size_t row, size_t column) {
    bits_[row * words_a_row_ + column / 64] |= uint64_t{1} << (column % 64);
  }
  bool Get(size_t row, size_t column) const {
    return (bits_[row * words_a_row_ + column / 64] >> (column % 64) & 1) != 0;
  }

 private:
  size_t words_a_row_;
  std::vector<uint64_t> bits_;
};

// Walks over all pairs of a prefix of `outer` and a prefix of `inner`, one row of lengths at a
// time, and returns the length for the whole strings. Calls visit(row, column, shorter_outer,
// shorter_inner) for each pair that ends in different bytes, with the lengths found when the last
// byte of the outer, or of the inner, prefix is left out.
template <typename Visitor>
size_t WalkPrefixes(absl::string_view outer, absl::string_view inner, Visitor visit) {
  std::vector<uint32_t> lengths(inner.size() + 1);
  for (size_t row = 0; row < outer.size(); ++row) {
    uint32_t diagonal = 0;  // both prefixes one byte shorter
    uint32_t left = 0;      // the inner prefix one byte shorter
    for (size_t column = 0; column < inner.size(); ++column) {
      const uint32_t above = lengths[column + 1];
      uint32_t length = diagonal + 1;
      if (outer[row] != inner[column]) {
        visit(row, column, above, left);
        length = std::max(above, left);
      }
      diagonal = above;
      left = lengths[column + 1] = length;
    }
  }
  return lengths[inner.size()];
}

// Adds the pair of single bytes to the run in front of which it stands, or starts a new run.
void AddToMatches(size_t first, size_t second, std::vector<LcsMatch>* matches) {
  if (!matches->empty()) {
    LcsMatch& last = matches->back();
    if (last.first_start == first + 1 && last.second_start == second + 1) {
      last = {first, second, last.length + 1};
      return;
    }
  }
  matches->push_back({first, second, 1});
}

}  // namespace

size_t LcsLength(absl::string_view first, absl::string_view second) {
  if (first.size() < second.size()) std::swap(first, second);
  return WalkPrefixes(first, second, [](size_t, size_t, uint32_t, uint32_t) {});
}

LcsResult FindLcs(absl::string_view first, absl::string_view second) {
  // The row of lengths is kept for the shorter string.
  const bool first_is_outer = first.size() >= second.size();
  const absl::string_view outer = first_is_outer ? first : second;
  const absl::string_view inner = first_is_outer ? second : first;
  ShorteningChoices shorten_first(outer.size(), inner.size());
  WalkPrefixes(outer, inner,
               [&](size_t row, size_t column, uint32_t shorter_outer, uint32_t shorter_inner) {
                 const bool shorten =
                     first_is_outer ? shorter_outer > shorter_inner : shorter_inner > shorter_outer;
                 if (shorten) shorten_first.Set(row, column);
               });

  LcsResult result;
  size_t i = first.size();
  size_t j = second.size();
  while (i > 0 && j > 0) {
    if (first[i - 1] == second[j - 1]) {
      --i;
      --j;
      result.text.push_back(first[i]);
      AddToMatches(i, j, &result.matches);
    } else if (first_is_outer ? shorten_first.Get(i - 1, j - 1) : shorten_first.Get(j - 1, i - 1)) {
      --i;
    } else {
      --j;
    }
  }
  std::reverse(result.text.begin(), result.text.end());
  return result;
}

}  // namespace damselfly
