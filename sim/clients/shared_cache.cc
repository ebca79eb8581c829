#include "sim/clients/shared_cache.h"

#include <utility>

namespace damselfly::sim {

SharedCache::SharedCache(std::string client, DecisionStream decisions, OracleBoard* board)
    : client_(std::move(client)), decisions_(decisions), board_(board) {}

void SharedCache::OnConnected(CacheOracle* oracle) {
  cache_.emplace(client_, oracle, board_);
  asked_ = false;
}

void SharedCache::OnLost() {
  if (cache_.has_value()) cache_->End();
  cache_.reset();
}

Args SharedCache::NextTracking() {
  if (asked_) return {};
  asked_ = true;
  decisions_.BeginUnit(++connection_count_);
  ways_ = CacheWays();
  choice_ = static_cast<Choice>(decisions_.Below(4));
  ways_.no_loop = decisions_.Chance(1, 3);
  ways_.broadcast = choice_ == Choice::kBroadcast;
  const uint64_t prefixes = decisions_.Below(3);
  if (prefixes == 1) ways_.prefixes = {"register:"};
  if (prefixes == 2) ways_.prefixes = {"counter:", "expiring:"};
  Args args = {"CLIENT", "TRACKING", "ON"};
  if (choice_ == Choice::kOptIn) args.push_back("OPTIN");
  if (choice_ == Choice::kOptOut) args.push_back("OPTOUT");
  if (ways_.no_loop) args.push_back("NOLOOP");
  if (ways_.broadcast) {
    args.push_back("BCAST");
    for (const std::string& prefix : ways_.prefixes) {
      args.push_back("PREFIX");
      args.push_back(prefix);
    }
  }
  return args;
}

Args SharedCache::NextCaching(DecisionStream* decisions, bool* tracked) const {
  *tracked = true;
  if (choice_ != Choice::kOptIn && choice_ != Choice::kOptOut) return {};
  const bool asks = decisions->Chance(1, 2);
  *tracked = asks == (choice_ == Choice::kOptIn);
  if (!asks) return {};
  return {"CLIENT", "CACHING", choice_ == Choice::kOptIn ? "YES" : "NO"};
}

bool SharedCache::OnPush(const Reply& push) {
  if (!cache_.has_value() || !cache_->tracks() || push.elements.size() != 2 ||
      push.elements[0].text != "invalidate") {
    return false;
  }
  if (push.elements[1].is_null()) {
    cache_->OnAllInvalidated();
    return true;
  }
  for (const Reply& key : push.elements[1].elements) cache_->OnInvalidated(key.text);
  return true;
}

}  // namespace damselfly::sim
