#include "benchmarks/load/request_template.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/crc16.h"
#include "server/base/numbers.h"
#include "server/resp/inline_command.h"

namespace damselfly::load {
namespace {

using Placeholder = RequestTemplate::Placeholder;

struct Marker {
  absl::string_view text;
  Placeholder kind;
};
constexpr Marker kMarkers[] = {
    {"__key__", Placeholder::kKey},
    {"__int__", Placeholder::kInt},
    {"__data__", Placeholder::kData},
};

char* WriteHeader(char type, size_t number, char* out) {
  *out++ = type;
  out += FormatUint64(number, out);
  *out++ = '\r';
  *out++ = '\n';
  return out;
}

char* WriteText(absl::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace

absl::StatusOr<RequestTemplate> RequestTemplate::Parse(absl::string_view command,
                                                       const Options& options,
                                                       const Values* values) {
  ArgArena args;
  std::vector<std::unique_ptr<char[]>> unescaped;
  if (!SplitInlineCommand(command, &args, &unescaped))
    return absl::InvalidArgumentError(absl::StrCat("--command=", command, ": unbalanced quotes"));
  if (args.open_count() == 0) return absl::InvalidArgumentError("--command=: no words");
  RequestTemplate result;
  result.text_ = std::string(command);
  result.values_ = values;
  result.value_bytes_ = options.value_bytes;
  result.zero_key_ = options.key_prefix;
  result.zero_key_.resize(static_cast<size_t>(options.key_bytes), '0');
  for (absl::string_view word : args.open()) {
    absl::Status status = result.AddWord(word);
    if (!status.ok()) return status;
  }
  result.Finish();
  return result;
}

absl::Status RequestTemplate::AddWord(absl::string_view word) {
  words_.emplace_back();
  Word& parts = words_.back();
  for (;;) {
    size_t at = absl::string_view::npos;
    const Marker* found = nullptr;
    for (const Marker& marker : kMarkers) {
      const size_t here = word.find(marker.text);
      if (here < at) {
        at = here;
        found = &marker;
      }
    }
    parts.emplace_back();
    parts.back().literal = std::string(word.substr(0, at));
    if (found == nullptr) return absl::OkStatus();
    word.remove_prefix(at + found->text.size());
    const int index = static_cast<int>(placeholders_.size());
    if (placeholders_.size() == kPlaceholdersMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("--command: more than ", kPlaceholdersMax, " placeholders"));
    }
    placeholders_.push_back(found->kind);
    parts.back().placeholder = index;
    if (found->kind == Placeholder::kKey && key_placeholder_ < 0) {
      key_placeholder_ = index;
      slot_word_ = words_.size() - 1;
    }
  }
}

// What does not change from request to request.
void RequestTemplate::Finish() {
  if (slot_word_ == 0 && words_.size() > 1) slot_word_ = 1;
  constexpr size_t kHeaderBytesMax = 1 + kIntegerBytesMax + 2;
  request_bytes_max_ = kHeaderBytesMax;
  for (const Word& word : words_) {
    request_bytes_max_ += kHeaderBytesMax + 2;
    for (const Part& part : word) request_bytes_max_ += part.literal.size();
  }
  is_fixed_ = true;
  for (Placeholder kind : placeholders_) {
    if (kind == Placeholder::kKey) request_bytes_max_ += zero_key_.size();
    if (kind == Placeholder::kInt) request_bytes_max_ += kIntegerBytesMax;
    if (kind == Placeholder::kData) request_bytes_max_ += static_cast<size_t>(value_bytes_.high);
    if (kind == Placeholder::kInt ||
        (kind == Placeholder::kData && value_bytes_.low != value_bytes_.high)) {
      is_fixed_ = false;
    }
  }
  const auto is_exactly = [this](size_t word, Placeholder kind) {
    const Word& parts = words_[word];
    return parts.size() == 2 && parts[0].literal.empty() && parts[1].literal.empty() &&
           placeholders_[static_cast<size_t>(parts[0].placeholder)] == kind;
  };
  const std::string name = absl::AsciiStrToLower(words_[0][0].literal);
  is_plain_get_ = name == "get" && words_.size() == 2 && is_exactly(1, Placeholder::kKey);
  is_plain_set_ = name == "set" && words_.size() == 3 && is_exactly(1, Placeholder::kKey) &&
                  is_exactly(2, Placeholder::kData);
  if (!is_fixed_) return;
  // Written once the general way, with a look at where the placeholders came to stand.
  const std::vector<uint64_t> zeros(placeholders_.size(), 0);
  fixed_.resize(request_bytes_max_);
  char* out = WriteHeader('*', words_.size(), fixed_.data());
  for (const Word& word : words_) {
    char* const begin = out;
    out = WriteWord(word, zeros.data(), out);
    size_t offset = static_cast<size_t>(out - fixed_.data()) - 2;
    // From the word's end backwards: that end is known, the length of its header need not be.
    std::vector<Patch> of_word;
    for (auto part = word.rbegin(); part != word.rend(); ++part) {
      if (part->placeholder >= 0) {
        offset -= SizeOf(part->placeholder, 0);
        of_word.push_back({offset, placeholders_[static_cast<size_t>(part->placeholder)]});
      }
      offset -= part->literal.size();
    }
    DFLY_CHECK(fixed_.data() + offset > begin);
    patches_.insert(patches_.end(), of_word.rbegin(), of_word.rend());
  }
  fixed_.resize(static_cast<size_t>(out - fixed_.data()));
  DFLY_CHECK_EQ(patches_.size(), placeholders_.size());
}

size_t RequestTemplate::SizeOf(int placeholder, uint64_t number) const {
  switch (placeholders_[static_cast<size_t>(placeholder)]) {
    case Placeholder::kKey:
      return zero_key_.size();
    case Placeholder::kInt:
      return DecimalDigits(number);
    case Placeholder::kData:
      return static_cast<size_t>(values_->SizeOf(number));
  }
  DFLY_UNREACHABLE();
}

char* RequestTemplate::WritePlaceholder(int placeholder, uint64_t number, char* out) const {
  switch (placeholders_[static_cast<size_t>(placeholder)]) {
    case Placeholder::kKey:
      WriteText(zero_key_, out);
      PatchKey(number, out);
      return out + zero_key_.size();
    case Placeholder::kInt:
      return out + FormatUint64(number, out);
    case Placeholder::kData:
      return values_->Write(number, out);
  }
  DFLY_UNREACHABLE();
}

char* RequestTemplate::WriteWord(const Word& word, const uint64_t* numbers, char* out) const {
  size_t bytes = 0;
  for (const Part& part : word) {
    bytes += part.literal.size();
    if (part.placeholder >= 0) bytes += SizeOf(part.placeholder, numbers[part.placeholder]);
  }
  out = WriteHeader('$', bytes, out);
  for (const Part& part : word) {
    out = WriteText(part.literal, out);
    if (part.placeholder >= 0)
      out = WritePlaceholder(part.placeholder, numbers[part.placeholder], out);
  }
  return WriteText("\r\n", out);
}

char* RequestTemplate::WriteVariable(const uint64_t* numbers, char* out) const {
  out = WriteHeader('*', words_.size(), out);
  for (const Word& word : words_) out = WriteWord(word, numbers, out);
  return out;
}

int RequestTemplate::Slot(const uint64_t* numbers) const {
  if (slot_word_ == 0) return -1;
  std::string key;
  for (const Part& part : words_[slot_word_]) {
    key += part.literal;
    if (part.placeholder < 0) continue;
    const size_t size = key.size();
    key.resize(size + SizeOf(part.placeholder, numbers[part.placeholder]));
    WritePlaceholder(part.placeholder, numbers[part.placeholder], key.data() + size);
  }
  return KeySlot(key);
}

}  // namespace damselfly::load
