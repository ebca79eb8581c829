#include "server/runtime/coroutine_stream.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "server/runtime/fake_loop.h"
#include "server/runtime/task.h"

namespace damselfly {
namespace {

// What a test sees of a FakeStream, also after that is gone.
struct Wire {
  StreamHandler* handler = nullptr;
  std::string written;
  size_t room_bytes = 1000;  // what Write still takes
  bool paused = false;
  bool closed = false;
};

class FakeStream final : public Stream {
 public:
  explicit FakeStream(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
  ~FakeStream() override { Close(); }

  void Start(StreamHandler* handler) override { wire_->handler = handler; }
  size_t Write(absl::Span<const absl::string_view> pieces) override {
    size_t taken = 0;
    for (absl::string_view piece : pieces) {
      const absl::string_view part = piece.substr(0, wire_->room_bytes);
      wire_->written.append(part.data(), part.size());
      wire_->room_bytes -= part.size();
      taken += part.size();
    }
    return taken;
  }
  void PauseReading() override { wire_->paused = true; }
  void ResumeReading() override { wire_->paused = false; }
  void Close() override { wire_->closed = true; }
  const Endpoint& local() const override { return endpoint_; }
  const Endpoint& peer() const override { return endpoint_; }
  int descriptor() const override { return 0; }

 private:
  const std::shared_ptr<Wire> wire_;
  const Endpoint endpoint_;
};

class CoroutineStreamTest : public testing::Test {
 protected:
  // Reads to the end of the stream into received_ and end_.
  Task<> ReadToEnd() {
    for (;;) {
      absl::StatusOr<std::string> some = co_await stream_->ReadSome();
      if (!some.ok()) {
        end_ = some.status();
        co_return;
      }
      received_.push_back(*std::move(some));
    }
  }

  Task<> Write(std::string data) {
    const absl::Status status = co_await stream_->WriteAll(data);
    write_statuses_.push_back(status);
  }

