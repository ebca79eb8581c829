// What it costs to take a client's bytes apart: 64 commands in one piece, as a pipeline sends them,
// and cut without regard to their ends. One item is one command.

#include "server/resp/request_parser.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"
#include "benchmark/benchmark.h"
#include "server/base/check.h"
#include "server/resp/request_writer.h"

namespace damselfly {
namespace {

constexpr int kCommands = 64;
// As many as a session takes before it executes them.
constexpr int kBatch = 32;

enum class Kind { kGet, kSet, kMset, kPingLine };

// Keys of 16 bytes, values of 32.
std::string StreamOf(Kind kind) {
  const std::string value(32, 'v');
  std::string stream;
  for (int i = 0; i < kCommands; ++i) {
    const std::string key = absl::StrFormat("key:%012d", i);
    switch (kind) {
      case Kind::kGet:
        AppendCommand(&stream, {"GET", key});
        break;
      case Kind::kSet:
        AppendCommand(&stream, {"SET", key, value});
        break;
      case Kind::kMset:
        AppendCommand(&stream,
                      {"MSET", key,   value, key,   value, key,   value, key,   value, key,  value,
                       key,    value, key,   value, key,   value, key,   value, key,   value});
        break;
      case Kind::kPingLine:
        stream += "PING\r\n";
        break;
    }
  }
  return stream;
}

// Takes all whole commands that there are; returns how many.
int TakeCommands(RequestParser& parser) {
  Request request;
  int count = 0;
  RequestParser::Result result;
  do {
    int of_batch = 0;
    while (of_batch < kBatch &&
           (result = parser.Next(&request)) == RequestParser::Result::kCommand) {
      benchmark::DoNotOptimize(request);
      ++of_batch;
    }
    parser.Release();
    count += of_batch;
  } while (result == RequestParser::Result::kCommand);
  return count;
}

void BM_ParseWhole(benchmark::State& state, Kind kind) {
  const std::string stream = StreamOf(kind);
  RequestParser parser;
  for (auto _ : state) {
    parser.Feed(stream);
    DFLY_CHECK_EQ(TakeCommands(parser), kCommands);
    parser.EndFeed();
  }
  state.SetItemsProcessed(kCommands * state.iterations());
}
BENCHMARK_CAPTURE(BM_ParseWhole, GET, Kind::kGet);
BENCHMARK_CAPTURE(BM_ParseWhole, SET, Kind::kSet);
BENCHMARK_CAPTURE(BM_ParseWhole, MSET_of_10, Kind::kMset);
BENCHMARK_CAPTURE(BM_ParseWhole, PING_line, Kind::kPingLine);

// One command at a time, as clients without a pipeline send them.
void BM_ParseAlone(benchmark::State& state, Kind kind) {
  const std::string stream = StreamOf(kind);
  const absl::string_view command = absl::string_view(stream).substr(0, stream.size() / kCommands);
  RequestParser parser;
  for (auto _ : state) {
    parser.Feed(command);
    DFLY_CHECK_EQ(TakeCommands(parser), 1);
    parser.EndFeed();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(BM_ParseAlone, GET, Kind::kGet);
BENCHMARK_CAPTURE(BM_ParseAlone, SET, Kind::kSet);

// range(0): bytes of a piece. 1448 are a segment of Ethernet.
void BM_ParseCut(benchmark::State& state, Kind kind) {
  const std::string stream = StreamOf(kind);
  const auto piece_bytes = static_cast<size_t>(state.range(0));
  RequestParser parser;
  for (auto _ : state) {
    int count = 0;
    for (size_t at = 0; at < stream.size(); at += piece_bytes) {
      parser.Feed(absl::string_view(stream).substr(at, piece_bytes));
      count += TakeCommands(parser);
      parser.EndFeed();
    }
    DFLY_CHECK_EQ(count, kCommands);
  }
  state.SetItemsProcessed(kCommands * state.iterations());
}
BENCHMARK_CAPTURE(BM_ParseCut, GET, Kind::kGet)->Arg(7)->Arg(50)->Arg(1448);
BENCHMARK_CAPTURE(BM_ParseCut, SET, Kind::kSet)->Arg(7)->Arg(50)->Arg(1448);

}  // namespace
}  // namespace damselfly
