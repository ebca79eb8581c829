#include "server/posix/stream.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/posix/test_peer.h"
#include "server/runtime/random.h"

namespace damselfly::posix {
namespace {

using std::chrono::milliseconds;

std::string RandomBytes(size_t bytes) {
  Random random(bytes);
  std::string result(bytes, '\0');
  for (char& byte : result) byte = static_cast<char>(random.Next());
  return result;
}

void Echo(TestSession& session) {
  session.on_data = [&session](absl::string_view data) { session.Send(data); };
  session.on_closed = [&session](const absl::Status&) { session.Close(); };
}

void ExpectEcho(const Endpoint& listening) {
  TestPeer peer(listening);
  peer.Send("hello");
  EXPECT_EQ(peer.Receive(5), "hello");
  const std::string big = RandomBytes(3'000'000);
  std::thread sender([&] { peer.Send(big); });
  EXPECT_TRUE(peer.Receive(big.size()) == big);
  sender.join();
}

TEST(Stream, EchoesOverIpv4) {
  TestNode node(1);
  const Endpoint listening = node.Listen(Echo);
  EXPECT_EQ(listening.host, "127.0.0.1");
  EXPECT_GT(listening.port, 0);
  node.RunWhile([&] { ExpectEcho(listening); });
}

TEST(Stream, EchoesOverIpv6OrSaysThatThereIsNone) {
  TestNode node(1);
  const Endpoint wanted{.host = "::1", .port = 0, .unix_path = ""};
  auto probe =
      node.runtime().network().Listen(wanted, 5, [](EventLoop&, std::unique_ptr<Stream>) {});
  if (!probe.ok()) {
    EXPECT_EQ(probe.status().message().substr(0, 29), "Could not listen on [::1]:0: ");
    return;
  }
  probe->reset();
  const Endpoint listening = node.Listen(wanted, Echo);
  node.RunWhile([&] { ExpectEcho(listening); });
}

TEST(Stream, EchoesOverAUnixSocket) {
  const SocketDirectory directory;
  const Endpoint wanted = directory.Socket("echo.sock");
  {
    TestNode node(1);
    const Endpoint listening = node.Listen(wanted, [](TestSession& session) {
      EXPECT_EQ(session.stream->peer().ToString(), session.stream->local().ToString());
      Echo(session);
    });
    EXPECT_EQ(listening.unix_path, wanted.unix_path);
    node.RunWhile([&] { ExpectEcho(listening); });
  }
  EXPECT_NE(access(wanted.unix_path.c_str(), F_OK), 0);
}

TEST(Stream, KnowsBothEndsAndItsDescriptor) {
  TestNode node(1);
  const Endpoint listening = node.Listen([&](TestSession& session) {
    const Stream& stream = *session.stream;
    session.on_data = [&](absl::string_view) {
      session.Send(absl::StrCat(stream.local().ToString(), " ", stream.peer().host, " ",
                                stream.peer().port > 0, " ", stream.descriptor() > 2, "\n"));
    };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("?");
    const std::string expected = absl::StrCat(listening.ToString(), " 127.0.0.1 1 1\n");
    EXPECT_EQ(peer.Receive(expected.size()), expected);
  });
}

TEST(Stream, SlowReaderGetsEverythingInOrder) {
  const std::string content = RandomBytes(24'000'000);
  std::atomic<bool> was_cut_short = false;
  TestNode node(1);
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.on_data = [&](absl::string_view) {
      session.Send(content);
      if (session.unsent_bytes() > 0) was_cut_short = true;
    };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("go");
    std::this_thread::sleep_for(milliseconds(50));
    std::string received;
    while (received.size() < content.size()) {
      const std::string more =
          peer.Receive(std::min<size_t>(3'000'000, content.size() - received.size()));
      ASSERT_FALSE(more.empty());
      received += more;
      std::this_thread::sleep_for(milliseconds(5));
    }
    EXPECT_TRUE(received == content);
  });
  EXPECT_TRUE(was_cut_short);
}

TEST(Stream, OneWriteTakesMorePiecesThanOneSystemCallDoes) {
  TestNode node(1);
  std::string expected;
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i) texts.push_back(i % 7 == 0 ? "" : absl::StrCat(i, ","));
  for (const std::string& text : texts) expected += text;
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.on_data = [&](absl::string_view) {
      const std::vector<absl::string_view> pieces(texts.begin(), texts.end());
      EXPECT_EQ(session.stream->Write(pieces), expected.size());
    };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("go");
    EXPECT_EQ(peer.Receive(expected.size()), expected);
  });
}

