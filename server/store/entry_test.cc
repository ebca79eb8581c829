#include "server/store/entry.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

std::string ValueOf(const Entry& entry) {
  char scratch[Entry::kIntegerTextBytesMax];
  return std::string(entry.StringValue(scratch));
}

// All shapes of key, deadline and value read back as they were made.
TEST(Entry, ReadsBackWhatItWasMadeFrom) {
  for (const size_t key_size : {0u, 1u, 16u, 255u, 65535u, 65536u, 100000u}) {
    for (const int64_t expiry_ms : {int64_t{-7}, int64_t{0}, int64_t{1700000000000}}) {
      for (const bool has_expiry : {false, true}) {
        for (const size_t value_size : {0u, 1u, 44u, 45u, 1024u}) {
          const std::string key(key_size, 'k');
          const std::string value(value_size, 'v');
          Entry::Parts parts;
          parts.key = key;
          parts.has_expiry = has_expiry;
          parts.expiry_ms = expiry_ms;
          parts.bytes = value;
          Entry* const entry = Entry::Create(parts);
          EXPECT_EQ(entry->key(), key);
          EXPECT_EQ(entry->type(), ValueType::kString);
          EXPECT_EQ(entry->has_expiry(), has_expiry);
          EXPECT_EQ(entry->expiry_ms(), has_expiry ? expiry_ms : Entry::kNoExpiry);
          EXPECT_EQ(ValueOf(*entry), value);
          EXPECT_EQ(entry->string_size(), value_size);
          EXPECT_EQ(entry->string_encoding(),
                    value_size <= 44 ? StringEncoding::kEmbstr : StringEncoding::kRaw);
          EXPECT_EQ(entry->blob(), nullptr);
          Entry::Destroy(entry);
        }
      }
    }
  }
}

