// A pool: blocks of one size, cut from slabs, which are runs of 2^n blocks. Blocks are known by their index.
//
// Owns its slabs and its side tables. Two words of 32 bits per slot, both out of every block's reach:
// - `words`: even while the slot is free and odd while its block lives; it grows by one at every allocation
//   and every free, so that it names a block for good (its *generation*). A slot whose word would come round
//   is retired.
// - `stack`: the indices of the free slots. What was freed last is handed out first: it is in the cache.
// JavaScript moves both tables and `top` itself, and calls for what is not the fast path.
//
// Cost: allocate and free are a push and a pop. A slab comes with one take() from the source and pushes its
// slots. Failure leaves the pool as it was. Not thread-safe. (After Bonwick, "The Slab Allocator", 1994; the
// index stack and the parity of generations instead of links in the free blocks, so that nothing that a
// block's owner writes can reach them.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "checked.h"
#include "chunk.h"

namespace freehold {

// Which slot of a pool.
enum class BlockIndex : std::uint32_t {};
inline constexpr BlockIndex kNoBlock{UINT32_MAX};

struct PoolOptions {
  std::size_t block_bytes = 64;
  std::size_t alignment = 16;                       // of every block; a power of two up to kMaxAlignment
  std::size_t slab_bytes = std::size_t{256} << 10;  // about
  std::size_t slab_blocks = 8;                      // at least so many in a slab
  std::size_t max_blocks = SIZE_MAX;
  std::size_t slab_alignment = 1;  // of the first block of a slab, when that is to be more
};

enum class [[nodiscard]] FreeStatus : std::int32_t{
    ok = 0,
    not_live = 1,  // the slot is free already
    no_block = 2,  // there is no such slot
};

class Pool {
 public:
  // The largest index is one below this: a table of it is 8 GiB.
  static constexpr std::size_t kMaxSlots = std::size_t{1} << 30;
  static constexpr std::uint32_t kRetired = 0xFFFFFFFE;

  // What a pool can never be: `valid()` is false, and nothing can be allocated.
  Pool(ChunkSource& source, const PoolOptions& options) noexcept;
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  [[nodiscard]] bool valid() const noexcept { return stride_ != 0; }

  // A block of block_bytes, not cleared; kNoBlock when there is no memory or the pool is full.
  [[nodiscard]] BlockIndex allocate() noexcept {
    if (top_ == 0 && !grow()) [[unlikely]]
      return kNoBlock;
    const std::uint32_t index = stack_[--top_];
    ++words_[index];
    return BlockIndex{index};
  }

  FreeStatus free(BlockIndex block) noexcept {
    const auto index = static_cast<std::size_t>(block);
    if (index >= slots_) [[unlikely]]
      return FreeStatus::no_block;
    const std::uint32_t word = words_[index];
    if ((word & 1) == 0) [[unlikely]]
      return FreeStatus::not_live;
    words_[index] = word + 1;
    if (word + 1 == kRetired) [[unlikely]] {
      retire();
    } else {
      stack_[top_++] = static_cast<std::uint32_t>(index);
    }
    return FreeStatus::ok;
  }

  // One more slab, whose slots become free; the tables move only if it comes. False when there is no memory
  // or the pool is as large as it may be.
  [[nodiscard]] bool grow() noexcept;

  // Whether a slab exists and none of its blocks lives.
  [[nodiscard]] bool slab_empty(std::size_t slab) const noexcept;
  // Gives a slab back to the source, whatever lives in it: its blocks are not live any more. False for none.
  // O(free slots), for many slabs at once too: that returns how many there were.
  bool release_slab(std::size_t slab) noexcept { return release_slabs({&slab, 1}) == 1; }
  std::size_t release_slabs(std::span<const std::size_t> slabs) noexcept;
  // Gives all empty slabs back; returns their bytes.
  std::size_t trim() noexcept;
  // Gives every slab back. Generations go on.
  void release_all() noexcept;

  [[nodiscard]] bool is_live(BlockIndex block) const noexcept {
    const auto index = static_cast<std::size_t>(block);
    return index < slots_ && (words_[index] & 1) != 0;
  }
  // The address of a slot; nullptr when its slab is gone.
  [[nodiscard]] std::byte* address(BlockIndex block) const noexcept {
    const auto index = static_cast<std::size_t>(block);
    if (index >= slots_) return nullptr;
    const Slab& slab = slabs_[index >> slab_shift_];
    if (!slab.chunk) return nullptr;
    return slab.chunk.base + slab.offset + (index & (slots_per_slab() - 1)) * stride_;
  }
  // The slot that begins at an address; kNoBlock when none does. O(slabs): a heap knows the slab from its
  // page map.
  [[nodiscard]] BlockIndex find(const void* address) const noexcept;
  // The same where the slab is known.
  [[nodiscard]] BlockIndex find_in_slab(std::size_t slab, const void* address) const noexcept {
    if (slab >= slab_count_ || !slabs_[slab].chunk) return kNoBlock;
    const auto first = reinterpret_cast<std::uintptr_t>(slabs_[slab].chunk.base + slabs_[slab].offset);
    const auto place = reinterpret_cast<std::uintptr_t>(address);
    if (place < first || place - first >= slabs_[slab].chunk.size) return kNoBlock;
    const std::size_t slot = slot_at(place - first);
    if (slot * stride_ != place - first || slot >= slots_of(slab)) return kNoBlock;
    return BlockIndex{static_cast<std::uint32_t>((slab << slab_shift_) + slot)};
  }