TEST(Stream, ShortWritesOfOnePassArriveInOrderBetweenLongOnes) {
  TestNode node(1);
  std::string expected;
  for (int i = 0; i < 200; ++i)
    expected += i % 10 == 9 ? std::string(10'000, 'x') : absl::StrCat(i, ",");
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.on_data = [&](absl::string_view) {
      for (int i = 0; i < 200; ++i)
        session.Send(i % 10 == 9 ? std::string(10'000, 'x') : absl::StrCat(i, ","));
    };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("go");
    EXPECT_EQ(peer.Receive(expected.size()), expected);
  });
}

// Writes, each in a pass of its own, until the kernel is full and what the last ones have taken is
// held; then the stream goes.
TEST(Stream, WhatAWriteHasTakenArrivesAlsoWhenTheStreamIsDestroyedWhileTheKernelIsFull) {
  TestNode node(1);
  const std::string chunk(4000, 'c');
  std::atomic<size_t> taken_bytes = 0;
  std::atomic<bool> gone = false;
  std::function<void()> write_more;
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.on_data = [&](absl::string_view) { write_more(); };
    write_more = [&] {
      const size_t taken = session.Write(chunk);
      taken_bytes += taken;
      if (taken == chunk.size()) {
        session.loop.Post([&] { write_more(); });
      } else {
        gone = true;
        session.Close();
        session.stream.reset();
      }
    };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("go");
    while (!gone) std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_EQ(peer.ReceiveUntilEnd().size(), taken_bytes.load());
  });
}

TEST(Stream, WritingNothingTakesNothing) {
  TestNode node(1);
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.on_data = [&](absl::string_view) {
      EXPECT_EQ(session.stream->Write({}), 0u);
      EXPECT_EQ(session.stream->Write({"", ""}), 0u);
      EXPECT_EQ(session.stream->Write({"", "x", ""}), 1u);
    };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("go");
    EXPECT_EQ(peer.Receive(1), "x");
  });
}

TEST(Stream, CloseInsideOnDataDeliversWhatWasWrittenThoughMoreHasArrived) {
  TestNode node(1);
  std::atomic<int> calls = 0;
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.on_data = [&](absl::string_view) {
      ++calls;
      session.Send("goodbye");
      session.Close();
      session.Close();
      EXPECT_EQ(session.Write("more"), 0u);
    };
    session.on_closed = [&](const absl::Status&) { ++calls; };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send(std::string(150'000, 'x'));  // more than one read takes
    EXPECT_EQ(peer.ReceiveUntilEnd(), "goodbye");
  });
  EXPECT_EQ(calls, 1);
}

TEST(Stream, MayBeDestroyedInsideEachOfItsCallBacks) {
  TestNode node(1);
  const Endpoint in_data = node.Listen([&](TestSession& session) {
    session.on_data = [&](absl::string_view) { node.Remove(session); };
  });
  const Endpoint in_closed = node.Listen([&](TestSession& session) {
    session.on_closed = [&](const absl::Status&) { node.Remove(session); };
  });
  const std::string big(16'000'000, 'x');
  const Endpoint in_writable = node.Listen([&](TestSession& session) {
    EXPECT_LT(session.Write(big), big.size());
    session.on_writable = [&] { node.Remove(session); };
  });
  const Endpoint in_data_while_queued = node.Listen([&](TestSession& session) {
    session.Pause();
    session.on_data = [&](absl::string_view) { node.Remove(session); };
    session.loop.StartTimer(20'000'000, [&] { session.Resume(); });
  });
  node.RunWhile([&] {
    for (int i = 0; i < 20; ++i) {
      TestPeer first(in_data);
      first.Send(std::string(200'000, 'x'));
      first.ReceiveUntilEnd();
      TestPeer second(in_closed);
      second.FinishSending();
      EXPECT_EQ(second.ReceiveUntilEnd(), "");
      TestPeer third(in_writable);
      EXPECT_LT(third.ReceiveUntilEnd().size(), big.size());
      TestPeer fourth(in_data_while_queued);
      fourth.Send("x");
      EXPECT_EQ(fourth.ReceiveUntilEnd(), "");
    }
  });
}

TEST(Stream, HalfClosedPeerStillGetsTheReply) {
  TestNode node(1);
  const Endpoint listening = node.Listen([&](TestSession& session) {
    auto received = std::make_shared<std::string>();
    session.on_data = [received](absl::string_view data) {
      received->append(data.data(), data.size());
    };
    session.on_closed = [&session, received](const absl::Status& reason) {
      EXPECT_TRUE(reason.ok()) << reason;
      session.Send(absl::StrCat("got ", *received));
      session.Close();
    };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("all of it");
    peer.FinishSending();
    EXPECT_EQ(peer.ReceiveUntilEnd(), "got all of it");
  });
}

TEST(Stream, PausingHoldsBytesBackAndResumingDeliversThem) {
  TestNode node(1);
  std::atomic<bool> paused = false;
  std::promise<TestSession*> accepted;
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.Pause();
    session.Pause();
    paused = true;
    session.on_data = [&](absl::string_view data) {
      EXPECT_FALSE(paused);
      session.Send(data);
    };
    accepted.set_value(&session);
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("held");
    TestSession& session = *accepted.get_future().get();
    std::this_thread::sleep_for(milliseconds(50));  // its event has come and gone
    session.loop.Post([&] {
      paused = false;
      session.Resume();
      session.Resume();
    });
    EXPECT_EQ(peer.Receive(4), "held");
    peer.Send("free");
    EXPECT_EQ(peer.Receive(4), "free");
  });
}

