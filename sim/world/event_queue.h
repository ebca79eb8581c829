#ifndef DAMSELFLY_SIM_WORLD_EVENT_QUEUE_H_
#define DAMSELFLY_SIM_WORLD_EVENT_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace damselfly::sim {

// Something that events happen to. What `kind` and `argument` mean is the target's own business.
class EventTarget {
 public:
  virtual void OnEvent(uint32_t kind, uint64_t argument) = 0;
  // The world ends before the event: releases what the event holds.
  virtual void OnDropped() {}

 protected:
  ~EventTarget() = default;
};

// The world's future: events by virtual time, those of equal time in the order in which they were
// scheduled.
//
// A radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster algorithms for the shortest path problem",
// JACM 1990): legal because time never runs backwards. Bucket b > 0 holds events whose time differs
// from the last popped one in bit b - 1 at the highest; bucket 0 those of the same time. Equal
// times always share a bucket, and events move between buckets in order, so first in first out
// holds. Nodes are pooled: nothing is allocated once the queue has seen its peak.
class EventQueue {
 public:
  struct Node;

  // Names a scheduled event until it has fired or been cancelled.
  struct Handle {
    Node* node = nullptr;
    uint64_t serial = 0;
  };

  struct Fired {
    int64_t time_ns;
    EventTarget* target;
    uint64_t argument;
    uint32_t kind;
  };

  EventQueue();
  ~EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  // Requires time_ns not before the last popped event. `target` lives until the event has fired or
  // been cancelled.
  Handle Schedule(int64_t time_ns, EventTarget* target, uint32_t kind, uint64_t argument);

  // Returns false if it has fired or been cancelled before.
  bool Cancel(Handle handle);

  // Takes the earliest event not later than `time_max_ns`; false if there is none.
  bool Pop(int64_t time_max_ns, Fired* out);

  size_t size() const { return size_; }

 private:
  struct Link {
    Link* previous;
    Link* next;
  };

 public:
  struct Node : Link {
    uint64_t time_ns;
    uint64_t serial;  // 0 while the node is free
    uint64_t argument;
    EventTarget* target;
    uint32_t kind;
  };

 private:
  static constexpr size_t kBucketCount = 65;
  static constexpr size_t kNodesPerBlock = 256;

  size_t BucketOf(uint64_t time_ns) const;
  void Append(size_t bucket, Node* node);
  static void Unlink(Link* link);
  // Moves the events of the lowest bucket in use to where they belong once time has come to its
  // earliest one. False if that one is later than `time_max_ns`, or there is none.
  bool Advance(uint64_t time_max_ns);
  Node* AllocateNode();
  void FreeNode(Node* node);

  std::array<Link, kBucketCount> buckets_;
  // Buckets 1 to 64 that may hold events. May claim too much after a Cancel.
  uint64_t in_use_ = 0;
  uint64_t last_ns_ = 0;
  uint64_t last_serial_ = 0;
  size_t size_ = 0;
  Link* free_ = nullptr;
  std::vector<std::unique_ptr<std::array<Node, kNodesPerBlock>>> blocks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_EVENT_QUEUE_H_
