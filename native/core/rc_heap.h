// A heap of reference-counted blocks that free themselves, cycles included.
//
// A block has two counts: `handles`, retains by the program, and `edges`, references that were registered in
// the slots of other blocks. It lives as long as either is above 0 (rc_graph.h) and a handle leads to it: the
// cycle collector (cycle_collector.h) finds what is not so. Blocks are known by RcIndex, and all that the
// heap knows of them lies in side tables (rc_layout.h) that no block can reach, 24 bytes each and 4 for a
// slot. JavaScript does the simple cases of the operations on the tables itself.
//
// Blocks up to 32 KiB come from slabs of their size class. Larger ones, and others that need memory of their
// own, are external: a node here, memory wherever its owner has it, and the owner is told of the death.
//
// Owns everything but the control block. Cost: O(1), but a death costs as much as dies with it, and
// allocation may take a slab or make a table move. Failure is a status and leaves all as it was. No operation
// recurses, and only those that return no_memory ask for some. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "cycle_collector.h"
#include "rc_graph.h"
#include "rc_layout.h"

namespace freehold {

enum class [[nodiscard]] RcStatus : std::int32_t{
    ok = 0,
    not_live = 1,      // no such block, or it is dead
    no_handle = 2,     // nobody has a handle of it that could be released
    no_slot = 3,       // the block has no such slot
    overflow = 4,      // a count cannot go higher
    no_memory = 5,     // the source has none
    limit = 6,         // more than the limit
    invalid_size = 7,  // larger than a slab's blocks, or more slots than there can be
};

class RcHeap {
 public:
  // `source` and `control`, which is cleared, must outlive the heap. Takes nothing before the first block.
  RcHeap(ChunkSource& source, RcControl& control) noexcept : graph_(source, control), collector_(graph_) {}
  RcHeap(const RcHeap&) = delete;
  RcHeap& operator=(const RcHeap&) = delete;

  // A block of at least `bytes` (up to kMaxClassBytes; 0 counts as 1), not cleared, at a multiple of 16 and
  // of every power of two that divides class_bytes() and 4096; with at least `slots` empty slots, and one
  // handle. When there is no memory, or the limit is reached, everything is collected once before it fails;
  // when there is no memory, slabs in which nothing lives are given back, too.
  RcStatus allocate(std::size_t bytes, std::size_t slots, RcIndex& block) noexcept;
  // A block whose memory is its maker's, who must hear of its death.
  RcStatus allocate_external(std::size_t slots, RcIndex& block) noexcept;

  // One more handle, for whoever may use the block.
  RcStatus retain(RcIndex block) noexcept;
  // One less. With the last of handles and edges the block dies, and what lived by it.
  RcStatus release(RcIndex block) noexcept;

  // Makes a slot refer to `to`, or to nothing with kNoRc; what it referred to before loses an edge.
  RcStatus set_ref(RcIndex from, std::size_t slot, RcIndex to) noexcept;
  // The same, and the reference takes the place of a handle of `to`, which the caller gives up.
  RcStatus move_ref(RcIndex from, std::size_t slot, RcIndex to) noexcept;
  // What a slot refers to; kNoRc for nothing, a dead block or no slot.
  [[nodiscard]] RcIndex get_ref(RcIndex from, std::size_t slot) const noexcept;
  // Sees to it that the block has so many slots; those that it has keep what they refer to.
  RcStatus reserve_refs(RcIndex block, std::size_t slots) noexcept;
  [[nodiscard]] std::size_t ref_slots(RcIndex block) const noexcept;

  // What names this life of the block, for upgrade(); -1 for a dead one. (From now on its slot counts lives.)
  [[nodiscard]] std::int32_t weak_of(RcIndex block) noexcept;
  // retain() if that life is not over.
  RcStatus upgrade(RcIndex block, std::int32_t generation) noexcept;

  // Whether the owner must hear of the block's death: from next_disposed(), one by one and whenever it likes.
  // The slot is free, and may be used again, when that has returned it; kNoRc for none.
  RcStatus set_notify(RcIndex block, bool notify) noexcept;
  [[nodiscard]] RcIndex next_disposed() noexcept { return static_cast<RcIndex>(graph_.next_disposed()); }

