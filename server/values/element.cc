#include "server/values/element.h"

#include <cstdlib>

#include "server/base/check.h"

namespace damselfly {

Element* Element::CreateFrom(absl::string_view member, size_t payload_bytes) {
  auto* bytes =
      static_cast<char*>(std::malloc(SizeBytes(member.size()) + member.size() + payload_bytes));
  DFLY_CHECK(bytes != nullptr);
  WriteText(bytes, member);
  return reinterpret_cast<Element*>(bytes);
}

Element* Element::CreateWithText(absl::string_view member, absl::string_view text) {
  Element* const element = CreateFrom(member, SizeBytes(text.size()) + text.size());
  WriteText(const_cast<char*>(element->payload()), text);
  return element;
}

Element* Element::CreateWithWord(absl::string_view member, uint64_t word) {
  Element* const element = CreateFrom(member, sizeof(word));
  element->set_word(word);
  return element;
}

void Element::Destroy(Element* element) { std::free(element); }

Element* Element::Clone(const Element& element, ElementPayload payload) {
  switch (payload) {
    case ElementPayload::kNothing:
      return Create(element.member());
    case ElementPayload::kText:
      return CreateWithText(element.member(), element.text());
    case ElementPayload::kWord:
      return CreateWithWord(element.member(), element.word());
  }
  DFLY_UNREACHABLE();
}

size_t Element::memory_bytes(ElementPayload payload) const {
  const auto with_member = static_cast<size_t>(this->payload() - bytes());
  switch (payload) {
    case ElementPayload::kNothing:
      return with_member;
    case ElementPayload::kText:
      return with_member + SizeBytes(text().size()) + text().size();
    case ElementPayload::kWord:
      return with_member + sizeof(uint64_t);
  }
  DFLY_UNREACHABLE();
}

char* Element::WriteText(char* to, absl::string_view text) {
  if (text.size() <= kShortSizeMax) {
    *to++ = static_cast<char>(text.size());
  } else if (text.size() <= 0xffff) {
    const auto size = static_cast<uint16_t>(text.size());
    *to++ = static_cast<char>(kTwoByteSize);
    std::memcpy(to, &size, sizeof(size));
    to += sizeof(size);
  } else {
    const uint64_t size = text.size();
    *to++ = static_cast<char>(kEightByteSize);
    std::memcpy(to, &size, sizeof(size));
    to += sizeof(size);
  }
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

absl::string_view Element::ReadLongText(const char* from) {
  if (static_cast<uint8_t>(*from) == kTwoByteSize) {
    uint16_t size;
    std::memcpy(&size, from + 1, sizeof(size));
    return absl::string_view(from + 1 + sizeof(size), size);
  }
  uint64_t size;
  std::memcpy(&size, from + 1, sizeof(size));
  return absl::string_view(from + 1 + sizeof(size), size);
}

}  // namespace damselfly