TEST(Entry, KeepsIntegersOfEverySize) {
  for (const int64_t value :
       {int64_t{0}, int64_t{-1}, int64_t{INT32_MAX}, int64_t{INT32_MIN}, int64_t{INT32_MAX} + 1,
        std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    for (const bool has_expiry : {false, true}) {
      Entry::Parts parts;
      parts.key = "some key";
      parts.has_expiry = has_expiry;
      parts.expiry_ms = 99;
      parts.SetInteger(value);
      Entry* const entry = Entry::Create(parts);
      int64_t read = 0;
      EXPECT_TRUE(entry->IntegerValue(&read));
      EXPECT_EQ(read, value);
      EXPECT_EQ(ValueOf(*entry), std::to_string(value));
      EXPECT_EQ(entry->string_size(), std::to_string(value).size());
      EXPECT_EQ(entry->string_encoding(), StringEncoding::kInt);
      EXPECT_EQ(entry->expiry_ms(), has_expiry ? 99 : Entry::kNoExpiry);
      EXPECT_EQ(entry->key(), "some key");
      Entry::Destroy(entry);
    }
  }
}

TEST(Entry, IsAsSmallAsItsContent) {
  Entry::Parts parts;
  parts.key = "key:000000000001";
  parts.SetInteger(12345678);
  Entry* entry = Entry::Create(parts);
  EXPECT_EQ(entry->memory_bytes(), 24u);
  Entry::Destroy(entry);

  const std::string value(32, 'v');
  parts.kind = Entry::Kind::kInline;
  parts.bytes = value;
  entry = Entry::Create(parts);
  EXPECT_EQ(entry->memory_bytes(), 56u);
  Entry::Destroy(entry);

  parts.has_expiry = true;
  entry = Entry::Create(parts);
  EXPECT_EQ(entry->memory_bytes(), 64u);
  Entry::Destroy(entry);
}

TEST(Entry, RewritesInPlaceWhatHasTheSameShape) {
  Entry::Parts parts;
  parts.key = "key";
  parts.bytes = "12345678";
  Entry* const entry = Entry::Create(parts);
  parts.bytes = "1234567890";
  EXPECT_TRUE(entry->Rewrite(parts));
  EXPECT_EQ(ValueOf(*entry), "1234567890");
  EXPECT_EQ(entry->key(), "key");
  // A longer value and a deadline need another allocation.
  parts.bytes = "12345678901234567890";
  EXPECT_FALSE(entry->Rewrite(parts));
  parts.bytes = "1";
  parts.has_expiry = true;
  EXPECT_FALSE(entry->Rewrite(parts));
  EXPECT_EQ(ValueOf(*entry), "1234567890");
  Entry::Destroy(entry);
}

TEST(Entry, TextOfTheSameSizeIsRewrittenWhereItIsNothingElse) {
  for (const size_t size : {0u, 1u, 7u, 8u, 16u, 17u, 32u, 33u, 1024u}) {
    Entry::Parts parts;
    const std::string before(size, 'x'), after(size, 'y');
    parts.key = "key";
    parts.bytes = before;
    Entry* entry = Entry::Create(parts);
    EXPECT_FALSE(entry->HoldsText(size + 1));
    ASSERT_TRUE(entry->HoldsText(size));
    entry->RewriteText(after);
    EXPECT_EQ(ValueOf(*entry), after);
    EXPECT_EQ(entry->key(), "key");
    Entry::Destroy(entry);

    parts.has_expiry = true;
    entry = Entry::Create(parts);
    EXPECT_FALSE(entry->HoldsText(size));
    Entry::Destroy(entry);
    parts.has_expiry = false;
    parts.is_raw = true;
    entry = Entry::Create(parts);
    EXPECT_FALSE(entry->HoldsText(size));
    Entry::Destroy(entry);
  }
  Entry::Parts parts;
  parts.key = "key";
  parts.SetInteger(5);
  Entry* const entry = Entry::Create(parts);
  EXPECT_FALSE(entry->HoldsText(5));
  Entry::Destroy(entry);
}

TEST(Entry, ADeadlineIsTakenOutWhereItStands) {
  const std::string wide_key(70000, 'k');
  for (const std::string& key : {std::string(), std::string("key"), wide_key}) {
    for (const int64_t integer : {int64_t{7}, int64_t{1} << 40}) {
      Entry::Parts parts;
      parts.key = key;
      parts.has_expiry = true;
      parts.expiry_ms = 123456;
      parts.SetInteger(integer);
      Entry* const entry = Entry::Create(parts);
      const size_t bytes_before = entry->memory_bytes();
      entry->DropDeadline();
      EXPECT_FALSE(entry->has_expiry());
      EXPECT_EQ(entry->key(), key);
      EXPECT_EQ(ValueOf(*entry), std::to_string(integer));
      EXPECT_LE(entry->memory_bytes(), bytes_before);
      Entry::Destroy(entry);
    }
  }
  for (const size_t size : {0u, 5u, 1024u}) {
    Entry::Parts parts;
    const std::string value(size, 'v');
    parts.key = "key";
    parts.has_expiry = true;
    parts.bytes = value;
    parts.is_raw = size == 5;
    Entry* const entry = Entry::Create(parts);
    entry->DropDeadline();
    EXPECT_FALSE(entry->has_expiry());
    EXPECT_EQ(entry->key(), "key");
    EXPECT_EQ(ValueOf(*entry), value);
    EXPECT_EQ(entry->is_raw(), size == 5);
    Entry::Destroy(entry);
  }
}

TEST(Entry, HasExactlyItsKey) {
  for (const size_t size : {0u, 1u, 5u, 16u, 40u, 65536u}) {
    Entry::Parts parts;
    const std::string key(size, 'k');
    parts.key = key;
    parts.bytes = "kkk";
    Entry* const entry = Entry::Create(parts);
    EXPECT_TRUE(entry->HasKey(key));
    EXPECT_FALSE(entry->HasKey(key + "k"));
    if (size > 0) {
      EXPECT_FALSE(entry->HasKey(key.substr(1) + "x"));
    }
    Entry::Destroy(entry);
  }
}

TEST(Entry, HoldsOneReferenceToItsBlob) {
  BlobRef first = Blob::Copy("first");
  BlobRef second = Blob::Copy("second");
  Entry::Parts parts;
  parts.key = "key";
  parts.kind = Entry::Kind::kBlob;
  parts.blob = BlobRef(first).Release();
  Entry* const entry = Entry::Create(parts);
  EXPECT_FALSE(first->unique());
  EXPECT_EQ(entry->blob(), first.get());
  EXPECT_EQ(entry->string_encoding(), StringEncoding::kRaw);
  EXPECT_EQ(ValueOf(*entry), "first");
  parts.blob = BlobRef(second).Release();
  EXPECT_TRUE(entry->Rewrite(parts));
  EXPECT_TRUE(first->unique());
  EXPECT_EQ(ValueOf(*entry), "second");
  Entry::Destroy(entry);
  EXPECT_TRUE(second->unique());
}

TEST(Entry, RawStringsHaveRoomToGrowInPlace) {
  Entry::Parts parts;
  parts.key = "key";
  parts.is_raw = true;
  parts.bytes = "x";
  Entry* entry = Entry::Create(parts);
  EXPECT_EQ(entry->string_encoding(), StringEncoding::kRaw);
  int moves = 0;
  for (size_t size = 2; size <= Entry::kInlineBytesMax; ++size) {
    if (!entry->ResizeInPlace(size)) {
      ++moves;
      const std::string longer = ValueOf(*entry) + std::string(1, '\0');
      parts.bytes = longer;
      Entry* const moved = Entry::Create(parts);
      Entry::Destroy(entry);
      entry = moved;
    }
    ASSERT_EQ(ValueOf(*entry), "x" + std::string(size - 1, '\0'));
  }
  EXPECT_LT(moves, 25);
  EXPECT_FALSE(entry->ResizeInPlace(Entry::kInlineBytesMax + 1));
  Entry::Destroy(entry);
}

}  // namespace
}  // namespace damselfly
