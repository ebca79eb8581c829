#ifndef DAMSELFLY_SERVER_BASE_PREFETCH_H_
#define DAMSELFLY_SERVER_BASE_PREFETCH_H_

namespace damselfly {

// Ask for the cache line that holds `address`, which may be any, ahead of its use: cache misses
// that are asked for one behind the other overlap.
//
// GCC knows of no effect that a prefetch has: without the empty statement behind it, it drops calls
// of functions that do nothing else, loops and all, but for those that it has inlined early.
[[gnu::always_inline]] inline void PrefetchForRead(const void* address) {
  __builtin_prefetch(address, 0);
  __asm__ volatile("");
}
[[gnu::always_inline]] inline void PrefetchForWrite(const void* address) {
  __builtin_prefetch(address, 1);
  __asm__ volatile("");
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_PREFETCH_H_
