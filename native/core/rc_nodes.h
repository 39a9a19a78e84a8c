// The nodes of a reference-counted heap and the memory of their blocks: the node table, the slabs, and the
// free nodes of each class.
//
// A slab is a chunk of blocks of one class of size_classes.h, about 64 KiB but at least 64 blocks, and their
// nodes, which are a run of whole groups of 64 in the index space. The group table leads from an index to its
// slab. Groups of external nodes have no chunk. The indices of a slab that trim() gave back are used again.
//
// Owns the node table and the group table, which JavaScript shares and which double and move (nodes_epoch and
// groups_epoch count that), the slabs, and the list heads in the control block. Cost: a node is a pop or a
// push; a slab comes with one take() from the source. Failure leaves all as it was. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "chunk.h"
#include "rc_edges.h"
#include "rc_layout.h"

namespace freehold {

class RcNodes {
 public:
  struct Slab {
    Chunk chunk{};  // empty for external nodes, and when it was given back
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t size_class = 0;
    std::uint32_t next_vacant = 0;  // of those that were given back, as a number plus one
    bool held = false;
  };

  RcNodes(ChunkSource& source, RcControl& control) noexcept;
  ~RcNodes();
  RcNodes(const RcNodes&) = delete;
  RcNodes& operator=(const RcNodes&) = delete;

  [[nodiscard]] RcNode& operator[](std::int32_t index) noexcept { return nodes_[index]; }
  [[nodiscard]] const RcNode& operator[](std::int32_t index) const noexcept { return nodes_[index]; }

  // Indices that were ever used are below this.
  [[nodiscard]] std::int32_t limit() const noexcept { return control_.limit_of_nodes; }

  // Sees to it that the class has a free node: free[size_class] of the control block.
  [[nodiscard]] bool prepare(std::size_t size_class) noexcept {
    while (control_.free[size_class] == 0) {
      if (!grow(size_class)) return false;
    }
    return true;
  }
  // The first free node of a class that has one. Its run of references is that of its last life.
  [[nodiscard]] std::int32_t pop(std::size_t size_class) noexcept {
    const std::int32_t index = control_.free[size_class];
    control_.free[size_class] = nodes_[index].link;
    nodes_[index].link = 0;
    return index;
  }
  // The node of a block that is dead and in no list is free, or retired: the life that somebody asked the
  // generation of is over.
  void recycle(std::int32_t index) noexcept {
    RcNode& node = nodes_[index];
    if ((node.word & RcWord::kWeak) != 0) return recycle_weak(index);
    node.word &= RcWord::kGenerations;
    push(index);
  }

  // Whether an index below limit() has a slab; the rest is asked of those only.
  [[nodiscard]] bool has_slab(std::int32_t index) const noexcept {
    return groups_[index >> kRcGroupShift] != 0;
  }
  [[nodiscard]] std::size_t class_of_node(std::int32_t index) const noexcept {
    return static_cast<std::size_t>(groups_[index >> kRcGroupShift] & kRcClassMask);
  }
  // nullptr for an external node.
  [[nodiscard]] std::byte* address(std::int32_t index) const noexcept;

  // Gives back the slabs in which no node is in use, and the runs of their nodes; returns their bytes.
  std::size_t trim(RcEdges& edges) noexcept;

  // Slabs that were ever there, by number: one that is not `held` was given back. The tag may be set.
  [[nodiscard]] std::size_t slab_count() const noexcept { return slab_count_; }
  [[nodiscard]] Slab& slab(std::size_t number) noexcept { return slabs_[number]; }
  [[nodiscard]] const Slab& slab(std::size_t number) const noexcept { return slabs_[number]; }
  [[nodiscard]] std::size_t newest_slab() const noexcept { return newest_slab_; }
  // Whether the slab is held and no block of it lives.
  [[nodiscard]] bool slab_empty(std::size_t number) const noexcept { return slab_empty(slabs_[number]); }
  // Bytes of the slabs.
  [[nodiscard]] std::size_t reserved() const noexcept { return reserved_; }
  [[nodiscard]] std::size_t retired() const noexcept { return retired_; }

  [[nodiscard]] RcNode* table() noexcept { return nodes_; }
  [[nodiscard]] std::size_t table_nodes() const noexcept { return room_; }
  [[nodiscard]] std::int32_t* groups() noexcept { return groups_; }
  [[nodiscard]] std::size_t table_groups() const noexcept { return group_room_; }
  [[nodiscard]] std::size_t slab_room() const noexcept { return slab_room_; }

  // The blocks of a slab of a class: a power of two.
  [[nodiscard]] static std::size_t slab_nodes(std::size_t size_class) noexcept;

  // For tests: whether slabs, groups and free lists agree.
  [[nodiscard]] bool check_invariants() const noexcept;

 private:
  static constexpr std::size_t kSlabBytes = std::size_t{64} << 10;

  void push(std::int32_t index) noexcept {
    std::int32_t& head = control_.free[class_of_node(index)];
    nodes_[index].link = head;
    head = index;
  }
  void recycle_weak(std::int32_t index) noexcept;
  [[nodiscard]] bool grow(std::size_t size_class) noexcept;
  [[nodiscard]] bool reserve_slab() noexcept;
  [[nodiscard]] bool reserve_nodes(std::size_t count) noexcept;
  [[nodiscard]] bool reserve_groups(std::size_t count) noexcept;
  void push_nodes(std::size_t number) noexcept;
  [[nodiscard]] bool slab_empty(const Slab& slab) const noexcept;
  void drop_slab(std::size_t number, RcEdges& edges) noexcept;
  void forget_absent(std::size_t size_class) noexcept;
  // The slabs that were given back, by the size of their run of indices.
  [[nodiscard]] std::uint32_t& vacant(std::size_t count) noexcept;

  ChunkSource& source_;
  RcControl& control_;
  RcNode* nodes_ = nullptr;
  std::size_t room_ = 0;
  std::int32_t* groups_ = nullptr;
  std::size_t group_room_ = 0;
  Slab* slabs_ = nullptr;
  std::size_t slab_count_ = 0;
  std::size_t slab_room_ = 0;
  std::size_t newest_slab_ = 0;
  std::size_t reserved_ = 0;
  std::size_t retired_ = 0;
  std::array<std::uint32_t, 7> vacant_{};  // runs of 64 to 4096
};

// A word that says that nothing has this node: neither a block nor a list but the free one.
[[nodiscard]] constexpr bool rc_unused(std::int32_t word) noexcept {
  return (word & ~RcWord::kGenerations) == 0;
}
[[nodiscard]] constexpr std::int32_t rc_generation(std::int32_t word) noexcept {
  return (word & RcWord::kGenerations) >> RcWord::kGenerationShift;
}
[[nodiscard]] constexpr bool rc_retired(std::int32_t word) noexcept {
  return rc_unused(word) && rc_generation(word) == RcWord::kMaxGeneration;
}

}  // namespace freehold
