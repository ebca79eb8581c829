#ifndef DAMSELFLY_SERVER_VALUES_STREAM_VALUE_H_
#define DAMSELFLY_SERVER_VALUES_STREAM_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "server/values/counting_allocator.h"
#include "server/values/operations.h"
#include "server/values/rdb_reader.h"
#include "server/values/rdb_writer.h"
#include "server/values/stream_block.h"
#include "server/values/stream_group.h"
#include "server/values/stream_id.h"
#include "server/values/value_context.h"
#include "server/values/value_type.h"

namespace damselfly {

// Which entries at the front of a stream are too many.
struct StreamTrim {
  enum class By : uint8_t { kLength, kId };
  By by = By::kLength;
  uint64_t length_max = 0;  // kLength: so many entries stay
  StreamId id_min;          // kId: what lies before goes
  // Only blocks that go as a whole.
  bool whole_blocks = false;
  // No more entries than this; 0: no limit.
  uint64_t limit = 0;
};

// What a StreamTrim comes to for one stream: the first `count` entries go, with all blocks before
// `first_block`. That one stays, even if all its entries have gone.
struct StreamTrimPlan {
  uint64_t count = 0;
  StreamId first_block;  // of those that stay; the largest ID: there is none
};

// A stream: entries with ascending IDs, and consumer groups.
//
//     word ──> State  last and first id, counters
//                ├ blocks: id of the first entry ──> StreamBlock
//                └ groups: name ──> StreamGroup
//
// A new stream has no memory; one whose entries have all gone keeps what it has seen and its
// groups. A block goes with its last entry, but for one of which a trim by ID takes the last
// entries that are left: as in Redis. Live entries of a block are not smaller than its key. Not
// thread-safe.
class StreamValue {
 public:
  static constexpr ValueType kType = ValueType::kStream;

  // The steps of operations; their numbers are on the wire between nodes.
  enum Step : uint8_t {
    kCreate = 1,           // nothing: a stream without entries comes into being
    kAppend = 2,           // ID, fields and values
    kTrim = 3,             // how many entries go from the front, first block that stays
    kDelete = 4,           // n, IDs
    kSetIds = 5,           // last ID, entries added, largest ID deleted
    kCreateGroup = 6,      // name, last ID, entries read
    kDestroyGroup = 7,     // name
    kSetPosition = 8,      // group, last ID, entries read
    kCreateConsumer = 9,   // group, name, when seen
    kDeleteConsumer = 10,  // group, name
    kSee = 11,             // group, consumer, when seen
    kSetPending = 12,      // group, consumer, when delivered, n, IDs with how often
    kDropPending = 13,     // group, n, IDs
  };

  using Fields = StreamBlock::Fields;
  using Blocks = absl::btree_map<StreamId, StreamBlock, std::less<StreamId>,
                                 CountingAllocator<std::pair<const StreamId, StreamBlock>>>;
  // By name, in the order of bytes.
  using Groups = absl::btree_map<
      absl::string_view, std::unique_ptr<StreamGroup>, std::less<absl::string_view>,
      CountingAllocator<std::pair<const absl::string_view, std::unique_ptr<StreamGroup>>>>;

  StreamValue() = default;
  ~StreamValue();
  StreamValue(StreamValue&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  StreamValue& operator=(StreamValue&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  StreamValue(const StreamValue&) = delete;
  StreamValue& operator=(const StreamValue&) = delete;

  StreamValue Clone() const;
  size_t memory_bytes() const;
  absl::string_view encoding() const { return "stream"; }
  bool FreeSome(size_t count);

  void AppendRdb(std::string* out) const;
  void AppendRdb(RdbWriter writer) const;
  bool LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context);
  bool ApplyOperation(OperationReader* reader, const ValueContext& context);

  // ---- Reading ----

  // Entries.
  size_t size() const;
  StreamId last_id() const;         // the largest that was ever given, or set
  StreamId first_id() const;        // of the first entry; zero without entries
  StreamId max_deleted_id() const;  // the largest that XDEL has taken
  uint64_t entries_added() const;   // in its whole life
  // Of the last entry; zero without entries.
  StreamId LastEntryId() const;
  bool Contains(const StreamId& id) const;

  // Null for a stream without memory.
  const Blocks* blocks() const;
  // The nodes of the radix tree in which Redis would keep the blocks. O(1) while blocks are added
  // only; once some have been removed since, O(blocks).
  size_t CountRadixNodes() const;

  // Ask the cache for what a command needs first: what there is one of, then, once that has come,
  // the block that was added last, with which appending begins, and reading of most streams.
  void PrefetchState() const;
  void PrefetchLastBlock() const;

  // Null for a stream without memory.
  const Groups* groups() const;
  // Null when there is none.
  const StreamGroup* FindGroup(absl::string_view name) const;

  // Whether XDEL has taken an entry at `from` or behind it that may lie between those that are
  // there.
  bool HasTombstonesFrom(const StreamId& from) const;
  // How many entries of the stream's whole life lie up to `id`, or kUnknownEntriesRead.
  int64_t EstimateEntriesRead(const StreamId& id) const;
  // How many entries a group has still to read; false if nobody knows.
  bool FindLag(const StreamGroup& group, int64_t* lag) const;

  StreamTrimPlan PlanTrim(const StreamTrim& trim) const;
  // Whether there is anything to be done.
  bool Changes(const StreamTrimPlan& plan) const;

  // ---- Changing ----

  // Requires id > last_id() and StreamBlock::CanHold(fields).
  void Append(const StreamId& id, Fields fields, const ValueContext& context);
  // Requires plan.count <= size(). Blocks may lie otherwise than where the plan was made: the same
  // entries go.
  void Trim(const StreamTrimPlan& plan);
  // Returns whether it was there.
  bool Delete(const StreamId& id);
  // Requires that no entry lies behind last_id. For XSETID.
  void SetIds(const StreamId& last_id, uint64_t entries_added, const StreamId& max_deleted_id);
  // Makes it a stream that is there, with nothing in it.
  void Create() { Open(); }

  StreamGroup* FindGroup(absl::string_view name);
  // Null, and nothing is done, if there is one of this name.
  StreamGroup* CreateGroup(absl::string_view name, const StreamId& last_id, int64_t entries_read);
  bool DestroyGroup(absl::string_view name);

 private:
  struct State;

  // The state, which is made if there is none.
  State& Open();
  void UpdateFirstId();
  // Marks the first `count` live entries of a block as deleted.
  void DeleteFirst(Blocks::iterator block, uint64_t count);

  // Type, blocks and what stands behind them; each into an open stream.
  bool LoadAll(RdbType type, RdbReader* reader);
  bool LoadBlocks(RdbReader* reader);
  bool LoadIds(RdbType type, RdbReader* reader);
  bool LoadGroups(RdbType type, RdbReader* reader);

  bool ApplyToEntries(uint8_t step, OperationReader* reader, const ValueContext& context);
  bool ApplyToGroups(uint8_t step, OperationReader* reader);

  State* state_ = nullptr;
};

static_assert(sizeof(StreamValue) == 8);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_STREAM_VALUE_H_
