#include "server/values/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/values/hyperloglog_sparse.h"

namespace damselfly {
namespace {

constexpr absl::string_view kMagic = "HYLL";
constexpr size_t kEncodingOffset = 4;
constexpr char kDense = 0;
constexpr char kSparse = 1;
// The byte of the count that says whether it is old, and the bit.
constexpr size_t kOldOffset = kHllCountOffset + 7;
constexpr uint8_t kOldBit = 0x80;

constexpr int kIndexBits = 14;
constexpr int kRankBits = 64 - kIndexBits;
constexpr int kRegisterBits = 6;
constexpr uint8_t kRegisterMax = (1 << kRegisterBits) - 1;
// Eight registers fill six bytes.
constexpr size_t kGroupRegisters = 8;
constexpr size_t kGroupBytes = 6;

uint64_t LoadWord(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// MurmurHash64A (Austin Appleby), with the seed that Redis gives it.
uint64_t Murmur64(absl::string_view bytes) {
  constexpr uint64_t kSeed = 0xadc83b19;
  constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  constexpr int kShift = 47;
  uint64_t hash = kSeed ^ (bytes.size() * kMultiplier);
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word = LoadWord(p) * kMultiplier;
    word ^= word >> kShift;
    hash = (hash ^ (word * kMultiplier)) * kMultiplier;
  }
  if (left > 0) {
    uint64_t word = 0;
    std::memcpy(&word, p, left);
    hash = (hash ^ word) * kMultiplier;
  }
  hash ^= hash >> kShift;
  hash *= kMultiplier;
  return hash ^ (hash >> kShift);
}

absl::string_view RegistersOf(absl::string_view hll) { return hll.substr(kHllHeaderBytes); }

// The bits of eight dense registers, the first one lowest.
uint64_t LoadGroup(const char* from) {
  uint64_t word = 0;
  std::memcpy(&word, from, kGroupBytes);
  return word;
}

// Where a dense register is.
struct DensePlace {
  size_t offset;  // of its group's bytes in the state
  int shift;
};

DensePlace DensePlaceOf(uint32_t index) {
  return {.offset = kHllHeaderBytes + index / kGroupRegisters * kGroupBytes,
          .shift = static_cast<int>(index % kGroupRegisters) * kRegisterBits};
}

uint8_t DenseRegister(absl::string_view hll, uint32_t index) {
  const DensePlace place = DensePlaceOf(index);
  return static_cast<uint8_t>(LoadGroup(hll.data() + place.offset) >> place.shift & kRegisterMax);
}

void SetDenseRegister(std::string* hll, uint32_t index, uint8_t value) {
  const DensePlace place = DensePlaceOf(index);
  char* const bytes = hll->data() + place.offset;
  uint64_t group = LoadGroup(bytes);
  group &= ~(uint64_t{kRegisterMax} << place.shift);
  group |= uint64_t{value} << place.shift;
  std::memcpy(bytes, &group, kGroupBytes);
}

// Calls fn(first register, run) for each run of a sparse state; false if they are not exactly as
// many registers as there are.
template <typename Function>
bool ForEachRun(absl::string_view hll, Function fn) {
  const absl::string_view runs = RegistersOf(hll);
  uint32_t first = 0;
  HllRun run;
  for (size_t at = 0; at < runs.size(); at += run.bytes) {
    if (!ReadHllRun(runs, at, &run)) return false;
    if (run.length > kHllRegisterCount - first) return false;
    fn(first, run);
    first += run.length;
  }
  return first == kHllRegisterCount;
}

template <typename Function>
void ForEachDenseRegister(absl::string_view hll, Function fn) {
  const char* p = RegistersOf(hll).data();
  for (uint32_t index = 0; index < kHllRegisterCount; p += kGroupBytes) {
    uint64_t group = LoadGroup(p);
    for (size_t i = 0; i < kGroupRegisters; ++i, group >>= kRegisterBits) {
      fn(index++, static_cast<uint8_t>(group & kRegisterMax));
    }
  }
}

// ---- The estimate: Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches"
// (2017), algorithm 6 ----

// How many registers have each value.
using Histogram = std::array<uint32_t, kRegisterMax + 1>;

double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double weight = 1;
  double sum = x;
  double before;
  do {
    x *= x;
    before = sum;
    sum += x * weight;
    weight += weight;
  } while (before != sum);
  return sum;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double weight = 1;
  double sum = 1 - x;
  double before;
  do {
    x = std::sqrt(x);
    before = sum;
    weight *= 0.5;
    sum -= (1 - x) * (1 - x) * weight;
  } while (before != sum);
  return sum / 3;
}

uint64_t Estimate(const Histogram& histogram) {
  constexpr double kAlpha = 0.721347520444481703680;  // 1 / (2 ln 2)
  constexpr double m = kHllRegisterCount;
  double z = m * Tau((m - histogram[kRankBits + 1]) / m);
  for (int rank = kRankBits; rank >= 1; --rank) {
    z += histogram[rank];
    z *= 0.5;
  }
  z += m * Sigma(histogram[0] / m);
  return static_cast<uint64_t>(std::llround(kAlpha * m * m / z));
}

}  // namespace

