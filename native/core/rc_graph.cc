#include "rc_graph.h"

#include <algorithm>

namespace freehold {
namespace {

// So much room is given at once, in units: 16 MiB.
constexpr std::size_t kGrant = std::size_t{1} << 20;

}  // namespace

RcGraph::RcGraph(ChunkSource& source, RcControl& shared) noexcept
    : control(shared), nodes(source, shared), edges(source, shared) {
  shared = {};
  control.first_disposed = control.last_disposed = kRcSentinel;
}

void RcGraph::enlist(std::int32_t index) noexcept {
  RcNode& sentinel = nodes[kRcSentinel];
  RcNode& node = nodes[index];
  node.link = kRcSentinel;
  node.scratch = sentinel.scratch;
  nodes[sentinel.scratch].link = index;
  sentinel.scratch = index;
  ++control.candidates;
}

void RcGraph::touch_member(std::int32_t index) noexcept {
  RcNode& node = nodes[index];
  if (control.phase == static_cast<std::int32_t>(RcPhase::discover)) {
    if (node.scratch < kRcTouched) node.scratch += kRcTouched;
  } else if ((node.word & RcWord::kRescued) == 0) {
    rescue(index);
  }
}

void RcGraph::die(std::int32_t index) noexcept {
  RcNode& node = nodes[index];
  node.word &= ~RcWord::kLive;
  if (node.link != 0 && (node.word & RcWord::kSet) == 0) unlist(index);
  count_death(index);
  if (node.refs == 0) {
    if ((node.word & RcWord::kSet) == 0) bury(index);
    return;
  }
  node.word |= RcWord::kDying;
  node.edges = dying_;
  dying_ = index;
}

// A node leaves the dying before its last reference is dropped, so that a chain never is more than one deep.
void RcGraph::drain(std::int32_t until, std::size_t& units) noexcept {
  while (dying_ != until && units > 0) {
    const std::int32_t index = dying_;
    RcNode& node = nodes[index];
    std::int32_t* slots = edges.slots(node.refs);
    const std::int32_t capacity = edges.capacity(node.refs);
    std::int32_t slot = node.handles;
    std::int32_t target = 0;
    while (slot < capacity && target == 0 && units > 0) {
      target = slots[slot];
      slots[slot++] = 0;
      --units;
    }
    node.handles = slot;
    if (slot == capacity) {
      if (units > 0) --units;
      dying_ = node.edges;
      node.edges = node.handles = 0;
      if ((node.word & RcWord::kSet) == 0) bury(index);
    }
    if (target != 0) lose_edge(target, true);
  }
}

void RcGraph::give_run(RcNode& node) noexcept {
  edges.give(node.refs);
  node.refs = 0;
}

void RcGraph::dispose(std::int32_t index) noexcept {
  nodes[index].link = kRcSentinel;
  if (control.disposed++ == 0) {
    control.first_disposed = index;
  } else {
    nodes[control.last_disposed].link = index;
  }
  control.last_disposed = index;
}

std::int32_t RcGraph::next_disposed() noexcept {
  if (control.disposed == 0) return 0;
  const std::int32_t index = control.first_disposed;
  control.first_disposed = nodes[index].link;
  if (--control.disposed == 0) control.last_disposed = kRcSentinel;
  nodes[index].link = 0;
  nodes.recycle(index);
  return index;
}

// Room below 0 is what must be freed before there is any: the limit was lowered.
void RcGraph::return_room(std::size_t used) noexcept {
  const std::size_t above = used > limit_ ? (used - limit_ - 1) / kClassStep + 1 : 0;
  control.room = -static_cast<std::int32_t>(std::min(above, static_cast<std::size_t>(kRcMaxRoom)));
  granted_ = static_cast<std::int64_t>(used) + room_bytes();
}

bool RcGraph::reserve_room(std::int32_t units) noexcept {
  if (units == 0 || control.room >= units) return true;
  const std::size_t used = live_bytes();
  return_room(used);
  const auto wanted = static_cast<std::size_t>(units);
  const std::size_t left = used >= limit_ ? 0 : (limit_ - used) / kClassStep;
  if (left < wanted) return false;  // so that there is no deficit
  control.room = static_cast<std::int32_t>(std::max(std::min(left, kGrant), wanted));
  granted_ += room_bytes();
  return true;
}

bool RcGraph::charge(std::size_t bytes) noexcept {
  const std::size_t used = live_bytes();
  if (used > limit_ || bytes > limit_ - used) return false;
  return_room(used + bytes);
  return true;
}

void RcGraph::discharge(std::size_t bytes) noexcept {
  const std::size_t used = live_bytes();
  return_room(used - std::min(bytes, used));
}

void RcGraph::set_limit(std::size_t bytes) noexcept {
  limit_ = std::min(bytes, kMostBytes);
  return_room(live_bytes());
}

}  // namespace freehold
