#include "server/resp/output_buffer.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/base/blob.h"

namespace damselfly {
namespace {

std::string Gathered(const OutputBuffer& buffer) {
  std::vector<absl::string_view> pieces(OutputBuffer::kPiecesMax);
  std::string all;
  const size_t count = buffer.Gather(absl::MakeSpan(pieces));
  for (size_t i = 0; i < count; ++i) {
    EXPECT_FALSE(pieces[i].empty());
    all.append(pieces[i].data(), pieces[i].size());
  }
  return all;
}

TEST(OutputBuffer, GathersTextAndBlobsInOrder) {
  OutputBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  buffer.AppendBlob(Blob::Copy("first"), 0, 5);
  buffer.Append("-text-");
  buffer.AppendBlob(Blob::Copy("0123456789"), 2, 3);
  buffer.AppendBlob(Blob::Copy("x"), 0, 0);
  buffer.Append("-end");
  EXPECT_EQ(buffer.size(), 18u);
  EXPECT_EQ(Gathered(buffer), "first-text-234-end");
  EXPECT_EQ(buffer.ToString(), "first-text-234-end");
  absl::string_view two[2];
  EXPECT_EQ(buffer.Gather(absl::MakeSpan(two)), 2u);
  EXPECT_EQ(two[1], "-text-");
}

TEST(OutputBuffer, BlobsLiveAsLongAsTheyWait) {
  BlobRef blob = Blob::Copy("0123456789");
  OutputBuffer buffer;
  buffer.AppendBlob(blob, 0, 10);
  buffer.Append("x");
  EXPECT_FALSE(blob->unique());
  buffer.Consume(9);
  EXPECT_EQ(buffer.ToString(), "9x");
  EXPECT_FALSE(blob->unique());
  buffer.Consume(1);
  EXPECT_TRUE(blob->unique());
  EXPECT_EQ(buffer.ToString(), "x");
}

TEST(OutputBuffer, TruncatesToAMark) {
  BlobRef blob = Blob::Copy("blob");
  OutputBuffer buffer;
  buffer.Append("keep");
  const OutputBuffer::Mark mark = buffer.End();
  buffer.AppendBlob(blob, 0, 4);
  buffer.Append("drop");
  buffer.TruncateTo(mark);
  EXPECT_EQ(buffer.ToString(), "keep");
  EXPECT_TRUE(blob->unique());
}

TEST(OutputBuffer, InsertsBeforeWhatCameAfterAMark) {
  OutputBuffer buffer;
  buffer.Append("ab");
  buffer.AppendBlob(Blob::Copy("c"), 0, 1);
  const OutputBuffer::Mark mark = buffer.End();
  buffer.AppendBlob(Blob::Copy("e"), 0, 1);
  buffer.Append("f");
  buffer.AppendBlob(Blob::Copy("g"), 0, 1);
  buffer.Insert(mark, "d");
  EXPECT_EQ(buffer.ToString(), "abcdefg");
  EXPECT_EQ(Gathered(buffer), "abcdefg");
}

TEST(OutputBuffer, RandomUseAgreesWithAString) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 200; ++round) {
    OutputBuffer buffer;
    std::string model;
    for (int step = 0; step < 300; ++step) {
      std::string bytes(random() % (random() % 20 == 0 ? 5000 : 30), '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      switch (random() % 6) {
        case 0:
        case 1:
          buffer.Append(bytes);
          model += bytes;
          break;
        case 2: {
          const size_t offset = random() % (bytes.size() + 1);
          buffer.AppendBlob(Blob::Copy(bytes), offset, bytes.size() - offset);
          model += bytes.substr(offset);
          break;
        }
        case 3: {
          const OutputBuffer::Mark mark = buffer.End();
          const size_t model_mark = model.size();
          buffer.Append(bytes);
          if (random() % 2 == 0) {
            buffer.AppendBlob(Blob::Copy("tail"), 1, 2);
            buffer.Insert(mark, "header");
            model += "header" + bytes + "ai";
          } else {
            buffer.TruncateTo(mark);
            model.resize(model_mark);
          }
          break;
        }
        default: {
          const size_t count = random() % (std::min<size_t>(model.size(), 2000) + 1);
          buffer.Consume(count);
          model.erase(0, count);
          break;
        }
      }
      ASSERT_EQ(buffer.size(), model.size());
      ASSERT_EQ(Gathered(buffer), model.substr(0, Gathered(buffer).size()));
    }
    ASSERT_EQ(buffer.ToString(), model);
  }
}

TEST(OutputBuffer, GivesLargeMemoryBackWhenDrained) {
  OutputBuffer buffer;
  buffer.Append(std::string(1 << 20, 'x'));
  EXPECT_GE(buffer.memory_bytes(), size_t{1} << 20);
  buffer.Consume(1 << 20);
  EXPECT_EQ(buffer.memory_bytes(), 0u);
  buffer.Append("small");
  buffer.Consume(5);
  EXPECT_GT(buffer.memory_bytes(), 0u);
  buffer.ShrinkIdle();
  EXPECT_EQ(buffer.memory_bytes(), 0u);
}

TEST(OutputBuffer, AValueThatManyReadersShareIsChargedToNoneOfThemInFull) {
  const BlobRef of_the_store = Blob::Copy(std::string(1 << 20, 'x'));
  std::vector<std::unique_ptr<OutputBuffer>> readers;
  size_t charged_bytes = 0;
  for (int i = 0; i < 100; ++i) {
    readers.push_back(std::make_unique<OutputBuffer>());
    readers.back()->AppendBlob(of_the_store, 0, of_the_store->size());
    charged_bytes += readers.back()->memory_bytes();
  }
  EXPECT_LT(charged_bytes, size_t{5} << 20);

  OutputBuffer alone;
  alone.AppendBlob(Blob::Copy(std::string(1 << 20, 'x')), 0, 1 << 20);
  EXPECT_GE(alone.memory_bytes(), size_t{1} << 20);
  for (const auto& reader : readers) alone.TakeFrom(reader.get());
  const OutputBuffer::Mark whole = alone.End();
  alone.AppendBlob(of_the_store, 0, of_the_store->size());
  alone.TruncateTo(whole);
  alone.Consume(alone.size());
  EXPECT_EQ(alone.memory_bytes(), 0u);
}

// A slow reader: what it has read is reused, at constant cost a byte.
TEST(OutputBuffer, AReaderThatLagsBehindCostsNoMoreThanItsLag) {
  OutputBuffer buffer;
  const std::string chunk(1000, 'x');
  buffer.Append(chunk);
  for (int i = 0; i < 100000; ++i) {
    buffer.Append(chunk);
    buffer.Consume(1000);
  }
  EXPECT_LT(buffer.memory_bytes(), 10000u);
}

TEST(OutputBuffer, TakesWhatWaitsInAnother) {
  OutputBuffer from;
  from.Append("sent");
  from.Append("one ");
  from.AppendBlob(Blob::Copy("two "), 0, 4);
  from.Append("three ");
  from.AppendBlob(Blob::Copy("xfourx"), 1, 4);
  from.Consume(4);
  OutputBuffer to;
  to.Append("zero ");
  to.TakeFrom(&from);
  EXPECT_EQ(to.ToString(), "zero one two three four");
  EXPECT_FALSE(to.is_contiguous());
  EXPECT_TRUE(from.empty());
  to.TakeFrom(&from);
  EXPECT_EQ(to.ToString(), "zero one two three four");
}

}  // namespace
}  // namespace damselfly
