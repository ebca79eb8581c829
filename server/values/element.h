#ifndef DAMSELFLY_SERVER_VALUES_ELEMENT_H_
#define DAMSELFLY_SERVER_VALUES_ELEMENT_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"

namespace damselfly {

// What an element has beside its member: nothing (sets), text (the values of hashes), or eight
// bytes (the scores of sorted sets).
enum class ElementPayload : uint8_t { kNothing, kText, kWord };

// One member of a big collection and its payload, in one allocation:
//
//   | size | member | size, text | or | word, 8 bytes |
//
// A size takes one byte up to 252. Whoever has the element knows what payload it has.
class Element {
 public:
  // The caller owns the result; Destroy() frees it.
  static Element* Create(absl::string_view member) { return CreateFrom(member, 0); }
  static Element* CreateWithText(absl::string_view member, absl::string_view text);
  static Element* CreateWithWord(absl::string_view member, uint64_t word);
  static void Destroy(Element* element);
  static Element* Clone(const Element& element, ElementPayload payload);

  absl::string_view member() const { return ReadText(bytes()); }
  bool HasMember(absl::string_view member) const {
    const absl::string_view own = this->member();
    return own.size() == member.size() && EqualBytes(own.data(), member.data(), member.size());
  }

  // Requires a payload of text.
  absl::string_view text() const { return ReadText(payload()); }
  // Overwrites the text where it stands and returns true if it has the same size. `text` may not be
  // part of this element.
  bool OverwriteText(absl::string_view text) {
    const absl::string_view own = this->text();
    if (own.size() != text.size()) return false;
    if (!text.empty()) CopyBytes(const_cast<char*>(own.data()), text.data(), text.size());
    return true;
  }

  // Require a payload of a word.
  uint64_t word() const {
    uint64_t word;
    std::memcpy(&word, payload(), sizeof(word));
    return word;
  }
  void set_word(uint64_t word) { std::memcpy(const_cast<char*>(payload()), &word, sizeof(word)); }

  // Bytes asked of the allocator.
  size_t memory_bytes(ElementPayload payload) const;

 private:
  Element() = default;

  static Element* CreateFrom(absl::string_view member, size_t payload_bytes);
  static char* WriteText(char* to, absl::string_view text);
  static absl::string_view ReadText(const char* from) {
    const auto first = static_cast<uint8_t>(*from);
    return first <= kShortSizeMax ? absl::string_view(from + 1, first) : ReadLongText(from);
  }
  static absl::string_view ReadLongText(const char* from);

  // First bytes of sizes: up to this one they are the size, the others say how many bytes follow.
  static constexpr uint8_t kShortSizeMax = 252;
  static constexpr uint8_t kTwoByteSize = 253;
  static constexpr uint8_t kEightByteSize = 254;
  static size_t SizeBytes(size_t size) {
    return size <= kShortSizeMax ? 1 : size <= 0xffff ? 3 : 9;
  }

  const char* bytes() const { return reinterpret_cast<const char*>(this); }
  const char* payload() const {
    const absl::string_view member = this->member();
    return member.data() + member.size();
  }
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_ELEMENT_H_
