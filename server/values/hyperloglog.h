#ifndef DAMSELFLY_SERVER_VALUES_HYPERLOGLOG_H_
#define DAMSELFLY_SERVER_VALUES_HYPERLOGLOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace damselfly {

// HyperLogLog: counts how many different elements were added, with an error of 0.81% and in at most
// 12 KB. The state is a string that clients may read and write, in Redis's format byte for byte:
//
//     | "HYLL" | encoding | 0 0 0 | count, 8 bytes LE | registers |
//
// There are 2^14 registers of 6 bits. An element's hash chooses one, and raises it to the number of
// zero bits that the rest of the hash ends in, plus one. "Dense" they stand as 12 KB of bits,
// "sparse" as runs of equal registers (hyperloglog_sparse.h). The count is kept from the last time
// that it was computed; its top bit says that registers have changed since.
//
// Functions here take any bytes and say so (kCorrupt, false) where they make no sense: clients may
// have written them. Pure; any thread.

inline constexpr size_t kHllRegisterCount = 1 << 14;
inline constexpr size_t kHllHeaderBytes = 16;
inline constexpr size_t kHllDenseBytes = kHllHeaderBytes + kHllRegisterCount * 6 / 8;

using HllRegisters = std::array<uint8_t, kHllRegisterCount>;

// A register, and what an element raises it to (1 to 51).
struct HllElement {
  uint32_t index;
  uint8_t rank;
};
HllElement HllElementOf(absl::string_view element);

// The state of an empty set: sparse.
std::string EmptyHll();

// Whether the bytes begin as a state does, and have the size of a dense one if they say that they
// are. All functions below require it.
bool IsHll(absl::string_view hll);
bool HllIsSparse(absl::string_view hll);

enum class HllResult { kUnchanged, kChanged, kCorrupt };

// Raises a register to element.rank, if it is lower, and then marks the count as old. A sparse
// state becomes dense where the rank does not fit, and where it would outgrow `sparse_bytes_max`.
HllResult RaiseHll(std::string* hll, HllElement element, size_t sparse_bytes_max);

// What RaiseHll would return; changes nothing.
HllResult TryRaiseHll(absl::string_view hll, HllElement element);

// Makes a sparse state dense; false, and no change, if it is corrupt.
bool MakeHllDense(std::string* hll);

// Raises `registers` to those of the state: the union of both sets. False if it is corrupt;
// `registers` may have been raised by then.
bool MergeHll(absl::string_view hll, HllRegisters* registers);

// An estimate of the number of elements.
uint64_t CountHll(const HllRegisters& registers);
// The same of a state; false if it is corrupt.
bool CountHll(absl::string_view hll, uint64_t* count);

// The count that is kept, if it is still right.
bool CachedHllCount(absl::string_view hll, uint64_t* count);
// Where the count stands in a state, and the bytes of `count` there.
inline constexpr size_t kHllCountOffset = 8;
std::string HllCountBytes(uint64_t count);
// Marks the count as old. Only the last byte of the count changes.
void MarkHllCountOld(std::string* hll);

// The runs of a sparse state for people: "Z:n" or "z:n" for n zeros (two bytes or one), "v:r,n" for
// n times r. Of a corrupt one as far as it makes sense. Requires a sparse state.
std::string DescribeSparseHll(absl::string_view hll);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_HYPERLOGLOG_H_
