#include <time.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "server/base/crc16.h"
#include "server/replication/frame.h"
#include "server/replication/journal.h"
#include "server/replication/record.h"
#include "server/resp/output_buffer.h"
#include "server/runtime/clock.h"

// What a write pays for being journaled, and what a flow pays for a record on either side.

namespace damselfly {
namespace {

class SystemClock final : public Clock {
 public:
  int64_t MonotonicNs() const override { return Now(CLOCK_MONOTONIC); }
  int64_t WallUs() const override { return Now(CLOCK_REALTIME) / 1000; }

 private:
  static int64_t Now(clockid_t id) {
    timespec time;
    clock_gettime(id, &time);
    return int64_t{1000000000} * time.tv_sec + time.tv_nsec;
  }
};

class NoWaker final : public Journal::Waker {
 public:
  void OnAppended() override {}
};

struct Fixture {
  explicit Fixture(int lanes, size_t value_bytes) : value(value_bytes, 'v') {
    Journal::Options options;
    options.lane_count = lanes;
    options.first.assign(static_cast<size_t>(lanes), 0);
    options.backlog_time_ms = 0;
    journal = std::make_unique<Journal>(options, &clock);
    for (int i = 0; i < 1024; ++i) keys.push_back(absl::StrCat("key:", 100000000000 + i));
    for (const std::string& key : keys) {
      Change& change = changes.emplace_back();
      change.kind = Change::Kind::kSet;
      change.key = key;
      change.slot = KeySlot(key);
      change.value = value;
    }
  }

  void Append(const Change& change) {
    journal->BeginGroup(0);
    journal->OnChange(0, change);
    journal->EndGroup(0);
  }

  SystemClock clock;
  NoWaker waker;
  std::string value;
  std::vector<std::string> keys;
  std::vector<Change> changes;
  std::unique_ptr<Journal> journal;
};

// One SET in a group of its own; range(0) lanes, values of range(1) bytes.
void BM_Append(benchmark::State& state) {
  Fixture fixture(static_cast<int>(state.range(0)), static_cast<size_t>(state.range(1)));
  size_t i = 0;
  for (auto _ : state) fixture.Append(fixture.changes[i++ % 1024]);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Append)->Args({1, 32})->Args({4, 32})->Args({4, 1000});

// One SET that needs no group.
void BM_AppendUngrouped(benchmark::State& state) {
  Fixture fixture(1, static_cast<size_t>(state.range(0)));
  size_t i = 0;
  for (auto _ : state) fixture.journal->OnChange(0, fixture.changes[i++ % 1024]);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_AppendUngrouped)->Arg(32)->Arg(1000);

// In groups again, with a reader that takes every 1000 records. Its cost is in the figure.
void BM_AppendAndRead(benchmark::State& state) {
  Fixture fixture(1, static_cast<size_t>(state.range(0)));
  const auto reader = fixture.journal->OpenReader(0, 0, &fixture.waker);
  OutputBuffer output;
  size_t i = 0;
  for (auto _ : state) {
    fixture.Append(fixture.changes[i++ % 1024]);
    if (i % 1000 != 0) continue;
    reader->Read(&output, 1 << 20);
    output.Clear();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_AppendAndRead)->Arg(32);

// A lane of 200000 records, again and again; range(0) bytes a Read.
void BM_Read(benchmark::State& state) {
  constexpr int kRecords = 200000;
  Fixture fixture(1, 32);
  for (int i = 0; i < kRecords; ++i) fixture.Append(fixture.changes[static_cast<size_t>(i) % 1024]);
  OutputBuffer output;
  for (auto _ : state) {
    const auto reader = fixture.journal->OpenReader(0, 0, &fixture.waker);
    while (reader->position() < kRecords) {
      reader->Read(&output, static_cast<size_t>(state.range(0)));
      output.Clear();
    }
  }
  state.SetItemsProcessed(kRecords * state.iterations());
}
BENCHMARK(BM_Read)->Arg(8192)->Arg(65536);

// Two lanes at once.
void BM_AppendTransaction(benchmark::State& state) {
  Fixture fixture(2, 32);
  const Change* of_lane[2] = {};
  for (const Change& change : fixture.changes) of_lane[change.slot % 2] = &change;
  for (auto _ : state) {
    fixture.journal->BeginGroup(0);
    fixture.journal->OnChange(0, *of_lane[0]);
    fixture.journal->OnChange(0, *of_lane[1]);
    fixture.journal->EndGroup(0);
  }
}
BENCHMARK(BM_AppendTransaction);

// The other side: a stream of small records cut and taken apart.
void BM_ParseFrames(benchmark::State& state) {
  Fixture fixture(1, 32);
  for (int i = 0; i < 1000; ++i) fixture.Append(fixture.changes[static_cast<size_t>(i)]);
  OutputBuffer output;
  fixture.journal->OpenReader(0, 0, &fixture.waker)->Read(&output, SIZE_MAX);
  const std::string stream = output.ToString();
  FrameParser parser;
  Frame frame;
  Record record;
  for (auto _ : state) {
    for (size_t at = 0; at < stream.size(); at += 16384) {
      parser.Append(absl::string_view(stream).substr(at, 16384));
      while (*parser.Next(&frame)) benchmark::DoNotOptimize(ParseRecord(frame.payload, &record));
    }
  }
  state.SetItemsProcessed(1000 * state.iterations());
}
BENCHMARK(BM_ParseFrames);

}  // namespace
}  // namespace damselfly

BENCHMARK_MAIN();
