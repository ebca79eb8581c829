#include "server/replication/frame.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

std::string FrameOf(FrameType type, absl::string_view payload) {
  std::string frame;
  AppendFrameHeader(type, payload, "", &frame);
  frame.append(payload.data(), payload.size());
  return frame;
}

struct Copied {
  FrameType type;
  std::string payload;
  bool operator==(const Copied& other) const {
    return type == other.type && payload == other.payload;
  }
};

// All frames that are complete by now.
std::vector<Copied> Drain(FrameParser* parser) {
  std::vector<Copied> frames;
  Frame frame;
  for (;;) {
    const absl::StatusOr<bool> more = parser->Next(&frame);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return frames;
    frames.push_back(Copied{frame.type, std::string(frame.payload)});
  }
}

absl::Status ErrorOf(absl::string_view bytes) {
  FrameParser parser;
  parser.Append(bytes);
  Frame frame;
  return parser.Next(&frame).status();
}

std::vector<Copied> SomeFrames(Random& random) {
  std::vector<Copied> frames;
  for (int i = 0; i < 300; ++i) {
    switch (random.Below(6)) {
      case 0:
        frames.push_back({FrameType::kKeepAlive, ""});
        break;
      case 1:
        frames.push_back({FrameType::kSyncEnd, ""});
        break;
      case 2:
        frames.push_back({FrameType::kEntry, std::string(random.Below(20000), 'e')});
        break;
      default:
        frames.push_back({FrameType::kRecord, std::string(random.Below(200), 'r')});
    }
  }
  return frames;
}

TEST(FrameTest, StreamIsCutTheSameWayHoweverItComes) {
  Random random(1);
  const std::vector<Copied> frames = SomeFrames(random);
  std::string stream;
  for (const Copied& frame : frames) stream += FrameOf(frame.type, frame.payload);
  for (size_t step : {1, 7, 1000, 65536, 10000000}) {
    FrameParser parser;
    std::vector<Copied> seen;
    for (size_t at = 0; at < stream.size(); at += step) {
      parser.Append(absl::string_view(stream).substr(at, step));
      for (Copied& frame : Drain(&parser)) seen.push_back(std::move(frame));
    }
    EXPECT_TRUE(seen == frames) << step;
    EXPECT_EQ(parser.pending_bytes(), 0u);
  }
}

TEST(FrameTest, PayloadInPiecesMakesTheSameFrame) {
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    std::string payload(random.Below(20000), '\0');
    for (char& c : payload) c = static_cast<char>(random.Below(256));
    const absl::string_view view = payload;
    const size_t cut = random.Below(payload.size() + 1);
    std::string whole, pieces;
    AppendFrameHeader(FrameType::kEntry, view, "", &whole);
    AppendFrameHeader(FrameType::kEntry, view.substr(0, cut), view.substr(cut), &pieces);
    ASSERT_EQ(whole, pieces);

    FrameChecksum checksum(FrameType::kEntry, payload.size());
    for (size_t at = 0; at < payload.size();) {
      const size_t count = std::min(payload.size() - at, random.Below(6000));
      checksum.Add(view.substr(at, count));
      at += count;
    }
    ASSERT_EQ(checksum.Finish(), FrameChecksum::Of(FrameType::kEntry, payload));
    ASSERT_EQ(FrameBytes(whole.data()), whole.size() + payload.size());
    ASSERT_EQ(FrameHeaderBytes(payload.size()), whole.size());
  }
}

TEST(FrameTest, AnyChangedBitIsNoticed) {
  const std::string frame = FrameOf(FrameType::kRecord, "some payload of a few bytes");
  for (size_t bit = 0; bit < 8 * frame.size(); ++bit) {
    std::string changed = frame;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    FrameParser parser;
    // A longer length is noticed when as much has come.
    parser.Append(changed + std::string(20000, 'x'));
    Frame out;
    const absl::StatusOr<bool> more = parser.Next(&out);
    EXPECT_FALSE(more.ok() && *more) << bit;
  }
}

TEST(FrameTest, TypesHaveTheirLimits) {
  EXPECT_EQ(ErrorOf("Q").message(), "bad replication frame: unknown type 81");
  EXPECT_EQ(ErrorOf("A\x01").message(), "bad replication frame: type A of 1 bytes is too long");
  EXPECT_FALSE(ErrorOf("X\x01").ok());
  EXPECT_FALSE(ErrorOf("K\x01").ok());
  EXPECT_FALSE(ErrorOf(std::string("R\x80\x00", 3)).ok()) << "no shortest form";
  EXPECT_TRUE(ErrorOf("C\x80\x80\x40").ok()) << "a MiB";
  EXPECT_FALSE(ErrorOf("C\x81\x80\x40").ok()) << "a byte more";
  EXPECT_TRUE(ErrorOf("E\x81\x80\x40").ok()) << "its key may be as long as that";
  EXPECT_FALSE(ErrorOf("E\xff\xff\xff\xff\xff\xff\xff\xff\x7f").ok());
  EXPECT_TRUE(ErrorOf("R\x81\x80\x40").ok());
  EXPECT_FALSE(ErrorOf("R\xff\xff\xff\xff\xff\xff\xff\xff\x7f").ok());
  EXPECT_TRUE(ErrorOf("R\x80\x80").ok()) << "more may come";
}

TEST(FrameTest, WrongChecksumIsRefused) {
  std::string frame = FrameOf(FrameType::kKeepAlive, "");
  frame.back() = static_cast<char>(frame.back() ^ 1);
  EXPECT_EQ(ErrorOf(frame).message(), "bad replication frame: wrong checksum");
}

// Nodes of different builds talk to each other: a frame is the same bytes for ever.
TEST(FrameTest, BytesOnTheWireStayAsTheyAre) {
  EXPECT_EQ(absl::BytesToHexString(FrameOf(FrameType::kKeepAlive, "")), "4b000bfa570f");
  EXPECT_EQ(absl::BytesToHexString(FrameOf(FrameType::kRecord, "payload")),
            "520733f947897061796c6f6164");
  EXPECT_EQ(FrameChecksum::Of(FrameType::kRecord, std::string(10000, 'x')), 4194028169u);
}

TEST(FrameTest, RandomBytesNeverPassForFrames) {
  Random random(3);
  for (int round = 0; round < 20000; ++round) {
    FrameParser parser;
    std::string bytes(random.Below(40) + 7, '\0');
    for (char& c : bytes) c = static_cast<char>(random.Below(256));
    bytes[0] = "ECXRAK"[random.Below(6)];
    bytes[1] = static_cast<char>(random.Below(8));
    parser.Append(bytes);
    Frame frame;
    const absl::StatusOr<bool> more = parser.Next(&frame);
    EXPECT_FALSE(more.ok() && *more);
  }
}

}  // namespace
}  // namespace damselfly
