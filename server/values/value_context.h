#ifndef DAMSELFLY_SERVER_VALUES_VALUE_CONTEXT_H_
#define DAMSELFLY_SERVER_VALUES_VALUE_CONTEXT_H_

#include <atomic>
#include <cstdint>

namespace damselfly {

// What all values of a store have in common: the seed of their hashes, and the limits up to which
// they stay in compact form, in the words and with the defaults of Redis 7.0's parameters
// (https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/memory-optimization/).
// Limits may be changed at any time by any thread; values take the new ones when they are changed
// next. They never alter what a value holds.
struct ValueContext {
  using Limit = std::atomic<int64_t>;

  uint64_t hash_seed = 0;

  Limit hash_max_listpack_entries{512};
  Limit hash_max_listpack_value{64};  // bytes of a field or value
  Limit set_max_intset_entries{512};
  Limit zset_max_listpack_entries{128};
  Limit zset_max_listpack_value{64};  // bytes of a member
  // Positive: elements of a list's node; -1 to -5: 4, 8, 16, 32, 64 KiB of them.
  Limit list_max_listpack_size{-2};
  Limit stream_node_max_bytes{4096};   // 0: no limit
  Limit stream_node_max_entries{100};  // 0: no limit
  Limit hll_sparse_max_bytes{3000};    // of a whole HyperLogLog
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_VALUE_CONTEXT_H_