  [[nodiscard]] bool is_live(RcIndex block) const noexcept { return graph_.is_live(raw(block)); }
  [[nodiscard]] std::size_t handles(RcIndex block) const noexcept;
  [[nodiscard]] std::size_t edges(RcIndex block) const noexcept;
  // Of a live block that is not external, or of one that next_disposed() has returned: where it is, and the
  // bytes that may be used. nullptr and 0 for others.
  [[nodiscard]] std::byte* address(RcIndex block) const noexcept;
  [[nodiscard]] std::size_t block_bytes(RcIndex block) const noexcept;

  // Bytes that may be live at once, of blocks (by class) and of what was charged for external ones.
  void set_limit(std::size_t bytes) noexcept { graph_.set_limit(bytes); }
  [[nodiscard]] std::size_t limit() const noexcept { return graph_.limit(); }
  // (Blocks whose owner has not heard of their death yet are charged still.)
  RcStatus charge(std::size_t bytes) noexcept;
  void discharge(std::size_t bytes) noexcept { graph_.discharge(bytes); }

  // Whether a collection is worth its while: one is under way, there are as many candidates as that, or they
  // may hold as much.
  [[nodiscard]] bool wants_collection() noexcept {
    const RcControl& control = graph_.control;
    return control.candidates >= control.threshold || collector_.phase() != RcPhase::idle ||
           collector_.pressed();
  }
  [[nodiscard]] CycleCollector& collector() noexcept { return collector_; }
  [[nodiscard]] const CycleCollector& collector() const noexcept { return collector_; }

  // Gives the slabs back in which nothing lives; returns their bytes.
  std::size_t trim() noexcept { return graph_.nodes.trim(graph_.edges); }

  [[nodiscard]] std::size_t live_blocks() const noexcept {
    return static_cast<std::size_t>(graph_.control.live);
  }
  [[nodiscard]] std::size_t live_bytes() const noexcept { return graph_.live_bytes(); }
  // Bytes of the slabs; and of the side tables that are in use.
  [[nodiscard]] std::size_t reserved() const noexcept { return graph_.nodes.reserved(); }
  [[nodiscard]] std::size_t metadata() const noexcept;

  // The tables, for whoever shares them and for inspection.
  [[nodiscard]] RcControl& control() noexcept { return graph_.control; }
  [[nodiscard]] RcNodes& nodes() noexcept { return graph_.nodes; }
  [[nodiscard]] const RcNodes& nodes() const noexcept { return graph_.nodes; }
  [[nodiscard]] RcEdges& edge_table() noexcept { return graph_.edges; }
  [[nodiscard]] const RcEdges& edge_table() const noexcept { return graph_.edges; }

  // For tests, and for whoever doubts: whether every count is what the slots say, and every list whole. Takes
  // its memory (4 bytes per node) from the source given; false too when that has none.
  [[nodiscard]] bool check_invariants(ChunkSource& memory) const noexcept;

 private:
  [[nodiscard]] static std::int32_t raw(RcIndex block) noexcept { return static_cast<std::int32_t>(block); }
  RcStatus make(std::size_t size_class, std::size_t slots, RcIndex& block) noexcept;
  RcStatus try_make(std::size_t size_class, std::size_t slots, RcIndex& block) noexcept;
  [[nodiscard]] bool fit_run(std::int32_t index, std::size_t slots) noexcept;
  void fit_following(std::size_t size_class, std::size_t slots) noexcept;
  [[nodiscard]] bool make_way(RcStatus lacking) noexcept;
  RcStatus check_ref(std::int32_t from, std::size_t slot, std::int32_t to) const noexcept;
  void put(std::int32_t from, std::size_t slot, std::int32_t to) noexcept;
  [[nodiscard]] std::int32_t* slot_of(std::int32_t from, std::size_t slot) noexcept {
    return graph_.edges.slots(graph_.nodes[from].refs) + slot;
  }

  // Allocations of blocks with slots from nodes that never had any, one after the other, of a class.
  struct Streak {
    std::size_t slots = 0;
    std::int32_t next = 0;    // the free node that is the next to have no run; 0 when the next slab has it
    std::int32_t length = 0;  // as many got one ahead the last time
  };

  RcGraph graph_;
  CycleCollector collector_;
  std::array<Streak, kRcClasses> streaks_{};
};

}  // namespace freehold
