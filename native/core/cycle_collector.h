// Finds blocks that only keep each other alive, and frees them: incrementally, without recursion or memory.
//
// A collection has three phases, each of which stops wherever it is told to and goes on at the next call; the
// program may change the graph in between.
//
// 1. *Discover.* The set S grows from the candidates along references, over nodes without handles only. A
//    node that enters S has its `edges` copied to `scratch`; each reference that is scanned in a node of S
//    and leads to a node of S takes one off there. So `scratch` comes to be the number of references from
//    outside. S is a singly linked list, which is at once the list of what is still to be scanned.
// 2. *Rescue.* A node of S with a handle, or with a scratch above 0, is rescued, and so is what it leads to.
// 3. *Free.* What is left is condemned, all of it at once. First all references of the condemned are dropped,
//    whereby what is outside may die as ever; then the condemned are freed, and the rescued leave the set.
//
// A collection that is not cut into parts sees a graph that nobody changes. Then the second phase is left out
// when every scratch has come to 0, since nobody has a handle that had none; and in the third each condemned
// node is freed with its references: what a slot leads to that is dead was condemned, too, since live nodes
// only refer to live ones.
//
// Nothing that can be reached is condemned. Let w of S be left, and take a path that leads to it from a
// handle; let it be the first node of that path that was left. It has no handle: one it had at its turn
// rescues it, and one that came later does (the barrier, RcGraph::gain_handle). So a reference u -> w is on
// the path, u not left. (a) u is rescued and was scanned after that: then w was rescued there if the
// reference was there, and by the barrier (gain_edge) if it came later. (b) u is not in S. If the reference
// came when w was in S, the barrier has raised w's scratch above all that can be subtracted, or rescued it.
// If it was there before, it was counted when w entered, and as u was never scanned nothing was subtracted
// for it: every slot is scanned once, and what is found in it was either counted at w's entry or raised the
// scratch when it came. So w's scratch is above 0. Either way w was rescued. Contradiction.
//
// All garbage is found in the end. When a handle or an edge is removed and cuts nodes off, all of them can be
// reached from the node that lost it, which dies (then the same holds for what it referred to) or becomes a
// candidate. It stays one beyond the collection under way if that has got hold of it already or may still do
// so (kAgain): the counts that it sees then may be a mixture of old and new. A reference that the collection
// itself drops counts as such a loss too, unless nothing has changed before the set was condemned: then what
// was rescued is known to be reachable. Garbage that was there when the collection began is in S with all
// that it leads to, because nobody changes it: it is condemned, or can be reached from garbage that is
// younger, and so from a candidate.
//
// The counts themselves are only changed by references that are dropped: a collection that is never finished
// does no harm.
//
// After Bacon and Rajan, "Concurrent Cycle Collection in Reference Counted Systems", 2001 (candidates, trial
// deletion), Lins, "Cyclic reference counting with lazy mark-scan", 1992, and CPython's gc (subtracting
// internal references on a copy of the counts). Different here: what has a handle is never traced, all lists
// are in the nodes, and every phase is incremental.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rc_graph.h"

namespace freehold {

class CycleCollector {
 public:
  struct Figures {
    std::uint64_t collections = 0;  // that came to their end
    std::uint64_t touched = 0;      // nodes that entered the set
    std::uint64_t collected = 0;    // nodes that were condemned and freed
    std::uint64_t pause_ns = 0;     // in collect()
    std::uint64_t longest_pause_ns = 0;
  };

  static constexpr std::int32_t kLeastThreshold = 1 << 10;
  static constexpr std::int32_t kMostThreshold = 1 << 20;
  static constexpr std::int32_t kFirstThreshold = 1 << 13;
  // Fewer bytes never are a reason to collect.
  static constexpr std::size_t kLeastBytes = std::size_t{32} << 20;

  explicit CycleCollector(RcGraph& graph) noexcept : graph_(graph) {
    graph.control.threshold = kFirstThreshold;
  }

  // Goes on with the collection under way, or begins one if there are candidates, for about so many units of
  // work (nodes and slots). True when none is under way any more.
  bool step(std::size_t units) noexcept;
  // The same until a time of now(); 0 for no end.
  bool collect(std::uint64_t deadline_ns) noexcept;
  // Everything: the collection under way, and another if there are candidates after it, which were not all in
  // it.
  void collect_all() noexcept;

  // Whether few candidates may hold much: twice as many bytes live as after the last collection, when all
  // owners had heard of their dead.
  [[nodiscard]] bool pressed() noexcept;

  // Nanoseconds of a clock that never goes back.
  [[nodiscard]] static std::uint64_t now() noexcept;

  [[nodiscard]] RcPhase phase() const noexcept { return static_cast<RcPhase>(graph_.control.phase); }
  [[nodiscard]] const Figures& figures() const noexcept { return figures_; }

 private:
  void begin(bool whole) noexcept;
  void discover(std::size_t& units) noexcept;
  void rescue(std::size_t& units) noexcept;
  void condemn() noexcept;
  void reap() noexcept;
  void drop(std::size_t& units) noexcept;
  void sweep(std::size_t& units) noexcept;
  void finish() noexcept;

  void take_candidates(std::size_t& units) noexcept;
  void enter(std::int32_t index) noexcept;
  void visit(std::int32_t target) noexcept;
  void leave(std::int32_t index) noexcept;
  void look_ahead() noexcept;
  // From a node, whose slots were looked at, to the next one. `target` is what one of them leads to.
  void walk_on(std::int32_t next, std::int32_t target) noexcept {
    const bool far = static_cast<std::uint32_t>(target - walk_ + kNear) > 2 * kNear;
    if (far) {
      far_ = kFarSighted;
    } else if (far_ > 0) {
      --far_;
    }
    walk_ = next;
    if (lead_ > 0) --lead_;
  }
  void set_phase(RcPhase phase) noexcept { graph_.control.phase = static_cast<std::int32_t>(phase); }

  RcGraph& graph_;
  std::int32_t first_ = kRcSentinel;  // of the set
  std::int32_t last_ = kRcSentinel;
  std::int32_t walk_ = kRcSentinel;  // the node of the set that the phase is at; kRcSentinel behind the last
  // Slots that lead as far away are worth a look ahead, for the next so many nodes.
  static constexpr std::int32_t kNear = 1 << 10;
  static constexpr std::int32_t kFarSighted = 16;

  std::int32_t far_ = 0;                  // for so many nodes still
  std::int32_t ahead_ = 0;                // what this one's slots lead to was asked of the memory
  std::int32_t lead_ = 0;                 // so many nodes behind walk_ is ahead_
  std::int32_t scan_ = 0;                 // the rescued node whose slots are being looked at
  std::int32_t slot_ = 0;                 // the next slot of the node that is being looked at
  std::int32_t waiting_ = 0;              // candidates that this collection still takes
  std::size_t pressed_at_ = kLeastBytes;  // bytes; 0 for what is not known yet
  bool whole_ = false;                    // this collection is not cut into parts
  bool dropped_ = false;                  // the condemned have no references any more
  bool disturbed_ = false;                // the graph was changed between the begin and the third phase
  std::uint64_t entered_ = 0;
  std::uint64_t closed_ = 0;  // members whose references all come from the set
  std::uint64_t freed_ = 0;
  Figures figures_{};
};

}  // namespace freehold
