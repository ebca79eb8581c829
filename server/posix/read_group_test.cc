#include "server/posix/read_group.h"

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/posix/test_peer.h"

namespace damselfly::posix {
namespace {

// Streams of one loop, numbered from 0 in the order in which they came, that read in one pass.
class ReadGroupTest : public testing::Test {
 protected:
  // Connects so many, runs `scenario` on a thread of its own, and ends.
  void Run(int streams, std::function<void()> scenario) {
    TestNode node(1);
    node_ = &node;
    const Endpoint listening = node.Listen([this](TestSession& session) { Set(session); });
    node.RunWhile([&] {
      for (int i = 0; i < streams; ++i) {
        peers_.push_back(std::make_unique<TestPeer>(listening));
        peers_.back()->Send("!");
        EXPECT_EQ(peers_.back()->Receive(1), "!");
      }
      scenario();
    });
    peers_.clear();
  }

  TestPeer& peer(int index) { return *peers_[static_cast<size_t>(index)]; }
  TestSession& session(int index) { return *sessions_[static_cast<size_t>(index)]; }

  // Keeps the loop from going on while `send` runs, so that it finds all of it at once; returns
  // when it has.
  void InOnePass(std::function<void()> send) {
    std::promise<void> stands;
    std::promise<void> may_go_on;
    session(0).loop.Post([&] {
      stands.set_value();
      may_go_on.get_future().wait();
    });
    stands.get_future().wait();
    send();
    may_go_on.set_value();
    Settle();
  }

  // Work that is posted runs in a pass of its own, behind what that has read; what a paused stream
  // had received takes one pass, and what has come later the next one.
  void Settle() {
    for (int pass = 0; pass < 4; ++pass) OnLoop([] {});
  }

  void OnLoop(std::function<void()> work) {
    std::promise<void> done;
    session(0).loop.Post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  // What has happened since the last time. Not while the loop may add to it.
  std::string TakeLog() { return std::exchange(log_, {}); }

  // What the handler of stream 0 does once it has its bytes, the other one having read its own.
  void FirstOfTwo(std::function<void()> deed) {
    on_data = [deed](int index) {
      if (index == 0) deed();
    };
  }
  // Both read in one pass, and whatever `then` does behind that.
  void ExpectOnlyTheFirst(std::function<void()> then) {
    InOnePass([&] {
      peer(0).Send("zero");
      peer(1).Send("one");
      then();
    });
    EXPECT_EQ(TakeLog(), "soon 0 zero, soon 1 one, data 0 zero");
  }
  void ExpectAfterResuming(absl::string_view expected) {
    EXPECT_EQ(TakeLog(), "");
    OnLoop([&] { session(1).Resume(); });
    Settle();
    EXPECT_EQ(TakeLog(), expected);
  }

  // Of the stream with that number, behind the line in the log.
  std::function<void(int)> on_data = [](int) {};
  TestNode* node_ = nullptr;

 private:
  void Set(TestSession& session) {
    const int index = static_cast<int>(sessions_.size());
    sessions_.push_back(&session);
    session.on_data_soon = [this, index](absl::string_view data) { Log("soon", index, data); };
    session.on_data = [this, index, &session](absl::string_view data) {
      if (data == "!") {
        session.Send(data);
        return;
      }
      Log("data", index, data);
      on_data(index);
    };
    session.on_closed = [this, index](const absl::Status&) { Log("end", index, ""); };
  }
  void Log(absl::string_view what, int index, absl::string_view data) {
    const std::string shown = data.size() <= 8 ? std::string(data) : absl::StrCat(data.size());
    absl::StrAppend(&log_, log_.empty() ? "" : ", ", what, " ", index, shown.empty() ? "" : " ",
                    shown);
  }

  std::vector<std::unique_ptr<TestPeer>> peers_;
  std::vector<TestSession*> sessions_;
  std::string log_;
};

TEST_F(ReadGroupTest, EveryStreamIsToldWhatComesBeforeTheFirstGetsIt) {
  Run(3, [&] {
    InOnePass([&] {
      peer(2).Send("two");
      peer(0).Send("zero");
      peer(1).Send("one");
    });
    EXPECT_EQ(TakeLog(),
              "soon 2 two, soon 0 zero, soon 1 one, data 2 two, data 0 zero, data 1 one");
  });
}

TEST_F(ReadGroupTest, AStreamThatReadsAloneIsNotToldFirst) {
  Run(2, [&] {
    InOnePass([&] { peer(1).Send("one"); });
    EXPECT_EQ(TakeLog(), "data 1 one");
  });
}

TEST_F(ReadGroupTest, MoreThanAGroupHasRoomForIsReadInSeveral) {
  constexpr int kStreams = 2 * static_cast<int>(ReadGroup::kStreamsMax) + 1;
  Run(kStreams, [&] {
    InOnePass([&] {
      for (int i = 0; i < kStreams; ++i) peer(i).Send("x");
    });
    std::string expected;
    for (int begin = 0; begin < kStreams; begin += static_cast<int>(ReadGroup::kStreamsMax)) {
      const int end = std::min(kStreams, begin + static_cast<int>(ReadGroup::kStreamsMax));
      for (const absl::string_view what : {"soon", "data"}) {
        if (what == "soon" && end - begin == 1) continue;
        for (int i = begin; i < end; ++i) absl::StrAppend(&expected, ", ", what, " ", i, " x");
      }
    }
    EXPECT_EQ(absl::StrCat(", ", TakeLog()), expected);
  });
}

TEST_F(ReadGroupTest, MuchInputWaitsForNoOtherStream) {
  Run(2, [&] {
    InOnePass([&] {
      peer(0).Send(std::string(ReadGroup::kGroupBytesMax + 1, 'x'));
      peer(1).Send("one");
    });
    EXPECT_EQ(TakeLog(), "data 0 4097, data 1 one");
  });
}

TEST_F(ReadGroupTest, WhatAStreamHasReadWhenAnotherOnePausesItComesWhenItResumes) {
  FirstOfTwo([&] { session(1).Pause(); });
  Run(2, [&] {
    ExpectOnlyTheFirst([] {});
    InOnePass([&] { peer(1).Send("more"); });
    ExpectAfterResuming("data 1 one, data 1 more");
  });
}

TEST_F(ReadGroupTest, ItComesBeforeTheEndThatFollowsIt) {
  FirstOfTwo([&] { session(1).Pause(); });
  Run(2, [&] {
    ExpectOnlyTheFirst([&] { peer(1).FinishSending(); });
    ExpectAfterResuming("data 1 one, end 1");
  });
}

TEST_F(ReadGroupTest, AnEndThatIsAnnouncedDuringThePauseComesBehindIt) {
  FirstOfTwo([&] { session(1).Pause(); });
  Run(2, [&] {
    ExpectOnlyTheFirst([] {});
    InOnePass([&] { peer(1).FinishSending(); });
    ExpectAfterResuming("data 1 one, end 1");
  });
}

TEST_F(ReadGroupTest, AStreamThatAnotherOneClosesGetsNothing) {
  FirstOfTwo([&] { session(1).Close(); });
  Run(2, [&] { ExpectOnlyTheFirst([] {}); });
}

TEST_F(ReadGroupTest, AStreamThatAnotherOneDestroysGetsNothing) {
  FirstOfTwo([&] { node_->Remove(session(1)); });
  Run(2, [&] { ExpectOnlyTheFirst([] {}); });
}

}  // namespace
}  // namespace damselfly::posix
