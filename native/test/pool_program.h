// Random programs over a pool, held against a model of what every operation must do. Memory that is not a
// live block's is poisoned.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "memory.h"
#include "poisoning_source.h"
#include "pool.h"
#include "program.h"

namespace freehold::test {

template <class Choices>
class PoolProgram : Program<Choices> {
 public:
  explicit PoolProgram(Choices& choices)
      : Program<Choices>(choices), pool_(std::in_place, source_, options()) {}

  void run() {
    while (more()) {
      step();
      check_tables();
    }
    check_blocks();
    pool_.reset();
    check(source_.all_returned(), "everything came back");
    check(source_.false_zeros == 0, "no chunk came back with a wrong claim of zeros");
  }

 private:
  using Program<Choices>::check;
  using Program<Choices>::more;
  using Program<Choices>::pick;

  struct Block {
    BlockIndex index;
    std::byte* begin;
  };

  PoolOptions options() {
    source_.shifts = pick(0, 3) == 0;
    source_.shift = 16 * pick(0, 300);
    max_blocks_ = pick(0, 2) == 0 ? pick(1, 100) : SIZE_MAX;
    return {.block_bytes = pick(0, 7) == 0 ? pick(1, 9000) : pick(1, 200),
            .alignment = std::size_t{1} << (pick(0, 7) == 0 ? pick(0, 13) : pick(0, 6)),
            .slab_bytes = std::size_t{1} << pick(0, 10),
            .max_blocks = max_blocks_,
            .slab_alignment = pick(0, 3) == 0 ? 4096U : 1U};
  }

  [[nodiscard]] Pool& pool() { return *pool_; }

  void step() {
    switch (pick(0, 19)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return allocate();
      case 5:
      case 6:
        return allocate_by_tables();
      case 7:
      case 8:
      case 9:
        return free();
      case 10:
        return free_by_tables();
      case 11:
        return free_nonsense();
      case 12:
        return find();
      case 13:
        return grow();
      case 14:
        return trim();
      case 15:
        return release();
      case 16:
        return age();
      case 17:
        return set_nonsense();
      case 18:
        return check_blocks();
      default:
        return fail_soon();
    }
  }

  void allocate() {
    const std::size_t refused = source_.refused;
    const void* table = pool().table();
    const BlockIndex block = pool().allocate();
    if (block != kNoBlock) return add(block);
    check(pool().table() == table, "the tables do not move when nothing comes");
    check(source_.refused > refused || full(),
          "there is a block unless the source has none or the pool is full");
  }

  [[nodiscard]] bool full() { return blocks_.size() + retired_ == max_blocks_; }

  // As JavaScript does.
  void allocate_by_tables() {
    const std::size_t top = pool().top();
    if (top == 0) return allocate();
    const std::uint32_t index = pool().stack()[top - 1];
    ++pool().words()[index];
    check(pool().set_top(top - 1, retired_), "what a shared fast path did is taken over");
    add(BlockIndex{index});
  }

  void add(BlockIndex block) {
    std::byte* begin = pool().address(block);
    const std::size_t bytes = pool().block_bytes();
    check(begin != nullptr && is_aligned(begin, pool().alignment()), "a block has its alignment");
    for (const Block& other : blocks_) {
      check(begin + bytes <= other.begin || other.begin + bytes <= begin, "blocks do not overlap");
    }
    const Chunk& chunk = pool().slab_chunk(slab_of(block));
    check(begin >= chunk.base && begin + bytes <= chunk.base + chunk.size, "a block lies in its slab");
    ++word(block);
    unpoison(begin, bytes);
    fill(begin, bytes, static_cast<std::uint64_t>(block));
    blocks_.push_back({block, begin});
  }

  void free() {
    if (blocks_.empty()) return;
    const Block block = pick_block();
    check(pool().free(block.index) == FreeStatus::ok, "a live block is freed");
    end(block);
  }

  void free_by_tables() {
    if (blocks_.empty()) return;
    const Block block = pick_block();
    const auto index = static_cast<std::uint32_t>(block.index);
    const std::size_t top = pool().top();
    end(block);
    if (++pool().words()[index] != Pool::kRetired) pool().stack()[top] = index;
    check(pool().set_top(word(block.index) == Pool::kRetired ? top : top + 1, retired_),
          "what a shared fast path did is taken over");
  }

  void end(const Block& block) {
    check(is_filled(block.begin, pool().block_bytes(), static_cast<std::uint64_t>(block.index)),
          "a block keeps its bytes");
    poison(block.begin, pool().block_bytes());
    forget(block);
  }

  void forget(const Block& block) {
    if (++word(block.index) == Pool::kRetired) ++retired_;
    std::erase_if(blocks_, [&](const Block& other) { return other.index == block.index; });
  }

