#include "benchmarks/load/verifier.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace damselfly::load {
namespace {

std::string Shown(absl::string_view bytes) {
  constexpr size_t kShownMax = 64;
  if (bytes.size() <= kShownMax) return absl::StrCat("\"", absl::CHexEscape(bytes), "\"");
  return absl::StrCat("\"", absl::CHexEscape(bytes.substr(0, kShownMax)), "...\" (", bytes.size(),
                      " bytes)");
}

}  // namespace

Verifier::Verifier(const Values* values, int64_t keys)
    : values_(values), written_(new std::atomic<uint64_t>[static_cast<size_t>(keys) / 64 + 1]()) {}

bool Verifier::CheckGet(uint64_t key, bool was_written, const ReplyScanner::Result& reply) {
  if (!was_written) return false;
  if (reply.kind == ReplyScanner::Kind::kNull) {
    Differs(absl::StrCat("key number ", key, " has been written and is missing"));
  } else if (reply.kind != ReplyScanner::Kind::kString) {
    Differs(absl::StrCat("GET of key number ", key, " gave no string"));
  } else if (const std::string wanted = values_->Make(values_->NumberOfKey(key));
             reply.text != wanted) {
    Differs(absl::StrCat("key number ", key, " has the value ", Shown(reply.text),
                         " and nothing but ", Shown(wanted), " has been written"));
  }
  return true;
}

void Verifier::CheckSet(uint64_t key, const ReplyScanner::Result& reply) {
  if (reply.kind == ReplyScanner::Kind::kSimple && reply.text == "OK") {
    MarkWritten(key);
    return;
  }
  Differs(absl::StrCat("SET of key number ", key, " gave ", Shown(reply.text), " and not OK"));
}

void Verifier::Differs(std::string text) {
  differences_.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard<std::mutex> lock(mutex_);
  if (texts_.size() < kTextsMax) texts_.push_back(std::move(text));
}

std::vector<std::string> Verifier::texts() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return texts_;
}

}  // namespace damselfly::load
