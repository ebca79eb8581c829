#include "sim/world/world.h"

#include <vector>

#include "gtest/gtest.h"
#include "sim/world/host.h"

namespace damselfly::sim {
namespace {

TEST(World, RunUntilLetsTimeCome) {
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  std::vector<int64_t> times_ns;
  world.At(5, [&] { times_ns.push_back(world.now_ns()); });
  world.At(50, [&] { times_ns.push_back(world.now_ns()); });
  world.RunUntil(10);
  EXPECT_EQ(times_ns, (std::vector<int64_t>{5}));
  EXPECT_EQ(world.now_ns(), 10);
  world.RunUntil(100);
  EXPECT_EQ(times_ns, (std::vector<int64_t>{5, 50}));
}

TEST(World, AStopRequestEndsTheRun) {
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  world.At(5, [&] { world.RequestStop(); });
  world.At(6, [&] { FAIL() << "ran after the stop"; });
  world.RunUntil(100);
  EXPECT_EQ(world.now_ns(), 5);
}

TEST(World, ALivelockIsNoticed) {
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  std::function<void()> again = [&] { world.After(0, [&] { again(); }); };
  again();
  world.RunUntil(100);
  EXPECT_TRUE(world.livelocked());
}

TEST(World, RandomSeedsDependOnSeedPurposeHostAndIncarnation) {
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  Host& a = world.AddHost("a", 1, 0);
  Host& b = world.AddHost("b", 1, 0);
  const uint64_t first = a.runtime().RandomSeed("x");
  EXPECT_EQ(first, a.runtime().RandomSeed("x"));
  EXPECT_NE(first, a.runtime().RandomSeed("y"));
  EXPECT_NE(first, b.runtime().RandomSeed("x"));
  a.StopProcess(Host::Death::kReset);
  a.StartProcess();
  EXPECT_NE(first, a.runtime().RandomSeed("x"));
}

TEST(Trace, TheHashDependsOnEveryPartAndOnOrder) {
  auto hash = [](auto... adds) {
    Trace trace;
    (adds(trace), ...);
    return trace.hash();
  };
  auto event = [](int64_t time_ns, uint32_t host, TraceKind kind, uint64_t number,
                  absl::string_view bytes) {
    return [=](Trace& trace) { trace.Add(time_ns, host, kind, number, bytes); };
  };
  const auto base = event(1, 2, TraceKind::kRead, 3, "x");
  const uint64_t expected = hash(base);
  EXPECT_EQ(expected, hash(base));
  EXPECT_NE(expected, hash(event(2, 2, TraceKind::kRead, 3, "x")));
  EXPECT_NE(expected, hash(event(1, 3, TraceKind::kRead, 3, "x")));
  EXPECT_NE(expected, hash(event(1, 2, TraceKind::kWrite, 3, "x")));
  EXPECT_NE(expected, hash(event(1, 2, TraceKind::kRead, 4, "x")));
  EXPECT_NE(expected, hash(event(1, 2, TraceKind::kRead, 3, "y")));
  const auto other = event(5, 2, TraceKind::kRead, 3, "x");
  EXPECT_NE(hash(base, other), hash(other, base));
}

TEST(Trace, TellsTheLastKindsButPasses) {
  Trace trace;
  EXPECT_EQ(trace.LastKinds(), "");
  trace.Add(1, 1, TraceKind::kRead, 0);
  trace.Add(2, 1, TraceKind::kPass, 0);
  EXPECT_EQ(trace.LastKinds(), "read");
  trace.Add(3, 1, TraceKind::kWrite, 0);
  trace.Add(4, 1, TraceKind::kFault, 0);
  trace.Add(5, 1, TraceKind::kReply, 0);
  for (int64_t i = 0; i < 10; ++i) trace.Add(10 + i, 1, TraceKind::kPass, 0);
  EXPECT_EQ(trace.LastKinds(), "write fault reply");
}

TEST(Trace, KeepsTheLastEventsAsText) {
  Trace trace;
  for (uint64_t i = 0; i < 1000; ++i)
    trace.Add(static_cast<int64_t>(i), 1, TraceKind::kRead, i, "SET\r\n");
  const std::string text = trace.LastEvents();
  EXPECT_NE(text.find("read    999  5 bytes: SET\\r\\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("read    1 "), std::string::npos) << text;
}

}  // namespace
}  // namespace damselfly::sim
