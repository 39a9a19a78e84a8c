// An arena's blocks that are freed and resized by their address alone: see BlockMap.
#include <algorithm>
#include <cstring>

#include "arena.h"

namespace freehold {

// The first block of a segment that is freed by address, a new segment, other alignments.
void* Arena::allocate_sized_slow(std::size_t size, std::size_t alignment) noexcept {
  std::size_t rounded = 0;
  if (!checked_round_up(std::max(size, std::size_t{1}), BlockMap::kGranule, rounded)) return nullptr;
  const Segment* const before = current_;
  const std::size_t cursor = to_size(control_->cursor);
  auto* block = static_cast<std::byte*>(allocate(rounded, std::max(alignment, BlockMap::kGranule)));
  if (block == nullptr) return nullptr;
  Segment& segment = *holder(block);
  const auto start = static_cast<std::size_t>(block - segment.base);
  if (!segment.map && !make_map(segment)) {
    take_back(segment, &segment == before ? cursor : 0);
    return nullptr;
  }
  return begin_sized(segment, start, rounded);
}

void* Arena::reallocate_sized(void* block, std::size_t size) noexcept {
  const std::size_t bytes = sized_bytes(block);
  std::size_t rounded = 0;
  if (bytes == 0 || !checked_round_up(std::max(size, std::size_t{1}), BlockMap::kGranule, rounded))
    return nullptr;
  if (rounded == bytes) return block;
  Segment& segment = *holder(block);
  const auto start = static_cast<std::size_t>(static_cast<std::byte*>(block) - segment.base);
  const bool last = is_last(segment, start + bytes);
  if (rounded < bytes) {
    segment.map.resize(start, start + rounded);
    sized_total_ -= bytes - rounded;
    if (last) give_back(start + rounded);
    return block;
  }
  if (last && rounded <= kMaxSegmentBytes &&
      start + rounded <= std::min(to_size(control_->end), segment.size)) {
    segment.map.resize(start, start + rounded);
    segment.reach = std::max(segment.reach, start + rounded);
    sized_total_ += rounded - bytes;
    move_cursor(start + rounded);
    return block;
  }
  void* moved = allocate_sized(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, bytes);
  static_cast<void>(free_sized(block));
  return moved;
}

bool Arena::holds_sized_behind(std::size_t offset) const noexcept {
  if (current_ == nullptr || !current_->map) return false;
  const std::size_t last = current_->map.last_before(current_->reach);
  return last != BlockMap::kNone && current_->map.end_of(last) > offset;
}

bool Arena::make_map(Segment& segment) noexcept {
  segment.map = BlockMap(source_.take_table(BlockMap::bytes_for(segment.size)));
  return static_cast<bool>(segment.map);
}

void Arena::drop_map(Segment& segment) noexcept {
  if (!segment.map) return;
  forget_sized(segment, 0);
  source_.give_table(segment.map.words());
  segment.map = BlockMap();
}

// The blocks of a segment from an offset on have ended, and one that reached behind it.
void Arena::forget_sized(Segment& segment, std::size_t from) noexcept {
  if (!segment.map || from >= segment.reach) return;
  const std::size_t before = segment.map.last_before(from);
  if (before != BlockMap::kNone && segment.map.end_of(before) > from) {
    --sized_blocks_;
    sized_total_ -= segment.map.end_of(before) - before;
    segment.map.end(before);
  }
  segment.map.each_live(from, segment.reach, [this](std::size_t start, std::size_t end) {
    --sized_blocks_;
    sized_total_ -= end - start;
  });
  segment.map.forget(from, segment.reach);
  segment.reach = from;
}

// All of them have ended: nobody has to be counted.
void Arena::forget_all_sized() noexcept {
  for (Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
    if (segment->map && sized_blocks_ > 0) segment->map.forget(0, segment->reach);
    segment->reach = 0;
  }
  sized_blocks_ = 0;
  sized_total_ = 0;
}

// The block that was cut last is nobody's, padding and all: its segment cannot have a map.
void Arena::take_back(Segment& segment, std::size_t cursor) noexcept {
  if (&segment == current_) return give_back(cursor);
  // One that stands alone is the newest, and JavaScript was not shown it.
  closed_used_ -= segment.used;
  pop_newest();
  update_end();
}

// Sets the cursor back, as JavaScript does: what is behind it is not zero any more.
void Arena::give_back(std::size_t cursor) noexcept {
  control_->dirty = std::max(control_->dirty, control_->cursor);
  control_->peak = std::max(control_->peak, to_word(std::min(used(), std::size_t{INT32_MAX})));
  control_->zeroed = 0;
  move_cursor(cursor);
}

}  // namespace freehold
