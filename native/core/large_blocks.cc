#include "large_blocks.h"

#include <algorithm>
#include <new>

#include "checked.h"
#include "control.h"

namespace freehold {
namespace {

constexpr std::size_t kFirstRoom = 16;

}  // namespace

LargeBlocks::~LargeBlocks() {
  release_all();
  if (table_ != nullptr) source_.give_record(table_);
}

LargeIndex LargeBlocks::allocate(std::size_t size, std::size_t alignment) noexcept {
  if (!is_power_of_two(alignment) || alignment > kMaxAlignment || !reserve_slot()) return kNoLarge;
  const std::size_t aligned = std::max(alignment, kLeastAlignment);
  std::size_t pages = 0;
  if (!checked_round_up(std::max(size, std::size_t{1}), kLeastAlignment, pages)) return kNoLarge;
  std::size_t bytes = std::max(size, std::size_t{1});
  // Chunks begin at pages; a wider alignment may have to skip up to itself.
  if (aligned > source_.alignment() && !checked_add(bytes, aligned, bytes)) return kNoLarge;
  const Chunk chunk = source_.take(bytes, bytes);
  if (!chunk) return kNoLarge;

  LargeIndex made = free_;
  if (made == kNoLarge) {
    made = LargeIndex{static_cast<std::uint32_t>(slots_++)};
  } else {
    free_ = table_[static_cast<std::size_t>(made)].next_free;
  }
  const std::size_t offset = padding_to(reinterpret_cast<std::uintptr_t>(chunk.base), aligned);
  table_[static_cast<std::size_t>(made)] = {
      .chunk = chunk, .offset = offset, .bytes = std::min(pages, chunk.size - offset)};
  ++live_;
  live_bytes_ += this->size(made);
  reserved_ += chunk.size;
  return made;
}

FreeStatus LargeBlocks::free(LargeIndex block) noexcept {
  const auto index = static_cast<std::size_t>(block);
  if (index >= slots_) return FreeStatus::no_block;
  if (!is_live(block)) return FreeStatus::not_live;
  Chunk chunk = table_[index].chunk;
  --live_;
  live_bytes_ -= size(block);
  reserved_ -= chunk.size;
  table_[index] = {.next_free = free_};
  free_ = block;
  chunk.dirty = chunk.size;
  source_.give(chunk);
  return FreeStatus::ok;
}

void LargeBlocks::release_all() noexcept {
  for (std::size_t index = 0; index < slots_; ++index) {
    static_cast<void>(free(LargeIndex{static_cast<std::uint32_t>(index)}));
  }
}

// Room in the table for one more block.
bool LargeBlocks::reserve_slot() noexcept {
  if (free_ != kNoLarge || slots_ < room_) return true;
  const std::size_t room = std::max(kFirstRoom, room_ * 2);
  if (room >= static_cast<std::size_t>(kNoLarge)) return false;
  auto* grown = static_cast<Block*>(source_.take_record(room * sizeof(Block)));
  if (grown == nullptr) return false;
  for (std::size_t index = 0; index < room; ++index) {
    new (grown + index) Block(index < slots_ ? table_[index] : Block{});
  }
  if (table_ != nullptr) source_.give_record(table_);
  table_ = grown;
  room_ = room;
  return true;
}

bool LargeBlocks::check_invariants() const noexcept {
  std::size_t live = 0;
  std::size_t live_bytes = 0;
  std::size_t reserved = 0;
  for (std::size_t index = 0; index < slots_; ++index) {
    const Block& block = table_[index];
    if (!block.chunk) continue;
    if (block.offset >= block.chunk.size || block.bytes > block.chunk.size - block.offset) return false;
    ++live;
    live_bytes += block.bytes;
    reserved += block.chunk.size;
  }
  std::size_t free = 0;
  for (LargeIndex next = free_; next != kNoLarge; next = table_[static_cast<std::size_t>(next)].next_free) {
    if (static_cast<std::size_t>(next) >= slots_ || is_live(next) || ++free > slots_) return false;
  }
  return live == live_ && live_bytes == live_bytes_ && reserved == reserved_ && live + free == slots_ &&
         slots_ <= room_;
}

}  // namespace freehold
