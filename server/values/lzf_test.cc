#include "server/values/lzf.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

// Words of a small alphabet: compresses well, with matches of all lengths and distances.
std::string Repetitive(std::mt19937_64& random, size_t size) {
  std::string text;
  while (text.size() < size) {
    if (!text.empty() && random() % 3 == 0) {
      const size_t from = random() % text.size();
      text += text.substr(from, random() % 700);
    } else {
      text.append(random() % 40, static_cast<char>('a' + random() % 4));
      text += static_cast<char>(random());
    }
  }
  text.resize(size);
  return text;
}

TEST(Lzf, WritesWhatLiblzfWrites) {
  const struct {
    std::string text;
    absl::string_view compressed_hex;
  } cases[] = {
      {std::string(30, 'a'), "016161e01100016161"},
      {std::string(20, 'a'), "016161e00700016161"},
      {std::string(21, 'a'), "016161e00a00"},
      {std::string(22, 'a'), "016161e00a000061"},
      {std::string(23, 'a'), "016161e00a00016161"},
      {"abcabcabcabcabcabcabcabcabcabc", "0361626361e00f02016263"},
      {"hello hello hello, hello world of worlds",
       "0668656c6c6f2068e00105002ca00c07776f726c64206f666008016473"},
  };
  for (const auto& c : cases) {
    std::string out;
    ASSERT_TRUE(LzfCompress(c.text, 4, &out));
    EXPECT_EQ(absl::BytesToHexString(out), c.compressed_hex) << c.text;
  }
}

TEST(Lzf, TextsComeBackAsTheyWere) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    const std::string text = Repetitive(random, 5 + random() % (round % 50 == 0 ? 100000 : 600));
    std::string compressed = "before";
    if (!LzfCompress(text, 4, &compressed)) {
      EXPECT_EQ(compressed, "before");
      continue;
    }
    compressed.erase(0, 6);
    EXPECT_LE(compressed.size() + 4, text.size());
    std::string back = "kept";
    ASSERT_TRUE(LzfDecompress(compressed, text.size(), &back));
    EXPECT_EQ(back, "kept" + text);
  }
}

TEST(Lzf, WhatDoesNotShrinkIsRefused) {
  std::mt19937_64 random(2);
  std::string noise;
  for (int i = 0; i < 1000; ++i) noise += static_cast<char>(random());
  std::string out = "before";
  EXPECT_FALSE(LzfCompress(noise, 4, &out));
  EXPECT_FALSE(LzfCompress("", 4, &out));
  EXPECT_FALSE(LzfCompress("abcd", 4, &out));
  EXPECT_EQ(out, "before");
}

TEST(Lzf, MalformedStreamsAreRefused) {
  const struct {
    absl::string_view stream;
    size_t size;
  } cases[] = {
      {absl::string_view("\x05"
                         "abc",
                         4),
       6},  // fewer literals than told
      {absl::string_view("\x00"
                         "a\x20",
                         3),
       4},  // no distance
      {absl::string_view("\x00"
                         "a\xe0\x01",
                         4),
       20},  // no distance after a long length
      {absl::string_view("\x00"
                         "a\x20\x01",
                         4),
       4},                                    // before the beginning
      {absl::string_view("\x20\x00", 2), 3},  // a match with nothing before it
      {absl::string_view("\x02"
                         "abc",
                         4),
       2},  // more than was said
      {absl::string_view("\x02"
                         "abc",
                         4),
       4},  // less than was said
      {"", 1},
  };
  for (const auto& c : cases) {
    std::string out = "kept";
    EXPECT_FALSE(LzfDecompress(c.stream, c.size, &out)) << absl::BytesToHexString(c.stream);
    EXPECT_EQ(out, "kept");
  }
}

TEST(Lzf, ABigSizeIsNotBelieved) {
  std::string out;
  EXPECT_FALSE(LzfDecompress(absl::string_view("\x00", 1), SIZE_MAX / 2, &out));
  EXPECT_LT(out.capacity(), 1000u);
}

TEST(Lzf, NoiseNeitherCrashesNorOverruns) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string stream;
    for (size_t i = random() % 30; i > 0; --i) {
      stream += static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
    }
    std::string out;
    const size_t size = random() % 64;
    const bool valid = LzfDecompress(stream, size, &out);
    EXPECT_EQ(out.size(), valid ? size : 0);
  }
}

}  // namespace
}  // namespace damselfly