  void free_nonsense() {
    const auto index = static_cast<std::uint32_t>(pick(0, 1) == 0 ? pick(0, 300) : pick(0, UINT32_MAX));
    const BlockIndex block{index};
    if (std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& b) { return b.index == block; })) return;
    check(!pool().is_live(block), "what was not handed out does not live");
    const std::size_t slots = std::min(pool().slab_count() << pool().slab_shift(), max_blocks_);
    check(pool().free(block) == (index < slots ? FreeStatus::not_live : FreeStatus::no_block),
          "what does not live is not freed");
  }

  void find() {
    if (blocks_.empty()) return;
    const Block block = pick_block();
    check(pool().find(block.begin) == block.index, "a block is found by its address");
    check(pool().find_in_slab(slab_of(block.index), block.begin) == block.index, "and in its slab");
    const std::size_t inside = pick(1, pool().stride());
    if (inside < pool().stride())
      check(pool().find(block.begin + inside) == kNoBlock, "an interior address is no block's");
  }

  void grow() {
    const std::size_t refused = source_.refused;
    const std::size_t held = pool().slabs_held();
    const void* table = pool().table();
    if (pool().grow()) {
      check(pool().slabs_held() == held + 1 && pool().has_slab(pool().newest_slab()), "grow adds a slab");
      return;
    }
    check(pool().slabs_held() == held && pool().table() == table, "a refusal changes nothing");
    const bool most = max_blocks_ != SIZE_MAX;
    check(source_.refused > refused || most,
          "there is a slab unless the source has none or there may be none");
  }

  void trim() {
    std::vector<std::size_t> lives(pool().slab_count());
    for (const Block& block : blocks_) ++lives[slab_of(block.index)];
    std::size_t expected = 0;
    for (std::size_t slab = 0; slab < lives.size(); ++slab) {
      if (!pool().has_slab(slab)) continue;
      check(pool().slab_empty(slab) == (lives[slab] == 0), "a slab is empty when nothing lives in it");
      if (lives[slab] == 0) expected += pool().slab_chunk(slab).size;
    }
    check(pool().trim() == expected, "trim gives the empty slabs back");
    for (std::size_t slab = 0; slab < lives.size(); ++slab) {
      check(!pool().has_slab(slab) || lives[slab] > 0, "no empty slab is left");
    }
  }

  void release() {
    check_blocks();
    if (pick(0, 7) == 0) {
      pool().release_all();
      while (!blocks_.empty()) forget(blocks_.back());
      return;
    }
    std::vector<std::size_t> slabs;
    for (std::size_t count = pick(1, 3); count > 0; --count) slabs.push_back(pick(0, pool().slab_count()));
    std::size_t expected = 0;
    for (std::size_t slab = 0; slab < pool().slab_count(); ++slab) {
      if (pool().has_slab(slab) && std::find(slabs.begin(), slabs.end(), slab) != slabs.end()) ++expected;
    }
    check(pool().release_slabs(slabs) == expected, "slabs that are there are released");
    const std::vector<Block> before = blocks_;
    for (const Block& block : before) {
      if (std::find(slabs.begin(), slabs.end(), slab_of(block.index)) != slabs.end()) forget(block);
    }
  }

  // As if a block's slot had been used as often as that.
  void age() {
    if (blocks_.empty()) return;
    const BlockIndex block = pick_block().index;
    word(block) = Pool::kRetired - 1 - 2 * static_cast<std::uint32_t>(pick(0, 2));
    pool().words()[static_cast<std::size_t>(block)] = word(block);
  }

  void set_nonsense() {
    const std::size_t top = pool().top();
    check(!pool().set_top(pool().capacity() + 1 + pick(0, 9), retired_),
          "no more slots are free than there are");
    check(retired_ == 0 || !pool().set_top(top, retired_ - 1), "what is retired stays so");
    check(!pool().set_top(top, retired_ + pool().capacity() - top + 1), "no slot is retired that is free");
  }

  void fail_soon() {
    source_.fail_at = source_.requests + pick(0, 2);
    source_.fail_from_there = pick(0, 3) == 0;
    grow();
    if (pick(0, 1) == 0) grow();
    source_.fail_from_there = false;
  }

  void check_blocks() {
    for (const Block& block : blocks_) {
      check(pool().address(block.index) == block.begin, "a block stays where it is");
      check(is_filled(block.begin, pool().block_bytes(), static_cast<std::uint64_t>(block.index)),
            "a block keeps its bytes");
    }
  }

  void check_tables() {
    check(pool().check_invariants(), "the pool's tables agree");
    check(pool().live() == blocks_.size(), "as many blocks live as were handed out");
    check(pool().retired() == retired_, "slots are retired after their last life");
    check(pool().reserved() == source_.bytes_shown, "the slabs are what is reserved");
    for (std::size_t index = 0; index < words_.size(); ++index) {
      check(pool().words()[index] == words_[index], "a word counts the lives of its slot");
    }
  }

  [[nodiscard]] std::size_t slab_of(BlockIndex block) {
    return static_cast<std::size_t>(block) >> pool().slab_shift();
  }
  [[nodiscard]] const Block& pick_block() { return blocks_[pick(0, blocks_.size() - 1)]; }
  // What the word of a slot must be.
  [[nodiscard]] std::uint32_t& word(BlockIndex block) {
    const auto index = static_cast<std::size_t>(block);
    if (index >= words_.size()) words_.resize(index + 1);
    return words_[index];
  }

  PoisoningSource source_;
  std::size_t max_blocks_ = SIZE_MAX;
  std::optional<Pool> pool_;
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> words_;
  std::size_t retired_ = 0;
};

}  // namespace freehold::test
