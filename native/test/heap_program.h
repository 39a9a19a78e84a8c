// Random programs over a heap, held against a model of what every operation must do. Memory that is not a
// live block's is poisoned.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "heap.h"
#include "memory.h"
#include "poisoning_source.h"
#include "program.h"

namespace freehold::test {

template <class Choices>
class HeapProgram : Program<Choices> {
 public:
  explicit HeapProgram(Choices& choices) : Program<Choices>(choices), heap_(std::in_place, source_) {
    source_.shifts = pick(0, 3) == 0;
    source_.shift = 16 * pick(0, 300);
  }

  void run() {
    while (more()) {
      step();
      check_figures();
    }
    check_all();
    heap_.reset();
    check(source_.all_returned(), "everything came back");
    check(source_.false_zeros == 0, "no chunk came back with a wrong claim of zeros");
  }

 private:
  using Program<Choices>::any_alignment;
  using Program<Choices>::any_size;
  using Program<Choices>::check;
  using Program<Choices>::more;
  using Program<Choices>::pick;

  static constexpr std::size_t kHuge = std::size_t{1} << 40;

  struct Block {
    std::byte* begin;
    std::size_t usable;
    std::uint64_t seed;
  };

  [[nodiscard]] Heap& heap() { return *heap_; }

  void step() {
    switch (pick(0, 19)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        return allocate();
      case 6:
      case 7:
      case 8:
        return free();
      case 9:
        return free_again();
      case 10:
        return free_nonsense();
      case 11:
      case 12:
        return reallocate();
      case 13:
        return allocate_by_tables();
      case 14:
        return free_by_tables();
      case 15:
        return large();
      case 16:
        return trim();
      case 17:
        return release();
      case 18:
        return check_all();
      default:
        return fail_soon();
    }
  }

  void allocate() {
    const std::size_t size = any_size();
    const std::size_t alignment = any_alignment();
    const std::size_t refused = source_.refused;
    void* block = heap().allocate(size, alignment);
    if (block == nullptr) {
      return check(size > kHuge || source_.refused > refused, "there is memory unless the source has none");
    }
    add(block, size, alignment);
    const std::size_t size_class = class_for(size, alignment);
    if (size_class != kNoSizeClass)
      check(blocks_.back().usable == class_bytes(size_class), "a block is of the class of its size");
  }

  void add(void* block, std::size_t size, std::size_t alignment) {
    auto* begin = static_cast<std::byte*>(block);
    const std::size_t usable = heap().usable_size(block);
    check(is_aligned(begin, alignment), "a block has its alignment");
    check(usable >= std::max(size, std::size_t{1}), "a block has its size");
    for (const Block& other : blocks_) {
      check(begin + usable <= other.begin || other.begin + other.usable <= begin, "blocks do not overlap");
    }
    std::erase(freed_, begin);
    unpoison(begin, usable);
    fill(begin, usable, ++seed_);
    blocks_.push_back({begin, usable, seed_});
  }

  void free() {
    if (blocks_.empty()) return;
    const Block block = blocks_[pick(0, blocks_.size() - 1)];
    end(block);
    check(heap().free(block.begin) == FreeStatus::ok, "a live block is freed");
  }

  // Before it is freed: a large block's chunk is not ours any more afterwards.
  void end(const Block& block) {
    check(is_filled(block.begin, block.usable, block.seed), "a block keeps its bytes");
    poison(block.begin, block.usable);
    forget(block);
  }

  void forget(const Block& block) {
    if (freed_.size() == 16) freed_.erase(freed_.begin());
    freed_.push_back(block.begin);
    std::erase_if(blocks_, [&](const Block& other) { return other.begin == block.begin; });
  }

  void free_again() {
    if (freed_.empty()) return;
    std::byte* begin = freed_[pick(0, freed_.size() - 1)];
    check(heap().usable_size(begin) == 0, "what was freed is no block");
    check(heap().free(begin) != FreeStatus::ok, "a block is freed once");
    check(heap().reallocate(begin, 1) == nullptr, "what was freed is not reallocated");
  }

  void free_nonsense() {
    check(heap().free(&source_) == FreeStatus::no_block, "an address that the heap never had is no block");
    if (blocks_.empty()) return;
    const Block& block = blocks_[pick(0, blocks_.size() - 1)];
    std::byte* inside = block.begin + pick(1, block.usable);
    if (inside == block.begin + block.usable) return;
    check(heap().usable_size(inside) == 0, "an interior address is no block");
    // Where a large block began that was freed it may be told that it was.
    check(heap().free(inside) != FreeStatus::ok, "an interior address is not freed");
  }

