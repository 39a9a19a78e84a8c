// A heap: blocks of any size and alignment that are freed one by one. Small ones are the blocks of one pool
// per size class (size_classes.h); what is above 32 KiB, or aligned to more than 4096, has a chunk of its
// own.
//
// Owns its pools, slabs, large blocks and side tables. Cost: a small block is a push or a pop of its pool,
// found by arithmetic from its size or through a page map from its address; a large one is a take() or a
// give() of the source. Failure is nullptr or false and leaves the heap as it was. Not thread-safe.
//
// JavaScript runs the pools' fast path on their tables, and finds its blocks without the map: so there is no
// counter of small blocks here, every figure is asked of the pools (after Pool::set_top() has told them how
// the stacks were left), and there is no limit: whoever hands blocks out enforces one.
#pragma once

#include <array>
#include <cstddef>

#include "chunk.h"
#include "large_blocks.h"
#include "page_map.h"
#include "pool.h"
#include "size_classes.h"

namespace freehold {

class Heap {
 public:
  // Slabs of classes up to this are smaller.
  static constexpr std::size_t kSmallClassBytes = 512;
  static constexpr std::size_t kSmallSlabBytes = std::size_t{64} << 10;
  static constexpr std::size_t kSlabBytes = std::size_t{256} << 10;

  // Takes nothing from the source before the first block. The source must outlive the heap. Each pool takes a
  // table of its own from it.
  explicit Heap(ChunkSource& source) noexcept;
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // At least `size` bytes, not cleared, at a multiple of the power of two `alignment` up to kMaxAlignment.
  // Every size is legal, 0 too; nullptr when there is no memory.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment = 16) noexcept {
    const std::size_t size_class = class_for(size, alignment);
    return size_class != kNoSizeClass ? allocate_class(size_class) : allocate_slow(size, alignment);
  }
  // A block of a size class that exists.
  [[nodiscard]] void* allocate_class(std::size_t size_class) noexcept {
    Pool* pool = pools_[size_class];
    if (pool != nullptr && pool->top() > 0) [[likely]]
      return pool->address(pool->allocate());
    return allocate_slow(class_bytes(size_class), kClassStep);
  }

  // FreeStatus::not_live for a block that was freed already, as long as its slab is there or, for a large
  // one, no other memory of the heap; no_block for any other address at which no block begins. Neither
  // changes anything. (An address that another block was given since is that block's: only a handle tells the
  // two apart.)
  FreeStatus free(void* block) noexcept;

  // The same for callers that keep an account: the bytes that could be used of the block; 0 when there was
  // none to free.
  std::size_t release(void* block) noexcept {
    const PageEntry entry = map_.at(block);
    if (entry.kind != PageEntry::Kind::slab) [[unlikely]]
      return release_large(block);
    Pool& pool = *pools_[entry.size_class];
    return pool.free(pool.find_in_slab(entry.index, block)) == FreeStatus::ok ? pool.block_bytes() : 0;
  }

  // The bytes that may be used of a live block; 0 for any other address.
  [[nodiscard]] std::size_t usable_size(const void* block) const noexcept;

  // The block with room for `size` bytes, at the same place when it fits there and not much of it would be
  // lost; else a new one at the alignment, with the bytes of the old, which is freed. nullptr when there is
  // no memory or `block` is no live block: it is as it was then.
  [[nodiscard]] void* reallocate(void* block, std::size_t size, std::size_t alignment = 16) noexcept;

  // Gives the slabs back in which no block lives; returns their bytes.
  std::size_t trim() noexcept;
  // Frees every block and gives all slabs and large blocks back. The pools stay, their generations go on.
  void release_all() noexcept;

  // The pools, for whoever shares their fast path. The first makes the pool if there is none yet, without a
  // slab; nullptr when there is no memory, or no such class.
  [[nodiscard]] Pool* pool_for_class(std::size_t size_class) noexcept;
  [[nodiscard]] Pool* pool_at(std::size_t size_class) const noexcept {
    return size_class < kSizeClasses ? pools_[size_class] : nullptr;
  }
  // Pool::grow() of a pool of this heap, which must hear of its slabs. (Not of their end: what the map says
  // is held against the tables.)
  [[nodiscard]] bool grow_pool(std::size_t size_class) noexcept;