  [[nodiscard]] std::size_t block_bytes() const noexcept { return block_bytes_; }
  // From the begin of a block to the begin of the next.
  [[nodiscard]] std::size_t stride() const noexcept { return stride_; }
  [[nodiscard]] std::size_t alignment() const noexcept { return alignment_; }
  [[nodiscard]] unsigned slab_shift() const noexcept { return slab_shift_; }
  [[nodiscard]] std::size_t slots_per_slab() const noexcept { return std::size_t{1} << slab_shift_; }

  // Slabs that were ever there: an index below this may name one that was given back.
  [[nodiscard]] std::size_t slab_count() const noexcept { return slab_count_; }
  [[nodiscard]] bool has_slab(std::size_t slab) const noexcept {
    return slab < slab_count_ && static_cast<bool>(slabs_[slab].chunk);
  }
  [[nodiscard]] std::size_t slabs_held() const noexcept { return slabs_held_; }
  // The chunk of a slab, its tag may be set; and where in it the first slot is.
  [[nodiscard]] Chunk& slab_chunk(std::size_t slab) noexcept { return slabs_[slab].chunk; }
  [[nodiscard]] const Chunk& slab_chunk(std::size_t slab) const noexcept { return slabs_[slab].chunk; }
  [[nodiscard]] std::size_t slab_offset(std::size_t slab) const noexcept { return slabs_[slab].offset; }
  // The slab that grow() made last.
  [[nodiscard]] std::size_t newest_slab() const noexcept { return newest_slab_; }

  // Slots that exist and are not retired.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t retired() const noexcept { return retired_; }
  [[nodiscard]] std::size_t live() const noexcept { return capacity_ - top_; }
  // Bytes of the slabs.
  [[nodiscard]] std::size_t reserved() const noexcept { return reserved_; }
  // Bytes of the side tables that are in use: 8 per slot, and a record per slab.
  [[nodiscard]] std::size_t metadata() const noexcept {
    return slots_ * 2 * sizeof(std::uint32_t) + slab_count_ * sizeof(Slab);
  }

  // The tables, for whoever shares the fast path: each of table_slots() words; they move when the pool grows.
  [[nodiscard]] std::uint32_t* words() noexcept { return words_; }
  [[nodiscard]] std::uint32_t* stack() noexcept { return stack_; }
  [[nodiscard]] std::size_t table_slots() const noexcept { return table_slots_; }
  [[nodiscard]] void* table() noexcept { return words_; }
  // How many entries of the stack are taken, as whoever shares it left them. False when that cannot be.
  [[nodiscard]] bool set_top(std::size_t top, std::size_t retired) noexcept;
  [[nodiscard]] std::size_t top() const noexcept { return top_; }

  // Reads from the words which slots are free, whatever the stack says.
  void rebuild() noexcept;

  // For tests: whether the tables agree with each other.
  [[nodiscard]] bool check_invariants() const noexcept;

 private:
  static constexpr unsigned kInverseShift = 40;
  static constexpr std::size_t kMostForInverse = std::size_t{1} << 20;

  struct Slab {
    Chunk chunk{};  // empty when it was given back
    std::size_t offset = 0;
  };

  [[nodiscard]] bool reserve_tables(std::size_t slots) noexcept;
  [[nodiscard]] bool reserve_slabs(std::size_t count) noexcept;
  void push_slots(std::size_t slab) noexcept;
  void retire() noexcept;
  // The slot that an offset into a slab lies in. A division takes ten times what the rest of a free does: so
  // it is multiplied with what a slot is of 2^40, rounded up. That is exact for offsets and strides whose
  // product is below 2^40.
  [[nodiscard]] std::size_t slot_at(std::size_t offset) const noexcept {
    return inverse_ != 0 && offset < kMostForInverse ? offset * inverse_ >> kInverseShift : offset / stride_;
  }
  void forget_absent() noexcept;
  void drop_slab(std::size_t slab) noexcept;
  [[nodiscard]] std::size_t slots_of(std::size_t slab) const noexcept {
    const std::size_t left = max_blocks_ - (slab << slab_shift_);
    return left < slots_per_slab() ? left : slots_per_slab();
  }
  [[nodiscard]] std::size_t next_slab() const noexcept;
  [[nodiscard]] bool all_retired(std::size_t slab) const noexcept;

  ChunkSource& source_;
  std::uint32_t* words_ = nullptr;
  std::uint32_t* stack_ = nullptr;
  std::size_t top_ = 0;
  Slab* slabs_ = nullptr;
  std::size_t slab_count_ = 0;
  std::size_t slab_room_ = 0;
  std::size_t slabs_held_ = 0;
  std::size_t newest_slab_ = 0;
  std::size_t slots_ = 0;  // that have an index: slab_count_ slabs, as far as max_blocks goes
  std::size_t table_slots_ = 0;
  std::size_t capacity_ = 0;
  std::size_t retired_ = 0;
  std::size_t reserved_ = 0;
  std::size_t block_bytes_;
  std::size_t alignment_;
  std::size_t slab_alignment_;
  std::size_t stride_ = 0;
  std::uint64_t inverse_ = 0;  // of the stride, where slabs are small enough for slot_at()
  std::size_t max_blocks_;
  unsigned slab_shift_ = 0;
};

}  // namespace freehold
