// The graph of a reference-counted heap: what a count that goes up or down means for its node, for the list
// of candidates, and for a collection that is under way. rc_heap.h checks what it is asked and calls this;
// cycle_collector.h works on the same tables.
//
// A node whose two counts are 0 dies: its references are dropped one by one, and what they led to may die
// too. A node without handles that is left with edges and has slots of its own may be part of garbage that
// keeps itself alive: it becomes a candidate.
//
// Death needs neither recursion nor memory: a dead node's counts are 0 and not needed any more, so that
// `edges` links the dying and `handles` is how many of its slots are done. A node in the set of a collection
// only leaves with the set.
//
// Cost: O(1), a death O(references dropped). Nothing here allocates. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rc_edges.h"
#include "rc_layout.h"
#include "rc_nodes.h"

namespace freehold {

class RcGraph {
 public:
  // No limit is higher: far more than there can be, and fit for signed arithmetic.
  static constexpr std::size_t kMostBytes = std::size_t{1} << 62;

  RcGraph(ChunkSource& source, RcControl& control) noexcept;

  // Both counts say that the program may use the node; a condemned one it cannot reach any more.
  [[nodiscard]] bool is_live(std::int32_t index) const noexcept {
    return index >= kRcFirst && index < nodes.limit() && (nodes[index].word & RcWord::kLive) != 0 &&
           !condemned(index);
  }
  // A live node that the collection under way has found to be garbage, and not freed yet.
  [[nodiscard]] bool condemned(std::int32_t index) const noexcept {
    return control.phase == static_cast<std::int32_t>(RcPhase::free) && left_in_set(nodes[index].word);
  }
  // That in the last phase: in the set, alive and not rescued.
  [[nodiscard]] static constexpr bool left_in_set(std::int32_t word) noexcept {
    constexpr std::int32_t kBits = RcWord::kSet | RcWord::kRescued | RcWord::kLive;
    return (word & kBits) == (RcWord::kSet | RcWord::kLive);
  }

  // Another handle, another edge: of live nodes, whose counts have room for it.
  void gain_handle(std::int32_t index) noexcept {
    if (nodes[index].handles++ == 0) touch(index);
  }
  void gain_edge(std::int32_t index) noexcept {
    ++nodes[index].edges;
    ++control.edges;
    touch(index);
  }
  // One less. `suspicious` is whether what is left of its counts may be due to a cycle.
  void lose_handle(std::int32_t index, bool suspicious) noexcept {
    RcNode& node = nodes[index];
    if (--node.handles == 0) settle(index, suspicious);
  }
  void lose_edge(std::int32_t index, bool suspicious) noexcept {
    RcNode& node = nodes[index];
    --control.edges;
    --node.edges;
    if (node.handles == 0) settle(index, suspicious);
  }

  // A node without handles, which has lost something: dead or a candidate.
  void settle(std::int32_t index, bool suspicious) noexcept {
    disturbed_ = true;
    if (nodes[index].edges == 0) {
      die(index);
    } else if (suspicious && nodes[index].refs != 0) {
      suspect(index);
    }
  }

  // Whether some node is dying.
  [[nodiscard]] bool dying() const noexcept { return dying_ != kRcSentinel; }
  // Goes on with the deaths, for at most so many units of work (slots and nodes), which are counted down.
  void drain(std::size_t& units) noexcept { drain(kRcSentinel, units); }
  // All that die since `dying` was the first of the dying.
  [[nodiscard]] std::int32_t first_dying() const noexcept { return dying_; }
  void drain_to(std::int32_t dying) noexcept {
    std::size_t units = SIZE_MAX;
    drain(dying, units);
  }

  // A node becomes a candidate, unless it is one; one of the set, or one that may still get into it, when it
  // leaves that.
  void suspect(std::int32_t index) noexcept {
    RcNode& node = nodes[index];
    if ((node.word & RcWord::kSet) != 0 || control.phase == static_cast<std::int32_t>(RcPhase::discover))
      node.word |= RcWord::kAgain;
    if (node.link == 0) enlist(index);
  }
  // Whether anything has changed since this was last set to false that a collection must know.
  [[nodiscard]] bool disturbed() const noexcept { return disturbed_; }
  void set_undisturbed() noexcept { disturbed_ = false; }
  // A candidate is none any more.
  void unlist(std::int32_t index) noexcept {
    RcNode& node = nodes[index];
    nodes[node.scratch].link = node.link;
    nodes[node.link].scratch = node.scratch;
    node.link = 0;
    --control.candidates;
  }