HllElement HllElementOf(absl::string_view element) {
  const uint64_t hash = Murmur64(element);
  // A bit behind the last ends the row of zeros.
  const uint64_t rest = hash >> kIndexBits | uint64_t{1} << kRankBits;
  return {.index = static_cast<uint32_t>(hash & (kHllRegisterCount - 1)),
          .rank = static_cast<uint8_t>(std::countr_zero(rest) + 1)};
}

std::string EmptyHll() {
  std::string hll(kMagic.data(), kMagic.size());
  hll.resize(kHllHeaderBytes);
  hll[kEncodingOffset] = kSparse;
  AppendHllRun(0, kHllRegisterCount, &hll);
  return hll;
}

bool IsHll(absl::string_view hll) {
  if (hll.size() < kHllHeaderBytes || hll.substr(0, kMagic.size()) != kMagic) return false;
  if (hll[kEncodingOffset] == kDense) return hll.size() == kHllDenseBytes;
  return hll[kEncodingOffset] == kSparse;
}

bool HllIsSparse(absl::string_view hll) { return hll[kEncodingOffset] == kSparse; }

HllResult TryRaiseHll(absl::string_view hll, HllElement element) {
  uint8_t now;
  if (HllIsSparse(hll)) {
    HllRunPlace place;
    if (!FindHllRun(RegistersOf(hll), element.index, &place)) return HllResult::kCorrupt;
    now = place.run.value;
  } else {
    now = DenseRegister(hll, element.index);
  }
  return element.rank > now ? HllResult::kChanged : HllResult::kUnchanged;
}

HllResult RaiseHll(std::string* hll, HllElement element, size_t sparse_bytes_max) {
  if (HllIsSparse(*hll)) {
    HllRunPlace place;
    if (!FindHllRun(RegistersOf(*hll), element.index, &place)) return HllResult::kCorrupt;
    if (element.rank <= place.run.value) return HllResult::kUnchanged;
    if (element.rank <= kHllSparseValueMax &&
        SetSparseHllRegister(hll, kHllHeaderBytes, place, element.index, element.rank,
                             sparse_bytes_max)) {
      MarkHllCountOld(hll);
      return HllResult::kChanged;
    }
    if (!MakeHllDense(hll)) return HllResult::kCorrupt;
  }
  if (element.rank <= DenseRegister(*hll, element.index)) return HllResult::kUnchanged;
  SetDenseRegister(hll, element.index, element.rank);
  MarkHllCountOld(hll);
  return HllResult::kChanged;
}

bool MakeHllDense(std::string* hll) {
  if (!HllIsSparse(*hll)) return true;
  std::string dense = hll->substr(0, kHllHeaderBytes);
  dense.resize(kHllDenseBytes);
  dense[kEncodingOffset] = kDense;
  const bool complete = ForEachRun(*hll, [&](uint32_t first, const HllRun& run) {
    if (run.value == 0) return;
    for (uint32_t i = 0; i < run.length; ++i) SetDenseRegister(&dense, first + i, run.value);
  });
  if (complete) *hll = std::move(dense);
  return complete;
}

bool MergeHll(absl::string_view hll, HllRegisters* registers) {
  const auto raise = [&](uint32_t index, uint8_t value) {
    (*registers)[index] = std::max((*registers)[index], value);
  };
  if (!HllIsSparse(hll)) {
    ForEachDenseRegister(hll, raise);
    return true;
  }
  return ForEachRun(hll, [&](uint32_t first, const HllRun& run) {
    if (run.value == 0) return;
    for (uint32_t i = 0; i < run.length; ++i) raise(first + i, run.value);
  });
}

uint64_t CountHll(const HllRegisters& registers) {
  Histogram histogram{};
  for (uint8_t value : registers) ++histogram[value];
  return Estimate(histogram);
}

bool CountHll(absl::string_view hll, uint64_t* count) {
  Histogram histogram{};
  if (HllIsSparse(hll)) {
    const auto add = [&](uint32_t, const HllRun& run) { histogram[run.value] += run.length; };
    if (!ForEachRun(hll, add)) return false;
  } else {
    ForEachDenseRegister(hll, [&](uint32_t, uint8_t value) { ++histogram[value]; });
  }
  *count = Estimate(histogram);
  return true;
}

bool CachedHllCount(absl::string_view hll, uint64_t* count) {
  *count = LoadWord(hll.data() + kHllCountOffset);
  return (static_cast<uint8_t>(hll[kOldOffset]) & kOldBit) == 0;
}

std::string HllCountBytes(uint64_t count) {
  std::string bytes(sizeof(count), '\0');
  std::memcpy(bytes.data(), &count, sizeof(count));
  return bytes;
}

void MarkHllCountOld(std::string* hll) {
  (*hll)[kOldOffset] = static_cast<char>(static_cast<uint8_t>((*hll)[kOldOffset]) | kOldBit);
}

std::string DescribeSparseHll(absl::string_view hll) {
  const absl::string_view runs = RegistersOf(hll);
  std::string out;
  HllRun run;
  for (size_t at = 0; at < runs.size() && ReadHllRun(runs, at, &run); at += run.bytes) {
    const absl::string_view space = out.empty() ? "" : " ";
    if (run.value > 0) {
      absl::StrAppend(&out, space, "v:", run.value, ",", run.length);
    } else {
      absl::StrAppend(&out, space, run.bytes == 2 ? "Z:" : "z:", run.length);
    }
  }
  return out;
}

}  // namespace damselfly
