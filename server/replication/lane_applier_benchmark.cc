#include <array>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "benchmark/benchmark.h"
#include "server/base/check.h"
#include "server/base/crc16.h"
#include "server/replication/frame.h"
#include "server/replication/journal.h"
#include "server/replication/lane_applier.h"
#include "server/replication/record.h"
#include "server/replication/transaction_gate.h"
#include "server/runtime/clock.h"
#include "server/runtime/random.h"
#include "server/store/store.h"

// What a replica pays for a record, from the bytes that came to its store and its journal.

namespace damselfly {
namespace {

constexpr size_t kReadBytes = 4096;

std::string SetFrame(uint64_t number) {
  const std::string key = absl::StrCat("key:", 100000000000 + number);
  Change change;
  change.kind = Change::Kind::kSet;
  change.key = key;
  change.slot = KeySlot(key);
  const std::string value(32, 'v');
  change.value = value;
  std::string record("\0\1", 2);
  AppendChange(change, /*value_elsewhere=*/false, &record);
  std::string frame;
  AppendFrameHeader(FrameType::kRecord, record, {}, &frame);
  return frame + record;
}

class StillClock final : public Clock {
 public:
  int64_t MonotonicNs() const override { return 0; }
  int64_t WallUs() const override { return 0; }
};

class Replica {
 public:
  Replica() {
    store_.set_owns_expiry(false);
    Journal::Options options;
    options.first = {0};
    journal_ = std::make_shared<Journal>(options, &clock_);
    LaneApplier::Options applier;
    applier.store = &store_;
    applier.counters = &store_.counters(0);
    applier_ = std::make_unique<LaneApplier>(applier, journal_,
                                             std::make_shared<TransactionGate>(/*lane_count=*/1));
  }

  void Apply(std::string bytes) {
    parser_.Append(std::move(bytes));
    std::array<Frame, LaneApplier::kFramesMax> frames{};
    bool more = true;
    while (more) {
      size_t count = 0;
      while (count < frames.size() && (more = *parser_.Next(&frames[count]))) ++count;
      applier_->Prepare(absl::MakeConstSpan(frames.data(), count));
      for (size_t i = 0; i < count; ++i) DFLY_CHECK(applier_->Take().ok());
    }
  }

 private:
  Store store_{Store::Options()};
  StillClock clock_;
  std::shared_ptr<Journal> journal_;
  std::unique_ptr<LaneApplier> applier_;
  FrameParser parser_;
};

// SETs of keys at random, of range(0) that are all there.
void BM_ApplySets(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  Replica replica;
  for (uint64_t i = 0; i < keys; ++i) replica.Apply(SetFrame(i));
  constexpr int64_t kFrames = 1 << 18;
  Random random(1);
  std::string stream;
  for (int64_t i = 0; i < kFrames; ++i) stream += SetFrame(random.Below(keys));
  for (auto _ : state) {
    for (size_t at = 0; at < stream.size(); at += kReadBytes)
      replica.Apply(stream.substr(at, kReadBytes));
  }
  state.SetItemsProcessed(kFrames * state.iterations());
}
BENCHMARK(BM_ApplySets)->Arg(1000)->Arg(1'000'000);

}  // namespace
}  // namespace damselfly

BENCHMARK_MAIN();
