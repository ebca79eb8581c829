#ifndef DAMSELFLY_BENCHMARKS_LOAD_REQUEST_TEMPLATE_H_
#define DAMSELFLY_BENCHMARKS_LOAD_REQUEST_TEMPLATE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/load/options.h"
#include "benchmarks/load/values.h"

namespace damselfly::load {

namespace template_internal {

inline constexpr char kTwoDigits[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
    "4"
    "7484950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939"
    "4"
    "9596979899";

}  // namespace template_internal

// A command with placeholders, ready to be written as RESP many times. A request of it is the
// template with a number for each placeholder, in the order in which they stand:
//
//   __key__    the key of that number: prefix and zero-padded digits, always equally long
//   __int__    the number itself
//   __data__   the value of that number (values.h)
//
// They may stand anywhere within a word. Immutable: any thread may use it.
class RequestTemplate {
 public:
  enum class Placeholder : uint8_t { kKey, kInt, kData };
  // More placeholders in one command are refused, so that a request's numbers fit an array.
  static constexpr size_t kPlaceholdersMax = 1024;

  // `command` is split into words as redis-cli does. `values` must outlive the result.
  static absl::StatusOr<RequestTemplate> Parse(absl::string_view command, const Options& options,
                                               const Values* values);

  const std::string& text() const { return text_; }
  absl::Span<const Placeholder> placeholders() const { return placeholders_; }
  // Which placeholder is the first __key__; -1 if there is none.
  int key_placeholder() const { return key_placeholder_; }
  // No request of it is longer.
  size_t request_bytes_max() const { return request_bytes_max_; }

  // Writes the request, with room for request_bytes_max() at `out`; returns its end.
  char* Write(const uint64_t* numbers, char* out) const {
    return is_fixed_ ? WriteFixed(numbers, out) : WriteVariable(numbers, out);
  }

  // What decides the slot: the first word with a __key__ in it, else the word behind the command's
  // name; -1 for a command of one word, which any node may get.
  int Slot(const uint64_t* numbers) const;

  // Commands whose replies can be verified: GET of a __key__, and SET of a __key__ to __data__.
  bool is_plain_get() const { return is_plain_get_; }
  bool is_plain_set() const { return is_plain_set_; }

 private:
  // A word is a sequence of these.
  struct Part {
    std::string literal;  // before the placeholder, or all of the word's rest
    int placeholder = -1;
  };
  using Word = std::vector<Part>;
  // In a template whose requests are all equally long: where a placeholder's bytes go.
  struct Patch {
    size_t offset;
    Placeholder kind;
  };

  RequestTemplate() = default;
  absl::Status AddWord(absl::string_view word);
  void Finish();
  size_t SizeOf(int placeholder, uint64_t number) const;
  char* WritePlaceholder(int placeholder, uint64_t number, char* out) const;
  char* WriteWord(const Word& word, const uint64_t* numbers, char* out) const;
  char* WriteFixed(const uint64_t* numbers, char* out) const;
  char* WriteVariable(const uint64_t* numbers, char* out) const;
  void PatchKey(uint64_t number, char* at) const;

  std::string text_;
  const Values* values_ = nullptr;
  SizeRange value_bytes_;
  std::string zero_key_;  // that of number 0
  std::vector<Word> words_;
  std::vector<Placeholder> placeholders_;
  int key_placeholder_ = -1;
  size_t slot_word_ = 0;  // 0: none
  size_t request_bytes_max_ = 0;
  bool is_fixed_ = false;
  std::string fixed_;
  std::vector<Patch> patches_;
  bool is_plain_get_ = false;
  bool is_plain_set_ = false;
};

inline void RequestTemplate::PatchKey(uint64_t number, char* at) const {
  char* out = at + zero_key_.size();
  while (number >= 100) {
    out -= 2;
    std::memcpy(out, template_internal::kTwoDigits + 2 * (number % 100), 2);
    number /= 100;
  }
  if (number >= 10) {
    std::memcpy(out - 2, template_internal::kTwoDigits + 2 * number, 2);
  } else {
    out[-1] = static_cast<char>('0' + number);
  }
}

inline char* RequestTemplate::WriteFixed(const uint64_t* numbers, char* out) const {
  std::memcpy(out, fixed_.data(), fixed_.size());
  for (const Patch& patch : patches_) {
    if (patch.kind == Placeholder::kKey) {
      PatchKey(*numbers++, out + patch.offset);
    } else {
      values_->Write(*numbers++, out + patch.offset);
    }
  }
  return out + fixed_.size();
}

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_REQUEST_TEMPLATE_H_
