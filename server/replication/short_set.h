#ifndef DAMSELFLY_SERVER_REPLICATION_SHORT_SET_H_
#define DAMSELFLY_SERVER_REPLICATION_SHORT_SET_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/base/check.h"
#include "server/base/crc32c.h"
#include "server/replication/frame.h"
#include "server/replication/record.h"
#include "server/store/change.h"

namespace damselfly {

// The record of a single SET of a short text without a deadline, as a whole frame: byte for byte
// what a RecordBuffer makes of it, but written where it is to stand, in one go. All its lengths
// take a byte each, and the checksum is made of key and value where they came from: words that
// have just been stored in other pieces are slow to load.
class ShortSet {
 public:
  // Type, length and checksum. It may not be cut in two.
  static constexpr size_t kHeadBytes = 2 + kFrameChecksumBytes;
  static constexpr size_t kFrameBytesMax = kHeadBytes + 0x7f;

  static bool Is(const Change& change) {
    return change.kind == Change::Kind::kSet && change.form == Change::Form::kText &&
           change.expiry_ms < 0 && change.key.size() + change.value.size() <= kTextBytesMax;
  }

  // Whether a record's payload is one of these, byte for byte; `change` is it then, but for its
  // slot.
  static bool Parse(absl::string_view payload, Change* change) {
    if (payload.size() < kBesidesTextBytes || payload.size() > 0x7f) return false;
    const auto byte = [payload](size_t at) { return static_cast<unsigned char>(payload[at]); };
    const size_t key_bytes = byte(4);
    if (key_bytes > payload.size() - kBesidesTextBytes) return false;
    const size_t form_at = 5 + key_bytes;
    const size_t value_bytes = payload.size() - kBesidesTextBytes - key_bytes;
    const bool is_one =
        Get<uint16_t>(payload, 0) == kAlone &&
        byte(2) == static_cast<unsigned char>(Change::Kind::kSet) &&
        byte(3) < kRecordDatabaseCount &&
        Get<uint16_t>(payload, form_at) == static_cast<uint16_t>(Change::Form::kText) &&
        byte(form_at + 2) == value_bytes;
    if (!is_one) return false;
    change->kind = Change::Kind::kSet;
    change->form = Change::Form::kText;
    change->database = byte(3);
    change->key = payload.substr(5, key_bytes);
    change->value = payload.substr(form_at + 3);
    return true;
  }

  // Requires Is(change). The change's key and value outlive this.
  explicit ShortSet(const Change& change)
      : key_(change.key), value_(change.value), database_(static_cast<uint8_t>(change.database)) {
    DFLY_DCHECK(Is(change));
    DFLY_CHECK(change.database >= 0 && change.database < kRecordDatabaseCount);
  }

  size_t frame_bytes() const { return kHeadBytes + payload_bytes(); }

  // Writes the frame to `to`, which has room for frame_bytes().
  void Write(char* to) const {
    const auto kind = static_cast<uint32_t>(Change::Kind::kSet);
    const auto key_bytes = static_cast<uint8_t>(key_.size());
    const auto form = static_cast<uint16_t>(Change::Form::kText);  // and no deadline: 0
    const auto value_bytes = static_cast<uint8_t>(value_.size());
    const uint32_t head = kAlone | kind << 16 | uint32_t{database_} << 24;
    const uint64_t type_and_length =
        static_cast<unsigned char>(FrameType::kRecord) | uint64_t{payload_bytes()} << 8;

    uint32_t checksum = ExtendCrc32cByWord(0, type_and_length);
    checksum = ExtendCrc32cByWord(ExtendCrc32cByWord(checksum, head), key_bytes);
    checksum = ExtendCrc32c(checksum, key_);
    checksum = ExtendCrc32cByWord(ExtendCrc32cByWord(checksum, form), value_bytes);
    checksum = ExtendCrc32c(checksum, value_);

    const uint64_t first = type_and_length | uint64_t{checksum} << 16 | uint64_t{head} << 48;
    to = Put(first, to);
    to = Put(key_bytes, Put(static_cast<uint16_t>(head >> 16), to));
    if (!key_.empty()) CopyBytes(to, key_.data(), key_.size());
    to = Put(value_bytes, Put(form, to + key_.size()));
    if (!value_.empty()) CopyBytes(to, value_.data(), value_.size());
  }

 private:
  // No transaction, one lane, kind, database, the key's length; form, deadline, the value's length.
  static constexpr size_t kBesidesTextBytes = 8;
  static constexpr size_t kTextBytesMax = 0x7f - kBesidesTextBytes;
  // The record's first two bytes: no transaction, one lane.
  static constexpr uint32_t kAlone = 0x0100;

  template <typename Word>
  static Word Get(absl::string_view bytes, size_t at) {
    Word word;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    return word;
  }

  template <typename Word>
  static char* Put(Word word, char* to) {
    std::memcpy(to, &word, sizeof(word));
    return to + sizeof(word);
  }

  size_t payload_bytes() const { return kBesidesTextBytes + key_.size() + value_.size(); }

  const absl::string_view key_;
  const absl::string_view value_;
  const uint8_t database_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_SHORT_SET_H_
