#ifndef DAMSELFLY_SERVER_VALUES_STREAM_STATE_H_
#define DAMSELFLY_SERVER_VALUES_STREAM_STATE_H_

#include <cstddef>
#include <cstdint>

#include "server/values/stream_radix_nodes.h"
#include "server/values/stream_value.h"

namespace damselfly {

// What is behind a StreamValue's word; for its own files only. Its address stays, because the
// containers count their memory in it.
struct StreamValue::State {
  State()
      : blocks(Blocks::key_compare(), Blocks::allocator_type(&memory_bytes)),
        groups(Groups::key_compare(), Groups::allocator_type(&memory_bytes)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  size_t memory_bytes = sizeof(State);
  uint64_t size = 0;
  StreamId last_id;
  StreamId first_id;
  StreamId max_deleted_id;
  uint64_t entries_added = 0;
  Blocks blocks;
  Groups groups;
  // Of all blocks. Unknown once one has been removed, until somebody asks and they are counted
  // anew.
  StreamRadixNodes radix_nodes;
  bool radix_nodes_known = true;

  // Puts a block behind all others.
  void AddBlock(const StreamId& id, StreamBlock block) {
    memory_bytes += block.memory_bytes();
    if (radix_nodes_known) radix_nodes.Add(id);
    blocks.emplace_hint(blocks.end(), id, std::move(block));
  }
  Blocks::iterator RemoveBlock(Blocks::iterator at) {
    memory_bytes -= at->second.memory_bytes();
    radix_nodes_known = false;
    return blocks.erase(at);
  }
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_STREAM_STATE_H_
