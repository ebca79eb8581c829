#include "server/values/element_table.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "server/base/check.h"

namespace damselfly {
namespace {

// Elements a bucket, on average, above which one more bucket comes, and below which one goes.
constexpr size_t kSplitLoad = 6;
constexpr size_t kMergeLoad = 2;

}  // namespace

ElementTable::ElementTable(ElementPayload payload, uint64_t hash_seed)
    : directory_(&only_chunk_), hash_seed_(hash_seed), payload_(payload) {
  AppendBucket();
}

ElementTable::~ElementTable() {
  while (!FreeSome(SIZE_MAX)) {
  }
}

std::unique_ptr<ElementTable> ElementTable::Clone() const {
  auto clone = std::make_unique<ElementTable>(payload_, hash_seed_);
  while (clone->bucket_count_ < bucket_count_) clone->AppendBucket();
  for (size_t i = 0; i < bucket_count_; ++i) {
    for (const ElementBucket* bucket = BucketAt(i); bucket != nullptr;
         bucket = bucket->overflow()) {
      for (int place = 0; place < bucket->size(); ++place) {
        Element* const copy = Element::Clone(*bucket->element(place), payload_);
        clone->AddTo(i, bucket->tag(place), copy);
        clone->memory_bytes_ += copy->memory_bytes(payload_);
      }
    }
  }
  clone->size_ = size_;
  return clone;
}

uint64_t ElementTable::ReverseBits(uint64_t word) {
  word = (word >> 1 & 0x5555555555555555u) | (word & 0x5555555555555555u) << 1;
  word = (word >> 2 & 0x3333333333333333u) | (word & 0x3333333333333333u) << 2;
  word = (word >> 4 & 0x0f0f0f0f0f0f0f0fu) | (word & 0x0f0f0f0f0f0f0f0fu) << 4;
  return __builtin_bswap64(word);
}

// Buckets are scanned in the order of their hashes' reversed bits, in which each is one range,
// whatever its level.
uint64_t ElementTable::CursorBehind(size_t index) const {
  const int level = LevelOf(index);
  if (level == 0) return 0;
  const uint64_t range = uint64_t{1} << (64 - level);
  return (ReverseBits(index) + range) >> kCursorShift;
}

void ElementTable::Insert(Element* element, uint64_t hash) {
  const size_t index = IndexOf(hash);
  AddTo(index, TagOf(hash, LevelOf(index)), element);
  memory_bytes_ += element->memory_bytes(payload_);
  ++size_;
  if (size_ > bucket_count_ * kSplitLoad) Split();
}

bool ElementTable::InsertMember(absl::string_view member) {
  const uint64_t hash = HashOf(member);
  if (FindPlace(member, hash).bucket != nullptr) return false;
  Insert(Element::Create(member), hash);
  return true;
}

bool ElementTable::SetText(absl::string_view member, absl::string_view text) {
  const uint64_t hash = HashOf(member);
  const Place place = FindPlace(member, hash);
  if (place.bucket == nullptr) {
    Insert(Element::CreateWithText(member, text), hash);
    return true;
  }
  Element* const old = place.bucket->element(place.index);
  if (!old->OverwriteText(text)) {
    Element* const changed = Element::CreateWithText(member, text);
    place.bucket->SetElement(place.index, changed);
    memory_bytes_ += changed->memory_bytes(payload_) - old->memory_bytes(payload_);
    Element::Destroy(old);
  }
  return false;
}

void ElementTable::Replace(Element* element) {
  const absl::string_view member = element->member();
  const Place place = FindPlace(member, HashOf(member));
  DFLY_CHECK(place.bucket != nullptr);
  Element* const old = place.bucket->element(place.index);
  place.bucket->SetElement(place.index, element);
  memory_bytes_ += element->memory_bytes(payload_) - old->memory_bytes(payload_);
  Element::Destroy(old);
}

bool ElementTable::Erase(absl::string_view member) {
  const uint64_t hash = HashOf(member);
  const Place place = FindPlace(member, hash);
  if (place.bucket == nullptr) return false;
  Element* const element = place.bucket->element(place.index);
  EraseAt(IndexOf(hash), place);
  memory_bytes_ -= element->memory_bytes(payload_);
  Element::Destroy(element);
  --size_;
  if (bucket_count_ > 1 && size_ < bucket_count_ * kMergeLoad) Merge();
  return true;
}

const Element* ElementTable::RandomElement(Random& random) const {
  DFLY_DCHECK(!empty());
  // Every element has the same chance to be at the place drawn; most places are empty.
  const uint64_t places = uint64_t{longest_chain_} * ElementBucket::kCapacity;
  for (;;) {
    const uint64_t drawn = random.Below(bucket_count_ * places);
    const ElementBucket* bucket = BucketAt(drawn / places);
    uint64_t place = drawn % places;
    while (bucket != nullptr && place >= ElementBucket::kCapacity) {
      bucket = bucket->overflow();
      place -= ElementBucket::kCapacity;
    }
    if (bucket != nullptr && place < static_cast<uint64_t>(bucket->size()))
      return bucket->element(static_cast<int>(place));
  }
}

std::vector<const Element*> ElementTable::Sample(size_t count, Random& random) const {
  DFLY_DCHECK(count <= size_);
  std::vector<const Element*> sample;
  if (count < size_ / 3) {
    sample.reserve(count);
    absl::flat_hash_set<const Element*> chosen;
    while (sample.size() < count) {
      const Element* const element = RandomElement(random);
      if (chosen.insert(element).second) sample.push_back(element);
    }
    return sample;
  }
  sample.reserve(size_);
  ForEach([&](const Element& element) { sample.push_back(&element); });
  for (size_t i = 0; i < count; ++i) std::swap(sample[i], sample[i + random.Below(size_ - i)]);
  sample.resize(count);
  return sample;
}

void ElementTable::Reserve(size_t elements) {
  DFLY_CHECK(empty());
  while (bucket_count_ * kSplitLoad < elements) AppendBucket();
}

bool ElementTable::FreeSome(size_t count) {
  while (bucket_count_ > 0 && count > 0) {
    size_t freed = 0;
    Drain(TakeBucket(bucket_count_ - 1), [&](uint16_t, Element* element) {
      memory_bytes_ -= element->memory_bytes(payload_);
      Element::Destroy(element);
      ++freed;
    });
    RemoveLastBucket();
    size_ -= freed;
    count -= std::min(count, freed + 1);
  }
  return bucket_count_ == 0;
}

void ElementTable::AddTo(size_t index, uint16_t tag, Element* element) {
  ElementBucket* bucket = BucketAt(index);
  uint32_t chain = 1;
  while (bucket->full()) {
    if (bucket->overflow() == nullptr) bucket->SetOverflow(AllocateBuckets(1));
    bucket = bucket->overflow();
    longest_chain_ = std::max(longest_chain_, ++chain);
  }
  bucket->Add(tag, element);
}

// The chain's last element takes the place, so that all buckets but the last stay full.
void ElementTable::EraseAt(size_t index, Place place) {
  ElementBucket* last = BucketAt(index);
  ElementBucket* before = nullptr;
  while (last->overflow() != nullptr) {
    before = last;
    last = last->overflow();
  }
  const int end = last->size() - 1;
  place.bucket->Set(place.index, last->tag(end), last->element(end));
  last->RemoveLast();
  if (last->size() == 0 && before != nullptr) {
    before->SetOverflow(nullptr);
    FreeBuckets(last, 1);
  }
}

ElementBucket ElementTable::TakeBucket(size_t index) {
  ElementBucket* const bucket = BucketAt(index);
  const ElementBucket taken = *bucket;
  *bucket = ElementBucket();
  return taken;
}

template <typename Put>
void ElementTable::Drain(const ElementBucket& taken, Put put) {
  const ElementBucket* bucket = &taken;
  while (bucket != nullptr) {
    for (int place = 0; place < bucket->size(); ++place)
      put(bucket->tag(place), bucket->element(place));
    ElementBucket* const overflow = bucket->overflow();
    if (bucket != &taken) FreeBuckets(const_cast<ElementBucket*>(bucket), 1);
    bucket = overflow;
  }
}

uint16_t ElementTable::Retag(uint16_t tag, const Element& element, int from, int to) const {
  return WindowOf(from) == WindowOf(to) ? tag : TagOf(HashOf(element.member()), to);
}

void ElementTable::Split() {
  const size_t added = bucket_count_;
  const int level = std::bit_width(added) - 1;
  const size_t split = added - (size_t{1} << level);
  AppendBucket();
  Drain(TakeBucket(split), [&](uint16_t tag, Element* element) {
    const bool goes = tag >> (level - WindowOf(level)) & 1;
    AddTo(goes ? added : split, Retag(tag, *element, level, level + 1), element);
  });
}

void ElementTable::Merge() {
  const size_t removed = bucket_count_ - 1;
  const int level = std::bit_width(removed) - 1;
  const size_t into = removed - (size_t{1} << level);
  const auto put = [&](uint16_t tag, Element* element) {
    AddTo(into, Retag(tag, *element, level + 1, level), element);
  };
  if (WindowOf(level) != WindowOf(level + 1)) Drain(TakeBucket(into), put);
  Drain(TakeBucket(removed), put);
  RemoveLastBucket();
}

void ElementTable::AppendBucket() {
  const size_t chunk = bucket_count_ / kChunkBuckets;
  if (chunk == 0) {
    if (bucket_count_ == first_capacity_) ResizeFirstChunk(std::max(2 * bucket_count_, size_t{1}));
  } else if (bucket_count_ % kChunkBuckets == 0) {
    if (chunk == directory_capacity_) ResizeDirectory(2 * chunk);
    directory_[chunk] = AllocateBuckets(kChunkBuckets);
  }
  SetBucketCount(bucket_count_ + 1);
}

// Chunks and the first one's capacity go late, so that a table whose size goes up and down at a
// border allocates nothing.
void ElementTable::RemoveLastBucket() {
  SetBucketCount(bucket_count_ - 1);
  if (bucket_count_ >= kChunkBuckets) {
    if (bucket_count_ % kChunkBuckets == 0)
      FreeBuckets(directory_[bucket_count_ / kChunkBuckets], kChunkBuckets);
  } else if (bucket_count_ <= first_capacity_ / 4) {
    ResizeFirstChunk(bucket_count_ == 0 ? 0 : first_capacity_ / 2);
  }
  if (bucket_count_ == 0) ResizeDirectory(1);
}

void ElementTable::SetBucketCount(size_t count) {
  bucket_count_ = count;
  wide_mask_ = 2 * std::bit_floor(count) - 1;
}

void ElementTable::ResizeFirstChunk(size_t capacity) {
  ElementBucket* const old = first_chunk();
  ElementBucket* const chunk = capacity > 0 ? AllocateBuckets(capacity) : nullptr;
  std::copy_n(old, std::min(bucket_count_, capacity), chunk);
  if (old != nullptr) FreeBuckets(old, first_capacity_);
  directory_[0] = chunk;
  first_capacity_ = static_cast<uint32_t>(capacity);
}

void ElementTable::ResizeDirectory(size_t capacity) {
  if (capacity == directory_capacity_) return;
  ElementBucket** directory = &only_chunk_;
  if (capacity > 1) {
    directory = static_cast<ElementBucket**>(std::malloc(capacity * sizeof(ElementBucket*)));
    DFLY_CHECK(directory != nullptr);
    memory_bytes_ += capacity * sizeof(ElementBucket*);
  }
  std::copy_n(directory_, std::min<size_t>(directory_capacity_, capacity), directory);
  if (directory_capacity_ > 1) {
    memory_bytes_ -= directory_capacity_ * sizeof(ElementBucket*);
    std::free(directory_);
  }
  directory_ = directory;
  directory_capacity_ = capacity;
}

ElementBucket* ElementTable::AllocateBuckets(size_t count) {
  const size_t bytes = count * sizeof(ElementBucket);
  auto* buckets = static_cast<ElementBucket*>(std::aligned_alloc(alignof(ElementBucket), bytes));
  DFLY_CHECK(buckets != nullptr);
  std::memset(static_cast<void*>(buckets), 0, bytes);
  memory_bytes_ += bytes;
  return buckets;
}

void ElementTable::FreeBuckets(ElementBucket* buckets, size_t count) {
  memory_bytes_ -= count * sizeof(ElementBucket);
  std::free(buckets);
}

}  // namespace damselfly