  void reallocate() {
    if (blocks_.empty()) return;
    const Block block = blocks_[pick(0, blocks_.size() - 1)];
    const std::size_t size = any_size();
    const std::size_t alignment = any_alignment();
    const std::size_t refused = source_.refused;
    check(is_filled(block.begin, block.usable, block.seed), "a block keeps its bytes");
    source_.open();
    void* moved = heap().reallocate(block.begin, size, alignment);
    source_.close();
    if (moved == nullptr) {
      check(size > kHuge || source_.refused > refused, "a block grows unless the source has no memory");
    } else {
      const std::size_t usable = heap().usable_size(moved);
      unpoison(moved, usable);
      check(is_filled(moved, std::min({usable, block.usable, size}), block.seed), "the prefix is kept");
      forget(block);
      add(moved, size, alignment);
    }
    for (const Block& other : blocks_) unpoison(other.begin, other.usable);
  }

  // Whether a block is a slot of a pool.
  [[nodiscard]] bool small(const Block& block) {
    for (std::size_t index = 0; index < kSizeClasses; ++index) {
      const Pool* pool = heap().pool_at(index);
      if (pool != nullptr && pool->block_bytes() == block.usable && pool->find(block.begin) != kNoBlock)
        return true;
    }
    return false;
  }

  // As JavaScript does.
  void allocate_by_tables() {
    const std::size_t size_class = pick(0, kSizeClasses - 1);
    const std::size_t refused = source_.refused;
    Pool* pool = heap().pool_for_class(size_class);
    if (pool == nullptr || (pool->top() == 0 && !heap().grow_pool(size_class))) {
      return check(source_.refused > refused, "there is memory unless the source has none");
    }
    const std::uint32_t index = pool->stack()[pool->top() - 1];
    ++pool->words()[index];
    check(pool->set_top(pool->top() - 1, 0), "what a shared fast path did is taken over");
    add(pool->address(BlockIndex{index}), class_bytes(size_class), 16);
  }

  void free_by_tables() {
    if (blocks_.empty()) return;
    const Block block = blocks_[pick(0, blocks_.size() - 1)];
    if (!small(block)) return;
    Pool& pool = *heap().pool_at(class_of(block.usable));
    const auto index = static_cast<std::uint32_t>(pool.find(block.begin));
    end(block);
    ++pool.words()[index];
    pool.stack()[pool.top()] = index;
    check(pool.set_top(pool.top() + 1, 0), "what a shared fast path did is taken over");
  }

  void large() {
    const std::size_t size = any_size();
    const std::size_t alignment = any_alignment();
    const std::size_t refused = source_.refused;
    const LargeIndex block = heap().allocate_large(size, alignment);
    if (block == kNoLarge) {
      return check(size > kHuge || source_.refused > refused, "there is memory unless the source has none");
    }
    check(heap().large().is_live(block), "a large block lives");
    add(heap().large().address(block), size, alignment);
    if (pick(0, 1) == 0) return;
    end(blocks_.back());
    check(heap().free_large(block) == FreeStatus::ok, "a large block is freed by its index");
    check(heap().free_large(block) == FreeStatus::not_live, "and once only");
  }

  void trim() {
    const std::size_t reserved = heap().reserved();
    const std::size_t trimmed = heap().trim();
    check(heap().reserved() == reserved - trimmed, "trim gives back what it says");
    check(heap().trim() == 0, "and all of it");
  }

  void release() {
    check_all();
    const std::size_t size_class = pick(0, kSizeClasses);
    if (size_class == kSizeClasses) {
      heap().release_all();
      while (!blocks_.empty()) forget(blocks_.back());
      return;
    }
    Pool* pool = heap().pool_at(size_class);
    if (pool == nullptr) return;
    const std::size_t slab = pick(0, pool->slab_count());
    const std::vector<Block> before = blocks_;
    for (const Block& block : before) {
      if (pool->find_in_slab(slab, block.begin) != kNoBlock) forget(block);
    }
    const bool there = pool->has_slab(slab);
    check(pool->release_slab(slab) == there, "a slab is released when it is there");
  }

  void fail_soon() {
    source_.fail_at = source_.requests + pick(0, 3);
    source_.fail_from_there = pick(0, 3) == 0;
    allocate();
    if (pick(0, 1) == 0) reallocate();
    source_.fail_from_there = false;
  }

  void check_all() {
    check(heap().check_invariants(), "the heap's tables agree");
    for (const Block& block : blocks_) {
      check(heap().usable_size(block.begin) == block.usable, "a block keeps its size");
      check(is_filled(block.begin, block.usable, block.seed), "a block keeps its bytes");
    }
  }

  void check_figures() {
    std::size_t bytes = 0;
    for (const Block& block : blocks_) bytes += block.usable;
    check(heap().live_blocks() == blocks_.size(), "as many blocks live as were handed out");
    check(heap().live_bytes() == bytes, "and as many bytes");
    check(heap().reserved() == source_.bytes_shown, "slabs and large blocks are what is reserved");
  }

  PoisoningSource source_;
  std::optional<Heap> heap_;
  std::vector<Block> blocks_;
  std::vector<std::byte*> freed_;  // the last that were, as far as nothing was handed out there since
  std::uint64_t seed_ = 0;
};

}  // namespace freehold::test