  std::shared_ptr<Wire> wire_ = std::make_shared<Wire>();
  std::unique_ptr<CoroutineStream> stream_ =
      std::make_unique<CoroutineStream>(std::make_unique<FakeStream>(wire_), 10);
  std::vector<std::string> received_;
  absl::Status end_;
  std::vector<absl::Status> write_statuses_;
  TaskScope tasks_;
};

TEST_F(CoroutineStreamTest, ReadsWhatComesUntilThePeerCloses) {
  tasks_.Spawn(ReadToEnd());
  wire_->handler->OnData("hello");
  wire_->handler->OnData("world");
  EXPECT_EQ(received_, (std::vector<std::string>{"hello", "world"}));
  EXPECT_FALSE(tasks_.empty());
  wire_->handler->OnClosed(absl::OkStatus());
  EXPECT_TRUE(absl::IsOutOfRange(end_)) << end_;
  EXPECT_TRUE(tasks_.empty());
}

TEST_F(CoroutineStreamTest, BytesThatCameFirstAreReadBeforeTheEnd) {
  wire_->handler->OnData("a");
  wire_->handler->OnData("b");
  wire_->handler->OnClosed(absl::DataLossError("cable cut"));
  tasks_.Spawn(ReadToEnd());
  EXPECT_EQ(received_, (std::vector<std::string>{"ab"}));
  EXPECT_EQ(end_, absl::DataLossError("cable cut"));
}

TEST_F(CoroutineStreamTest, PausesReadingWhileTheBufferIsFull) {
  wire_->handler->OnData("123456789");
  EXPECT_FALSE(wire_->paused);
  wire_->handler->OnData("0");
  EXPECT_TRUE(wire_->paused);
  tasks_.Spawn(ReadToEnd());
  EXPECT_FALSE(wire_->paused);
  EXPECT_EQ(received_, (std::vector<std::string>{"1234567890"}));
}

TEST_F(CoroutineStreamTest, WritesAtOnceWhenThereIsRoom) {
  tasks_.Spawn(Write("hello"));
  tasks_.Spawn(Write(""));
  EXPECT_EQ(wire_->written, "hello");
  EXPECT_EQ(write_statuses_, (std::vector<absl::Status>{absl::OkStatus(), absl::OkStatus()}));
}

TEST_F(CoroutineStreamTest, WritesTheRestAsRoomComes) {
  wire_->room_bytes = 2;
  tasks_.Spawn(Write("hello"));
  EXPECT_EQ(wire_->written, "he");
  wire_->room_bytes = 2;
  wire_->handler->OnWritable();
  EXPECT_EQ(wire_->written, "hell");
  EXPECT_TRUE(write_statuses_.empty());
  wire_->room_bytes = 5;
  wire_->handler->OnWritable();
  EXPECT_EQ(wire_->written, "hello");
  EXPECT_EQ(write_statuses_, std::vector<absl::Status>{absl::OkStatus()});
  wire_->handler->OnWritable();
}

TEST_F(CoroutineStreamTest, TheEndWakesReaderAndWriterAndFailsLaterOnes) {
  wire_->room_bytes = 0;
  tasks_.Spawn(ReadToEnd());
  tasks_.Spawn(Write("hello"));
  wire_->handler->OnClosed(absl::UnavailableError("gone"));
  EXPECT_EQ(end_, absl::UnavailableError("gone"));
  EXPECT_EQ(write_statuses_, std::vector<absl::Status>{absl::UnavailableError("gone")});
  tasks_.Spawn(Write("more"));
  EXPECT_EQ(write_statuses_.size(), 2u);
  EXPECT_EQ(write_statuses_[1], absl::UnavailableError("gone"));
  EXPECT_TRUE(tasks_.empty());
}

TEST_F(CoroutineStreamTest, CloseWakesWhoeverWaits) {
  tasks_.Spawn(ReadToEnd());
  stream_->Close();
  stream_->Close();
  EXPECT_TRUE(wire_->closed);
  EXPECT_TRUE(absl::IsOutOfRange(end_));
  EXPECT_TRUE(tasks_.empty());
}

TEST_F(CoroutineStreamTest, ADestroyedReaderOrWriterIsForgotten) {
  wire_->room_bytes = 0;
  tasks_.Spawn(ReadToEnd());
  tasks_.Spawn(Write("hello"));
  tasks_.DestroyAll();
  wire_->handler->OnData("kept");
  wire_->handler->OnWritable();
  tasks_.Spawn(ReadToEnd());
  EXPECT_EQ(received_, std::vector<std::string>{"kept"});
}

TEST_F(CoroutineStreamTest, MayBeDestroyedByTheCoroutineItResumes) {
  auto destroy_after_read = [this]() -> Task<> {
    (void)co_await stream_->ReadSome();
    stream_.reset();
  };
  wire_->room_bytes = 0;
  tasks_.Spawn(destroy_after_read());
  tasks_.Spawn(Write("never"));
  StreamHandler* const handler = wire_->handler;
  handler->OnClosed(absl::OkStatus());
  EXPECT_TRUE(wire_->closed);
  EXPECT_TRUE(write_statuses_.empty());
  EXPECT_FALSE(tasks_.empty());  // the writer waits for ever, until its scope goes
}

TEST_F(CoroutineStreamTest, MayBeClosedAndDestroyedByTheCoroutineItResumes) {
  auto close_and_destroy = [this]() -> Task<> {
    (void)co_await stream_->ReadSome();
    stream_->Close();
    stream_.reset();
  };
  wire_->room_bytes = 0;
  tasks_.Spawn(close_and_destroy());
  tasks_.Spawn(Write("hello"));
  wire_->handler->OnData("x");
  EXPECT_EQ(write_statuses_.size(), 1u);
  EXPECT_TRUE(tasks_.empty());
}

// Keeps the handlers that it is given, for the test to call.
class FakeNetwork final : public Network {
 public:
  absl::StatusOr<std::unique_ptr<Listener>> Listen(const Endpoint&, int, AcceptHandler) override {
    return absl::UnimplementedError("connects only");
  }
  void Connect(EventLoop&, const Endpoint& endpoint, ConnectHandler handler) override {
    connecting.push_back({endpoint, std::move(handler)});
  }
  std::vector<std::pair<Endpoint, ConnectHandler>> connecting;
};

TEST(ConnectTest, GivesTheStreamOrTheError) {
  const Endpoint endpoint{.host = "there", .port = 7, .unix_path = ""};
  FakeLoop loop;
  FakeNetwork network;
  std::vector<bool> results;
  auto connect = [&]() -> Task<> {
    const auto stream = co_await Connect(network, loop, endpoint);
    results.push_back(stream.ok());
  };
  TaskScope tasks;
  tasks.Spawn(connect());
  tasks.Spawn(connect());
  ASSERT_EQ(network.connecting.size(), 2u);
  EXPECT_EQ(network.connecting[0].first.ToString(), "there:7");
  network.connecting[0].second(absl::UnavailableError("refused"));
  network.connecting[1].second(std::make_unique<FakeStream>(std::make_shared<Wire>()));
  EXPECT_EQ(results, (std::vector<bool>{false, true}));
}

TEST(ConnectTest, AConnectionThatComesTooLateIsClosed) {
  const Endpoint endpoint{.host = "there", .port = 7, .unix_path = ""};
  FakeLoop loop;
  FakeNetwork network;
  auto connect = [&]() -> Task<> {
    (void)co_await Connect(network, loop, endpoint);
    ADD_FAILURE() << "must not go on";
  };
  {
    TaskScope tasks;
    tasks.Spawn(connect());
  }
  const auto wire = std::make_shared<Wire>();
  network.connecting[0].second(std::make_unique<FakeStream>(wire));
  EXPECT_TRUE(wire->closed);
}

}  // namespace
}  // namespace damselfly