  // A node of the set is known to be reachable: its references are, too (`rescued()` says whose turn it is).
  void rescue(std::int32_t index) noexcept {
    RcNode& node = nodes[index];
    node.word |= RcWord::kRescued;
    node.scratch = rescued_;
    rescued_ = index;
  }
  // The node that was rescued last and whose references were not looked at; 0 for none.
  [[nodiscard]] std::int32_t pop_rescued() noexcept {
    const std::int32_t index = rescued_;
    if (index != 0) rescued_ = nodes[index].scratch;
    return index;
  }

  // The end of a dead node, which is in no list and refers to nothing: its slot is free, or its owner must
  // hear of it first.
  void bury(std::int32_t index) noexcept {
    RcNode& node = nodes[index];
    node.word &= RcWord::kGenerations | RcWord::kSlack | RcWord::kNotify | RcWord::kWeak;
    node.link = node.scratch = 0;
    if (edges.capacity(node.refs) > kKeptSlots) give_run(node);
    if ((node.word & RcWord::kNotify) != 0) return dispose(index);
    nodes.recycle(index);
  }
  // What a death changes in the figures.
  void count_death(std::int32_t index) noexcept {
    --control.live;
    control.room += units_of(nodes.class_of_node(index));
    if (control.room >= kRcMaxRoom) return_room(live_bytes());
  }
  // The slot of the node that is first of those whose owner must hear; 0 for none.
  [[nodiscard]] std::int32_t next_disposed() noexcept;

  // Room for units of kClassStep bytes within the limit. False when there is none.
  [[nodiscard]] bool reserve_room(std::int32_t units) noexcept;
  // Bytes that are not the slabs', within the same limit.
  [[nodiscard]] bool charge(std::size_t bytes) noexcept;
  void discharge(std::size_t bytes) noexcept;
  void set_limit(std::size_t bytes) noexcept;
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  // Bytes of the live blocks, and of what was charged.
  [[nodiscard]] std::size_t live_bytes() const noexcept {
    return static_cast<std::size_t>(granted_ - room_bytes());
  }
  // Units of kClassStep bytes of the block of a class.
  [[nodiscard]] static std::int32_t units_of(std::size_t size_class) noexcept {
    return size_class == kRcExternal ? 0 : static_cast<std::int32_t>(class_bytes(size_class) / kClassStep);
  }

  RcControl& control;
  RcNodes nodes;
  RcEdges edges;

 private:
  // A node of the set has a new handle or edge: it cannot be condemned by what was counted before.
  void touch(std::int32_t index) noexcept {
    if (control.phase != static_cast<std::int32_t>(RcPhase::idle) && (nodes[index].word & RcWord::kSet) != 0)
      touch_member(index);
  }
  // What has more slots gives its run back at its death; others keep theirs for the next block.
  static constexpr std::int32_t kKeptSlots = 8;

  void touch_member(std::int32_t index) noexcept;
  void give_run(RcNode& node) noexcept;
  void dispose(std::int32_t index) noexcept;
  void enlist(std::int32_t index) noexcept;
  void die(std::int32_t index) noexcept;
  void drain(std::int32_t until, std::size_t& units) noexcept;
  // Leaves no room, where so many bytes are in use.
  void return_room(std::size_t used) noexcept;
  [[nodiscard]] std::int64_t room_bytes() const noexcept {
    return std::int64_t{control.room} * static_cast<std::int64_t>(kClassStep);
  }

  std::int32_t dying_ = kRcSentinel;
  std::int32_t rescued_ = 0;
  bool disturbed_ = false;
  std::size_t limit_ = kMostBytes;
  std::int64_t granted_ = 0;  // bytes that are in use, or room
};

// The trial count of a touched node is at least this: more than there can be slots to subtract.
inline constexpr std::int32_t kRcTouched = 1 << 30;

}  // namespace freehold
