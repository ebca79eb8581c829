// What callgrind counts the instructions of: every case at every depth of the pipeline, each in a
// call of CountedPasses of its own. Prints a line for each of these calls, in their order:
//
//   GET<tab>16<tab>2048          the case, the depth, the operations
//
// Arguments are names of cases; none: all of them. --list prints the names.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "benchmarks/instructions/cases.h"
#include "benchmarks/instructions/counted_node.h"
#include "server/base/check.h"
#include "server/runtime/random.h"

namespace damselfly {

// The counter is told this function's name: all that happens in it counts, and nothing else.
extern "C" __attribute__((noinline)) void CountedPasses(CountedNode* node,
                                                        const std::vector<std::string>* passes) {
  node->Run(*passes);
}

namespace {

constexpr uint64_t kDepths[] = {1, 16, 64};
constexpr uint64_t kWarmOperations = 512;
constexpr uint64_t kCountedOperations = 2048;

// The keys of a case, one after the other.
class KeyChoice {
 public:
  explicit KeyChoice(Case::Keys keys) : keys_(keys) {}
  uint64_t Next() {
    switch (keys_) {
      case Case::Keys::kRandom:
        return random_.Below(kFilledKeys);
      case Case::Keys::kOnce:
        DFLY_CHECK(next_ < kFilledKeys);
        // 7919 is prime to the number of keys: an order that has nothing to do with that of
        // filling.
        return next_++ * 7919 % kFilledKeys;
      case Case::Keys::kNew:
        return kFilledKeys + next_++;
    }
    DFLY_UNREACHABLE();
  }

 private:
  const Case::Keys keys_;
  Random random_{1};
  uint64_t next_ = 0;
};

std::vector<std::string> MakePasses(const Case& tested, KeyChoice& keys, uint64_t operations,
                                    uint64_t depth) {
  std::vector<std::string> passes;
  for (uint64_t done = 0; done < operations; done += depth) {
    std::string& pass = passes.emplace_back();
    for (uint64_t i = 0; i < depth; ++i) tested.request(&pass, keys.Next());
  }
  return passes;
}

void Fill(CountedNode& node, const Case& tested) {
  if (tested.fill == nullptr) return;
  std::string requests;
  for (uint64_t key = 0; key < kFilledKeys; ++key) {
    tested.fill(&requests, key);
    if (requests.size() < 8192 && key + 1 < kFilledKeys) continue;
    const std::string replies = node.Call(requests);
    DFLY_CHECK(!replies.empty() && replies[0] != '-');
    DFLY_CHECK(replies.find("\n-") == std::string::npos);
    requests.clear();
  }
}

void Count(const Case& tested) {
  CountedNode node(tested.setting);
  Fill(node, tested);
  KeyChoice keys(tested.keys);
  for (const uint64_t depth : kDepths) {
    const auto warming = MakePasses(tested, keys, kWarmOperations, depth);
    const std::string replies = node.Call(warming[0]);
    DFLY_CHECK_EQ(replies.size(), depth * tested.reply.size());
    DFLY_CHECK_EQ(replies[0], tested.reply[0]);
    node.Run(warming);
    const auto passes = MakePasses(tested, keys, kCountedOperations, depth);
    const size_t received_before = node.client().received_bytes();
    CountedPasses(&node, &passes);
    DFLY_CHECK_EQ(node.client().received_bytes() - received_before,
                  kCountedOperations * tested.reply.size());
    std::printf("%.*s\t%d\t%d\n", static_cast<int>(tested.name.size()), tested.name.data(),
                static_cast<int>(depth), static_cast<int>(kCountedOperations));
  }
}

}  // namespace
}  // namespace damselfly

int main(int argc, char** argv) {
  const bool lists = argc == 2 && std::strcmp(argv[1], "--list") == 0;
  for (const damselfly::Case& tested : damselfly::AllCases()) {
    if (lists) {
      std::printf("%.*s\n", static_cast<int>(tested.name.size()), tested.name.data());
      continue;
    }
    const bool wanted = argc == 1 || std::any_of(argv + 1, argv + argc, [&](const char* name) {
                          return tested.name == name;
                        });
    if (wanted) damselfly::Count(tested);
  }
  return 0;
}