TEST(Stream, PausingInsideOnDataStopsAfterThatCall) {
  TestNode node(1);
  std::atomic<int> calls = 0;
  const std::string content = RandomBytes(400'000);
  std::string received;  // on the loop
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.on_data = [&](absl::string_view data) {
      const int call = ++calls;
      received.append(data.data(), data.size());
      session.Pause();
      session.loop.StartTimer(2'000'000, [&, call] {
        EXPECT_EQ(calls, call);
        session.Resume();
      });
      if (received.size() == content.size()) session.Send("done");
    };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send(content);
    EXPECT_EQ(peer.Receive(4), "done");
  });
  EXPECT_TRUE(received == content);
}

TEST(Stream, EndOfThePeerIsReportedWhilePausedWhenNothingIsUnread) {
  TestNode node(1);
  std::promise<absl::Status> closed;
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.Pause();
    session.on_closed = [&](const absl::Status& reason) { closed.set_value(reason); };
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    std::this_thread::sleep_for(milliseconds(20));
    peer.Close();
    EXPECT_TRUE(closed.get_future().get().ok());
  });
}

TEST(Stream, UnreadBytesComeBeforeTheEndAfterAPause) {
  TestNode node(1);
  std::promise<void> closed;
  std::promise<TestSession*> accepted;
  std::string events;  // on the loop
  const Endpoint listening = node.Listen([&](TestSession& session) {
    session.Pause();
    session.on_data = [&](absl::string_view data) { absl::StrAppend(&events, "data:", data, " "); };
    session.on_closed = [&](const absl::Status& reason) {
      absl::StrAppend(&events, "closed:", reason.ok());
      closed.set_value();
    };
    accepted.set_value(&session);
  });
  node.RunWhile([&] {
    TestPeer peer(listening);
    peer.Send("last");
    peer.FinishSending();
    TestSession& session = *accepted.get_future().get();
    std::this_thread::sleep_for(milliseconds(50));
    session.loop.Post([&] {
      EXPECT_EQ(events, "");
      session.Resume();
    });
    closed.get_future().wait();
  });
  EXPECT_EQ(events, "data:last closed:1");
}

TEST(Stream, ResetIsReportedAsAnErrorEvenWhilePaused) {
  for (const bool paused : {false, true}) {
    TestNode node(1);
    std::promise<absl::Status> closed;
    const Endpoint listening = node.Listen([&](TestSession& session) {
      if (paused) session.Pause();
      session.on_closed = [&](const absl::Status& reason) { closed.set_value(reason); };
    });
    node.RunWhile([&] {
      TestPeer peer(listening);
      std::this_thread::sleep_for(milliseconds(20));
      peer.ResetOnClose();
      peer.Close();
      EXPECT_FALSE(closed.get_future().get().ok());
    });
  }
}

