// Blocks with a chunk each: what is too large for a size class, or aligned to more than one can be. A table
// names them by index.
//
// Owns the chunks and the table. Cost: a take() and a give() of the source, and O(1). Failure leaves all as
// it was. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "chunk.h"
#include "pool.h"

namespace freehold {

// Which large block: indices are dense, and used again once their block was freed.
enum class LargeIndex : std::uint32_t {};
inline constexpr LargeIndex kNoLarge{UINT32_MAX};

class LargeBlocks {
 public:
  // Blocks begin at pages, wherever the source's chunks do: no page has two of them.
  static constexpr std::size_t kLeastAlignment = 4096;

  explicit LargeBlocks(ChunkSource& source) noexcept : source_(source) {}
  ~LargeBlocks();
  LargeBlocks(const LargeBlocks&) = delete;
  LargeBlocks& operator=(const LargeBlocks&) = delete;

  // A block of at least `size` bytes (0 counts as 1), not cleared: chunk().dirty says how much of it may not
  // be zero. kNoLarge when there is no memory or the alignment is none that can be.
  [[nodiscard]] LargeIndex allocate(std::size_t size, std::size_t alignment) noexcept;
  // FreeStatus::not_live for an index whose block was freed, no_block for one that never was.
  FreeStatus free(LargeIndex block) noexcept;
  void release_all() noexcept;

  [[nodiscard]] bool is_live(LargeIndex block) const noexcept {
    const auto index = static_cast<std::size_t>(block);
    return index < slots_ && static_cast<bool>(table_[index].chunk);
  }
  // Of live blocks: the chunk, whose tag may be set; where in it the block begins; and the bytes from there
  // on that are the block's, which are those asked for in whole pages. (A chunk that was in the cache may be
  // longer: what a program is charged must not depend on what was freed before.)
  [[nodiscard]] Chunk& chunk(LargeIndex block) noexcept {
    return table_[static_cast<std::size_t>(block)].chunk;
  }
  [[nodiscard]] std::size_t offset(LargeIndex block) const noexcept {
    return table_[static_cast<std::size_t>(block)].offset;
  }
  [[nodiscard]] std::size_t size(LargeIndex block) const noexcept {
    return table_[static_cast<std::size_t>(block)].bytes;
  }
  [[nodiscard]] std::byte* address(LargeIndex block) const noexcept {
    const Block& found = table_[static_cast<std::size_t>(block)];
    return found.chunk.base + found.offset;
  }

  // Live blocks, the sum of their size()s, and the bytes of their chunks.
  [[nodiscard]] std::size_t live() const noexcept { return live_; }
  [[nodiscard]] std::size_t live_bytes() const noexcept { return live_bytes_; }
  [[nodiscard]] std::size_t reserved() const noexcept { return reserved_; }
  [[nodiscard]] std::size_t metadata() const noexcept { return slots_ * sizeof(Block); }
  // Indices that were ever used are below this.
  [[nodiscard]] std::size_t slots() const noexcept { return slots_; }

  // For tests: whether the table agrees with the figures.
  [[nodiscard]] bool check_invariants() const noexcept;

 private:
  struct Block {
    Chunk chunk{};  // empty when it was freed
    std::size_t offset = 0;
    std::size_t bytes = 0;
    LargeIndex next_free = kNoLarge;
  };

  [[nodiscard]] bool reserve_slot() noexcept;

  ChunkSource& source_;
  Block* table_ = nullptr;
  std::size_t slots_ = 0;
  std::size_t room_ = 0;
  LargeIndex free_ = kNoLarge;  // the one that was freed last, which leads to the others
  std::size_t live_ = 0;
  std::size_t live_bytes_ = 0;
  std::size_t reserved_ = 0;
};

}  // namespace freehold
