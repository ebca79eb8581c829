#include "server/commands/result_limit.h"

#include <limits>

#include "server/commands/command_registry.h"

namespace damselfly {
namespace {

uint64_t BytesMax(const CommandContext& ctx) {
  const int64_t bytes = ctx.commands.limits().result_bytes_max.load(std::memory_order_relaxed);
  return bytes > 0 ? static_cast<uint64_t>(bytes) : std::numeric_limits<uint64_t>::max();
}

}  // namespace

ResultLimit::ResultLimit(CommandContext& ctx)
    : reply_(ctx.reply),
      start_(ctx.reply.Defer()),
      bytes_before_(ctx.reply.output()->size()),
      bytes_max_(BytesMax(ctx)) {}

void ResultLimit::Refuse() const {
  reply_.output()->TruncateTo(start_);
  reply_.Error("ERR the result would exceed result-bytes-max");
}

}  // namespace damselfly