// A short write notices only when it is sent, at the end of the pass.
TEST(Stream, WritingToABrokenStreamTakesNothingAndReportsTheEndLater) {
  for (const size_t write_bytes : {1u, 100'000u}) {
    TestNode node(1);
    std::promise<absl::Status> closed;
    std::promise<TestSession*> accepted;
    const Endpoint listening = node.Listen([&](TestSession& session) {
      session.Pause();
      session.on_closed = [&](const absl::Status& reason) { closed.set_value(reason); };
      accepted.set_value(&session);
    });
    node.RunWhile([&] {
      TestPeer peer(listening);
      peer.Send("unread");
      peer.FinishSending();
      TestSession& session = *accepted.get_future().get();
      std::this_thread::sleep_for(milliseconds(20));
      session.loop.Post([&] {
        shutdown(session.stream->descriptor(), SHUT_WR);  // makes the next send fail
        const std::string bytes(write_bytes, 'x');
        const bool is_short = write_bytes == 1;
        EXPECT_EQ(session.Write(bytes), is_short ? 1u : 0u);
        if (!is_short) {
          EXPECT_EQ(session.Write(bytes), 0u);
        }
      });
      EXPECT_FALSE(closed.get_future().get().ok());
    });
  }
}

// Both have megabytes waiting; none may be read to its end before the other gets a turn.
TEST(Stream, StreamsThatAlwaysFillTheBufferTakeTurns) {
  const auto created = Loop::Create(0);
  ASSERT_TRUE(created.ok());
  Loop& loop = **created;
  constexpr size_t kTotalBytes = 2'000'000;
  std::string turns;
  std::vector<std::unique_ptr<TestSession>> sessions;
  std::vector<std::thread> senders;
  size_t received_bytes = 0;
  std::vector<int> receivers;
  for (const char name : {'a', 'b'}) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    receivers.push_back(pair[0]);
    auto stream = std::make_unique<PosixStream>(loop, Descriptor(pair[0]), Endpoint(), Endpoint());
    sessions.push_back(std::make_unique<TestSession>(loop, std::move(stream)));
    sessions.back()->on_data = [&, name](absl::string_view data) {
      if (turns.empty() || turns.back() != name) turns += name;
      received_bytes += data.size();
      if (received_bytes == 2 * kTotalBytes) loop.RequestStop();
    };
    senders.emplace_back(
        [fd = pair[1]] { TestPeer(Descriptor(fd)).Send(std::string(kTotalBytes, 'x')); });
  }
  // Three buffers full have to lie ready on both before the loop begins, however late the senders
  // get their turn: that much fits in a socket everywhere.
  constexpr int kReadyBytes = 3 * 64 * 1024;
  for (const int receiver : receivers) {
    int ready_bytes = 0;
    for (int i = 0; i < 1000 && ready_bytes < kReadyBytes; ++i) {
      std::this_thread::sleep_for(milliseconds(10));
      ASSERT_EQ(ioctl(receiver, FIONREAD, &ready_bytes), 0);
    }
    ASSERT_GE(ready_bytes, kReadyBytes);
  }
  for (auto& session : sessions) session->Start();
  loop.Run();
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(received_bytes, 2 * kTotalBytes);
  EXPECT_TRUE(absl::StartsWith(turns, "ababab") || absl::StartsWith(turns, "bababa")) << turns;
}

TEST(Stream, LoopCountsItsOpenStreams) {
  const auto created = Loop::Create(0);
  ASSERT_TRUE(created.ok());
  Loop& loop = **created;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  {
    PosixStream closed(loop, Descriptor(pair[0]), Endpoint(), Endpoint());
    PosixStream destroyed(loop, Descriptor(pair[1]), Endpoint(), Endpoint());
    EXPECT_EQ(loop.open_streams(), 2);
    closed.Close();
    EXPECT_EQ(loop.open_streams(), 1);
  }
  EXPECT_EQ(loop.open_streams(), 0);
}

// A recv stops in front of an urgent byte, and no event repeats what lies behind it (tcp(7)).
TEST(Stream, AnUrgentByteDoesNotHideWhatFollowsIt) {
  TestNode node(1);
  const Endpoint endpoint = node.Listen([](TestSession& session) {
    session.on_data = [&session](absl::string_view data) { session.Send(data); };
    session.Pause();
    session.loop.StartTimer(200'000'000, [&session] { session.Resume(); });
  });
  node.RunWhile([&] {
    TestPeer peer(endpoint);
    peer.Send("before");
    peer.SendUrgent('!');
    peer.Send("behind");
    EXPECT_EQ(peer.Receive(12), "beforebehind");
  });
}

}  // namespace
}  // namespace damselfly::posix
