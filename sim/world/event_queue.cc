#include "sim/world/event_queue.h"

#include "server/base/check.h"

namespace damselfly::sim {

EventQueue::EventQueue() {
  for (Link& bucket : buckets_) bucket = {&bucket, &bucket};
}

EventQueue::~EventQueue() = default;

size_t EventQueue::BucketOf(uint64_t time_ns) const {
  const uint64_t difference = time_ns ^ last_ns_;
  return difference == 0 ? 0 : 64 - static_cast<size_t>(__builtin_clzll(difference));
}

void EventQueue::Append(size_t bucket, Node* node) {
  Link& head = buckets_[bucket];
  node->previous = head.previous;
  node->next = &head;
  head.previous->next = node;
  head.previous = node;
  if (bucket > 0) in_use_ |= uint64_t{1} << (bucket - 1);
}

void EventQueue::Unlink(Link* link) {
  link->previous->next = link->next;
  link->next->previous = link->previous;
}

EventQueue::Node* EventQueue::AllocateNode() {
  if (free_ == nullptr) {
    blocks_.push_back(std::make_unique<std::array<Node, kNodesPerBlock>>());
    for (Node& node : *blocks_.back()) {
      node.serial = 0;
      node.next = free_;
      free_ = &node;
    }
  }
  Node* node = static_cast<Node*>(free_);
  free_ = node->next;
  return node;
}

void EventQueue::FreeNode(Node* node) {
  node->serial = 0;
  node->next = free_;
  free_ = node;
  --size_;
}

EventQueue::Handle EventQueue::Schedule(int64_t time_ns, EventTarget* target, uint32_t kind,
                                        uint64_t argument) {
  DFLY_CHECK_GE(time_ns, static_cast<int64_t>(last_ns_));
  Node* node = AllocateNode();
  node->time_ns = static_cast<uint64_t>(time_ns);
  node->serial = ++last_serial_;
  node->argument = argument;
  node->target = target;
  node->kind = kind;
  Append(BucketOf(node->time_ns), node);
  ++size_;
  return {node, node->serial};
}

bool EventQueue::Cancel(Handle handle) {
  if (handle.node == nullptr || handle.node->serial != handle.serial) return false;
  Unlink(handle.node);
  FreeNode(handle.node);
  return true;
}

bool EventQueue::Advance(uint64_t time_max_ns) {
  while (in_use_ != 0) {
    const size_t bucket = static_cast<size_t>(__builtin_ctzll(in_use_)) + 1;
    Link& head = buckets_[bucket];
    if (head.next == &head) {
      in_use_ &= in_use_ - 1;
      continue;
    }
    uint64_t earliest_ns = UINT64_MAX;
    for (Link* link = head.next; link != &head; link = link->next) {
      const uint64_t time_ns = static_cast<Node*>(link)->time_ns;
      if (time_ns < earliest_ns) earliest_ns = time_ns;
    }
    if (earliest_ns > time_max_ns) return false;
    last_ns_ = earliest_ns;
    in_use_ &= in_use_ - 1;
    Link* link = head.next;
    head = {&head, &head};
    while (link != &head) {
      Node* node = static_cast<Node*>(link);
      link = link->next;
      Append(BucketOf(node->time_ns), node);
    }
    return true;
  }
  return false;
}

bool EventQueue::Pop(int64_t time_max_ns, Fired* out) {
  Link& now = buckets_[0];
  if (now.next == &now && !Advance(static_cast<uint64_t>(time_max_ns))) return false;
  if (static_cast<int64_t>(last_ns_) > time_max_ns) return false;
  Node* node = static_cast<Node*>(now.next);
  *out = {static_cast<int64_t>(node->time_ns), node->target, node->argument, node->kind};
  Unlink(node);
  FreeNode(node);
  return true;
}

}  // namespace damselfly::sim
