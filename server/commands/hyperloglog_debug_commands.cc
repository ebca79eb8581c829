#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/commands/hyperloglog_handlers.h"
#include "server/commands/string_value.h"
#include "server/values/hyperloglog.h"

namespace damselfly {
namespace {

// Makes the state under `key` dense. False if it is corrupt, and the error has been replied.
bool StoreDense(CommandContext& ctx, const Key& key, absl::string_view hll, std::string* dense) {
  dense->assign(hll.data(), hll.size());
  if (!MakeHllDense(dense)) {
    ReplyCorruptHll(ctx);
    return false;
  }
  if (HllIsSparse(hll)) ctx.db.SetRaw(key, *dense, Database::Expiry::Keep());
  return true;
}

void ReplyWithRegisters(CommandContext& ctx, absl::string_view dense) {
  HllRegisters registers{};
  MergeHll(dense, &registers);
  ctx.reply.Array(registers.size());
  for (uint8_t value : registers) ctx.reply.Integer(value);
}

// Registers hold what they are raised to, whatever their neighbours hold.
bool RegistersHold(Random& random) {
  std::string hll = EmptyHll();
  MakeHllDense(&hll);
  HllRegisters expected{};
  for (uint32_t i = 0; i < kHllRegisterCount; ++i) {
    const auto index = static_cast<uint32_t>(random.Below(kHllRegisterCount));
    const auto rank = static_cast<uint8_t>(1 + random.Below(51));
    RaiseHll(&hll, {.index = index, .rank = rank}, 0);
    if (expected[index] < rank) expected[index] = rank;
  }
  HllRegisters registers{};
  return MergeHll(hll, &registers) && registers == expected;
}

// Estimates are within five standard deviations, and the sparse form counts as the dense one does.
bool EstimatesHold(Random& random) {
  constexpr int kElements = 20000;
  constexpr size_t kSparseBytesMax = 3000;
  const uint64_t seed = random.Next();
  std::string sparse = EmptyHll();
  std::string dense = EmptyHll();
  MakeHllDense(&dense);
  for (int count = 1; count <= kElements; ++count) {
    const HllElement element = HllElementOf(absl::StrCat(seed, ":", count));
    RaiseHll(&sparse, element, kSparseBytesMax);
    RaiseHll(&dense, element, kSparseBytesMax);
    // At powers of two and in the end.
    if ((count & (count - 1)) != 0 && count != kElements) continue;
    uint64_t estimate, other;
    if (!CountHll(dense, &estimate) || !CountHll(sparse, &other) || estimate != other) return false;
    const double error = std::abs(static_cast<double>(estimate) - count);
    if (error > 1 + 5 * 0.0081 * count) return false;
  }
  return true;
}

}  // namespace

void PfDebugCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(2);
  const Entry* const entry = ctx.db.Find(key);
  if (entry == nullptr) {
    ctx.reply.Error("ERR The specified key does not exist");
    return;
  }
  if (!IsHllOrMissing(ctx, entry)) return;
  const std::string hll(StringBytes(entry).view());
  const bool is_sparse = HllIsSparse(hll);
  ctx.db.MakeRaw(key);
  std::string dense;
  if (ctx.ArgIs(1, "GETREG")) {
    if (StoreDense(ctx, key, hll, &dense)) ReplyWithRegisters(ctx, dense);
  } else if (ctx.ArgIs(1, "DECODE")) {
    if (is_sparse) {
      ctx.reply.Bulk(DescribeSparseHll(hll));
    } else {
      ctx.reply.Error("ERR HLL encoding is not sparse");
    }
  } else if (ctx.ArgIs(1, "ENCODING")) {
    ctx.reply.SimpleString(is_sparse ? "sparse" : "dense");
  } else if (ctx.ArgIs(1, "TODENSE")) {
    if (StoreDense(ctx, key, hll, &dense)) ctx.reply.Integer(is_sparse ? 1 : 0);
  } else {
    ctx.reply.Error(absl::StrCat("ERR Unknown PFDEBUG subcommand '", ctx.args[1], "'"));
  }
}

void PfSelfTestCommand(CommandContext& ctx) {
  if (!RegistersHold(ctx.random)) {
    ctx.reply.Error("TESTFAILED HyperLogLog registers do not hold what was set");
  } else if (!EstimatesHold(ctx.random)) {
    ctx.reply.Error("TESTFAILED HyperLogLog estimates are too far off");
  } else {
    ctx.reply.Ok();
  }
}

}  // namespace damselfly
