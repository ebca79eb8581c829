#include "sim/picture/recorder.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "sim/sweep/seed_run.h"
#include "sim/world/fault_board.h"

namespace damselfly::sim {
namespace {

TraceNote Note(TraceNote::Kind kind, uint32_t host, absl::string_view text) {
  TraceNote note;
  note.kind = kind;
  note.host = host;
  note.text = text;
  return note;
}

void Write(PictureRecorder* recorder, int64_t time_ns, uint32_t host, uint64_t connection,
           uint32_t side, absl::string_view bytes) {
  recorder->OnEvent(time_ns, host, TraceKind::kWrite, connection << 32 | bytes.size(), {});
  TraceNote note = Note(TraceNote::Kind::kWritten, host, bytes);
  note.number = connection << 1 | side;
  recorder->OnNote(note);
}

TEST(PictureRecorderTest, ReadIsLinkedToItsWriteAndBothSayWhatTheyMove) {
  PictureRecorder recorder;
  Write(&recorder, 10, 3, 7, 0, "*1\r\n$4\r\nPING\r\n");
  recorder.OnEvent(20, 1, TraceKind::kRead, 7 << 1 | 1, "*1\r\n$4\r\nPING\r\n");
  const Recording& recording = recorder.recording();
  ASSERT_EQ(2u, recording.events.size());
  EXPECT_EQ("PING", recording.events[0].text);
  EXPECT_EQ("PING", recording.events[1].text);
  EXPECT_EQ(7u, recording.events[0].connection);
  EXPECT_EQ(7u, recording.events[1].connection);
  EXPECT_EQ(14u, recording.events[0].size_bytes);
  ASSERT_EQ(1u, recording.links.size());
  EXPECT_EQ(0u, recording.links[0].write);
  EXPECT_EQ(1u, recording.links[0].read);
}

TEST(PictureRecorderTest, PassesAreNotEvents) {
  PictureRecorder recorder;
  recorder.OnEvent(10, 1, TraceKind::kPass, 1, {});
  EXPECT_TRUE(recorder.recording().events.empty());
}

TEST(PictureRecorderTest, OnlyTheLastEventsAreKeptAndLinksHaveBothEnds) {
  PictureRecorder recorder(/*events_max=*/10);
  for (int i = 0; i < 100; ++i) {
    Write(&recorder, i, 3, 7, 0, "+x\r\n");
    recorder.OnEvent(i, 1, TraceKind::kRead, 7 << 1 | 1, "+x\r\n");
  }
  const Recording& recording = recorder.recording();
  EXPECT_EQ(10u, recording.events.size());
  EXPECT_EQ(190u, recording.dropped);
  ASSERT_EQ(5u, recording.links.size());
  EXPECT_EQ(190u, recording.links.front().write);
  EXPECT_EQ(199u, recording.links.back().read);
}

TEST(PictureRecorderTest, WhatCameWhenTheRunWasOverIsDropped) {
  PictureRecorder recorder;
  recorder.OnEvent(1, 1, TraceKind::kPass, 1, {});
  recorder.OnEvent(1, 1, TraceKind::kLog, 0, "the last word");
  Write(&recorder, 2, 3, 7, 0, "+x\r\n");
  recorder.OnEvent(2, 1, TraceKind::kRead, 7 << 1 | 1, "+x\r\n");
  recorder.EndAt(2);
  ASSERT_EQ(1u, recorder.recording().events.size());
  EXPECT_EQ("the last word", recorder.recording().events[0].text);
  EXPECT_TRUE(recorder.recording().links.empty());
}

TEST(PictureRecorderTest, FaultWithoutAHostStrikesWhereTheLastEventWas) {
  PictureRecorder recorder;
  recorder.OnEvent(10, 4, TraceKind::kPass, 1, {});
  TraceNote note = Note(TraceNote::Kind::kFault, TraceNote::kSomeHost, "");
  note.name = FaultName(Fault::kStall);
  note.begin_ns = 11;
  recorder.OnNote(note);
  ASSERT_EQ(1u, recorder.recording().events.size());
  EXPECT_EQ(4u, recorder.recording().events[0].host);
  EXPECT_EQ("stall", recorder.recording().events[0].text);
  EXPECT_TRUE(recorder.recording().faults.empty());
}

TEST(PictureRecorderTest, FaultThatLastsIsASpanToo) {
  PictureRecorder recorder;
  TraceNote note = Note(TraceNote::Kind::kFault, 2, "");
  note.name = FaultName(Fault::kPartition);
  note.other_host = 5;
  note.begin_ns = 11;
  note.end_ns = 99;
  recorder.OnNote(note);
  ASSERT_EQ(1u, recorder.recording().faults.size());
  const Recording::FaultSpan& span = recorder.recording().faults[0];
  EXPECT_EQ("partition", span.name);
  EXPECT_EQ(2u, span.host);
  EXPECT_EQ(5, span.other_host);
  EXPECT_EQ(11, span.begin_ns);
  EXPECT_EQ(99, span.end_ns);
}

TEST(PictureRecorderTest, EqualStatesShareTheirText) {
  PictureRecorder recorder;
  recorder.OnNote(Note(TraceNote::Kind::kState, 1, "master"));
  recorder.OnNote(Note(TraceNote::Kind::kState, 2, "replica of=10.0.0.1"));
  recorder.OnNote(Note(TraceNote::Kind::kState, 2, "master"));
  EXPECT_EQ(3u, recorder.recording().states.size());
  EXPECT_EQ(2u, recorder.recording().state_texts.size());
  EXPECT_EQ("master", recorder.recording().state_texts[recorder.recording().states[2].text]);
}

// Over whole runs: watching changes nothing, and what is seen is all there.
TEST(PictureRecorderTest, RunThatIsWatchedHasTheSameHash) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    const RunResult unwatched = RunSeed(seed, RunOptions());
    PictureRecorder recorder;
    RunOptions options;
    options.observer = &recorder;
    const RunResult watched = RunSeed(seed, options);
    EXPECT_EQ(unwatched.hash, watched.hash) << seed;
    EXPECT_EQ(unwatched.event_count, watched.event_count) << seed;
  }
}

TEST(PictureRecorderTest, RunShowsItsHostsMessagesAndStates) {
  PictureRecorder recorder;
  RunOptions options;
  options.observer = &recorder;
  const RunResult result = RunSeed(1, options);
  const Recording& recording = recorder.recording();
  ASSERT_GE(recording.hosts.size(), 2u);
  EXPECT_EQ("node 0", recording.hosts[0].name);
  EXPECT_EQ("10.0.0.0", recording.hosts[0].address);
  for (const Recording::Host& host : recording.hosts) EXPECT_NE("", host.name);
  EXPECT_GT(recording.links.size(), 10u);
  ASSERT_FALSE(recording.states.empty());
  EXPECT_EQ(0u, recording.states[0].host);
  EXPECT_TRUE(absl::StartsWith(recording.state_texts[recording.states[0].text], "master"));
  int64_t last_ns = 0;
  for (const Recording::Event& event : recording.events) {
    EXPECT_LT(event.host, recording.hosts.size());
    EXPECT_GE(event.time_ns, last_ns);
    last_ns = event.time_ns;
  }
  EXPECT_LE(last_ns, result.virtual_ns);
}

}  // namespace
}  // namespace damselfly::sim