  // Blocks with a chunk of their own, of whatever size, by their index: see LargeBlocks. The tag of a chunk
  // may be set.
  [[nodiscard]] LargeIndex allocate_large(std::size_t size, std::size_t alignment) noexcept;
  FreeStatus free_large(LargeIndex block) noexcept;
  [[nodiscard]] Chunk& large_chunk(LargeIndex block) noexcept { return large_.chunk(block); }
  [[nodiscard]] const LargeBlocks& large() const noexcept { return large_; }

  // Calls `visit(address, bytes)` for each block that lives, with the bytes that may be used of it.
  template <class Visit>
  void each_live(Visit visit) const {
    for (const Pool* pool : pools_) {
      if (pool == nullptr) continue;
      const std::size_t slots = pool->slab_count() * pool->slots_per_slab();
      for (std::size_t index = 0; index < slots; ++index) {
        const BlockIndex block{static_cast<std::uint32_t>(index)};
        if (pool->is_live(block)) visit(pool->address(block), pool->block_bytes());
      }
    }
    for (std::size_t index = 0; index < large_.slots(); ++index) {
      const LargeIndex block{static_cast<std::uint32_t>(index)};
      if (large_.is_live(block)) visit(large_.address(block), large_.size(block));
    }
  }

  // Blocks that live, and the bytes that may be used of them. O(classes).
  [[nodiscard]] std::size_t live_blocks() const noexcept;
  [[nodiscard]] std::size_t live_bytes() const noexcept;
  // Bytes of the slabs and of the chunks of large blocks; and of the side tables.
  [[nodiscard]] std::size_t reserved() const noexcept;
  [[nodiscard]] std::size_t metadata() const noexcept;

  // For tests: whether the pools, the table of large blocks and the map agree.
  [[nodiscard]] bool check_invariants() const noexcept;

 private:
  // The source, with nodes of the map for every chunk, so that a slab that is there can always be mapped.
  class MappedSource final : public ChunkSource {
   public:
    MappedSource(ChunkSource& source, PageMap& map) noexcept : source_(source), map_(map) {}
    [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
      return mapped(source_.take(minimum, preferred));
    }
    [[nodiscard]] Chunk take_closely(std::size_t bytes) noexcept override {
      return mapped(source_.take_closely(bytes));
    }
    void give(Chunk chunk) noexcept override { source_.give(chunk); }
    [[nodiscard]] void* take_record(std::size_t bytes) noexcept override {
      return source_.take_record(bytes);
    }
    void give_record(void* record) noexcept override { source_.give_record(record); }
    [[nodiscard]] void* take_table(std::size_t bytes) noexcept override { return source_.take_table(bytes); }
    void give_table(void* table) noexcept override { source_.give_table(table); }
    [[nodiscard]] bool discard(std::byte* begin, std::size_t bytes) noexcept override {
      return source_.discard(begin, bytes);
    }
    [[nodiscard]] std::size_t alignment() const noexcept override { return source_.alignment(); }
    [[nodiscard]] bool splits() const noexcept override { return source_.splits(); }

   private:
    // The chunk, with nodes of the map for it; none when there is no memory for those.
    [[nodiscard]] Chunk mapped(const Chunk& chunk) noexcept;

    ChunkSource& source_;
    PageMap& map_;
  };

  std::size_t release_large(void* block) noexcept;
  [[nodiscard]] void* allocate_slow(std::size_t size, std::size_t alignment) noexcept;
  [[nodiscard]] bool slab_is_mapped(std::size_t size_class, std::size_t slab) const noexcept;

  ChunkSource& source_;
  PageMap map_;
  MappedSource mapped_;
  LargeBlocks large_;
  std::array<Pool*, kSizeClasses> pools_{};
};

}  // namespace freehold
