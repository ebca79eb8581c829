// What it costs to write replies: 64 of them into a buffer that is then emptied, as a session sends
// those of a batch. One item is one reply.

#include "server/resp/reply_writer.h"

#include <string>

#include "benchmark/benchmark.h"
#include "server/resp/output_buffer.h"

namespace damselfly {
namespace {

constexpr int kReplies = 64;

template <typename Write>
void OverReplies(benchmark::State& state, Write write) {
  OutputBuffer output;
  ReplyWriter reply(&output);
  for (auto _ : state) {
    for (int i = 0; i < kReplies; ++i) write(reply, i);
    benchmark::ClobberMemory();
    output.Consume(output.size());
  }
  state.SetItemsProcessed(kReplies * state.iterations());
}

void BM_Ok(benchmark::State& state) {
  OverReplies(state, [](ReplyWriter& reply, int) { reply.Ok(); });
}
BENCHMARK(BM_Ok);

void BM_Null(benchmark::State& state) {
  OverReplies(state, [](ReplyWriter& reply, int) { reply.Null(); });
}
BENCHMARK(BM_Null);

// range(0): bytes of the string.
void BM_Bulk(benchmark::State& state) {
  const std::string value(static_cast<size_t>(state.range(0)), 'v');
  OverReplies(state, [&](ReplyWriter& reply, int) { reply.Bulk(value); });
}
BENCHMARK(BM_Bulk)->Arg(8)->Arg(32)->Arg(1000);

// range(0): the smallest of the numbers.
void BM_Integer(benchmark::State& state) {
  const int64_t first = state.range(0);
  OverReplies(state, [&](ReplyWriter& reply, int i) { reply.Integer(first + i % 8); });
}
BENCHMARK(BM_Integer)->Arg(0)->Arg(1000)->Arg(123456789012);

// The value of a counter.
void BM_BulkInteger(benchmark::State& state) {
  OverReplies(state, [](ReplyWriter& reply, int i) { reply.BulkInteger(12345678 + i); });
}
BENCHMARK(BM_BulkInteger);

// Ten values of 32 bytes, as MGET answers.
void BM_ArrayOf10(benchmark::State& state) {
  const std::string value(32, 'v');
  OverReplies(state, [&](ReplyWriter& reply, int) {
    reply.Array(10);
    for (int element = 0; element < 10; ++element) reply.Bulk(value);
  });
}
BENCHMARK(BM_ArrayOf10);

// The same, with a header that is written last.
void BM_DeferredArrayOf10(benchmark::State& state) {
  const std::string value(32, 'v');
  OverReplies(state, [&](ReplyWriter& reply, int) {
    const ReplyWriter::Deferred array = reply.Defer();
    for (int element = 0; element < 10; ++element) reply.Bulk(value);
    reply.CloseArray(array, 10);
  });
}
BENCHMARK(BM_DeferredArrayOf10);

void BM_Error(benchmark::State& state) {
  OverReplies(state, [](ReplyWriter& reply, int) { reply.Error("ERR syntax error"); });
}
BENCHMARK(BM_Error);

}  // namespace
}  // namespace damselfly
