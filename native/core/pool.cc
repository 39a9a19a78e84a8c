#include "pool.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "control.h"

namespace freehold {
namespace {

// No slab has more blocks.
constexpr std::size_t kMaxSlabSlots = std::size_t{1} << 16;
constexpr std::size_t kMinTableSlots = 64;

}  // namespace

Pool::Pool(ChunkSource& source, const PoolOptions& options) noexcept
    : source_(source),
      block_bytes_(options.block_bytes),
      alignment_(options.alignment),
      slab_alignment_(std::max(options.slab_alignment, options.alignment)),
      max_blocks_(std::min(options.max_blocks, kMaxSlots)) {
  std::size_t stride = 0;
  if (!is_power_of_two(alignment_) || !is_power_of_two(slab_alignment_) || slab_alignment_ > kMaxAlignment ||
      block_bytes_ == 0 || max_blocks_ == 0 || !checked_round_up(block_bytes_, alignment_, stride) ||
      stride > kMaxSegmentBytes)
    return;
  const std::size_t wanted =
      std::min(std::max({options.slab_bytes / stride, options.slab_blocks, std::size_t{1}}), kMaxSlabSlots);
  std::size_t slots = std::min(std::bit_floor(wanted), std::bit_ceil(max_blocks_));
  // A slab is shown by one ArrayBuffer, whose offsets stay small integers.
  while (slots > 1 && slots > kMaxSegmentBytes / stride) slots /= 2;
  slab_shift_ = static_cast<unsigned>(std::countr_zero(slots));
  stride_ = stride;
  if (slots * stride <= kMostForInverse) inverse_ = (std::uint64_t{1} << kInverseShift) / stride + 1;
}

Pool::~Pool() {
  release_all();
  if (words_ != nullptr) source_.give_table(words_);
  if (slabs_ != nullptr) source_.give_record(slabs_);
}

void Pool::retire() noexcept {
  ++retired_;
  --capacity_;
}

// The first slab of those that are not there in which some slot is not retired: one that was given back, or a
// new one.
std::size_t Pool::next_slab() const noexcept {
  if (slabs_held_ == slab_count_) return slab_count_;
  std::size_t slab = 0;
  while (slab < slab_count_ && (slabs_[slab].chunk || all_retired(slab))) ++slab;
  return slab;
}

bool Pool::all_retired(std::size_t slab) const noexcept {
  const std::uint32_t* begin = words_ + (slab << slab_shift_);
  return std::all_of(begin, begin + slots_of(slab), [](std::uint32_t word) { return word == kRetired; });
}

bool Pool::grow() noexcept {
  if (!valid()) return false;
  const std::size_t slab = next_slab();
  if (slab << slab_shift_ >= max_blocks_) return false;
  std::size_t bytes = slots_of(slab) * stride_;
  // Chunks begin at pages; a wider alignment may have to skip up to itself.
  if (slab_alignment_ > source_.alignment() && !checked_add(bytes, slab_alignment_, bytes)) return false;
  if (!reserve_slabs(slab + 1)) return false;
  const Chunk chunk = source_.take_closely(bytes);
  if (!chunk) return false;
  // Last, because whoever shares the tables must hear that they have moved.
  if (!reserve_tables((slab << slab_shift_) + slots_of(slab))) {
    source_.give(chunk);
    return false;
  }
  slabs_[slab] = {.chunk = chunk,
                  .offset = padding_to(reinterpret_cast<std::uintptr_t>(chunk.base), slab_alignment_)};
  newest_slab_ = slab;
  slab_count_ = std::max(slab_count_, slab + 1);
  slots_ = std::max(slots_, (slab << slab_shift_) + slots_of(slab));
  ++slabs_held_;
  reserved_ += chunk.size;
  push_slots(slab);
  return true;
}

// Below the free slots that were freed last: those are in the cache. The first of the new ones comes out
// first.
void Pool::push_slots(std::size_t slab) noexcept {
  const std::size_t begin = slab << slab_shift_;
  const std::size_t end = begin + slots_of(slab);
  const auto retired = static_cast<std::size_t>(std::count(words_ + begin, words_ + end, kRetired));
  const std::size_t added = end - begin - retired;
  // No more of them than there are new ones, so that many slabs cost no more than their slots.
  const std::size_t kept = std::min(top_, slots_per_slab());
  std::uint32_t* place = stack_ + (top_ - kept);
  std::memmove(place + added, place, kept * sizeof(std::uint32_t));
  for (std::size_t index = end; index-- > begin;) {
    if (words_[index] != kRetired) *place++ = static_cast<std::uint32_t>(index);
  }
  top_ += added;
  capacity_ += added;
}

bool Pool::reserve_slabs(std::size_t count) noexcept {
  if (count <= slab_room_) return true;
  const std::size_t room = std::max(count, slab_room_ * 2);
  auto* grown = static_cast<Slab*>(source_.take_record(room * sizeof(Slab)));
  if (grown == nullptr) return false;
  for (std::size_t index = 0; index < room; ++index) {
    new (grown + index) Slab(index < slab_count_ ? slabs_[index] : Slab{});
  }
  if (slabs_ != nullptr) source_.give_record(slabs_);
  slabs_ = grown;
  slab_room_ = room;
  return true;
}

bool Pool::reserve_tables(std::size_t slots) noexcept {
  if (slots <= table_slots_) return true;
  const std::size_t most = std::min(max_blocks_, kMaxSlots);
  const std::size_t room =
      std::min(std::max({slots, table_slots_ * 2, kMinTableSlots}), std::max(most, slots));
  void* record = source_.take_table(room * 2 * sizeof(std::uint32_t));
  if (record == nullptr) return false;
  auto* words = static_cast<std::uint32_t*>(record);
  std::uint32_t* stack = words + room;
  if (words_ != nullptr) {
    std::memcpy(words, words_, slots_ * sizeof(std::uint32_t));
    std::memcpy(stack, stack_, top_ * sizeof(std::uint32_t));
    source_.give_table(words_);
  }
  words_ = words;
  stack_ = stack;
  table_slots_ = room;
  return true;
}

bool Pool::slab_empty(std::size_t slab) const noexcept {
  if (slab >= slab_count_ || !slabs_[slab].chunk) return false;
  const std::size_t begin = slab << slab_shift_;
  const std::size_t end = begin + slots_of(slab);
  for (std::size_t index = begin; index < end; ++index) {
    if ((words_[index] & 1) != 0) return false;
  }
  return true;
}

void Pool::drop_slab(std::size_t slab) noexcept {
  const std::size_t begin = slab << slab_shift_;
  const std::size_t end = begin + slots_of(slab);
  for (std::size_t index = begin; index < end; ++index) {
    const bool retired = words_[index] == kRetired;
    if ((words_[index] & 1) != 0 && ++words_[index] == kRetired) ++retired_;
    if (!retired) --capacity_;
  }
  Chunk chunk = slabs_[slab].chunk;
  slabs_[slab] = {};
  --slabs_held_;
  reserved_ -= chunk.size;
  chunk.dirty = chunk.size;
  source_.give(chunk);
}

// Takes the slots of slabs that are gone off the stack; the others keep their order.
void Pool::forget_absent() noexcept {
  std::size_t kept = 0;
  for (std::size_t position = 0; position < top_; ++position) {
    const std::uint32_t index = stack_[position];
    if (slabs_[index >> slab_shift_].chunk) stack_[kept++] = index;
  }
  top_ = kept;
}

std::size_t Pool::release_slabs(std::span<const std::size_t> slabs) noexcept {
  std::size_t released = 0;
  for (const std::size_t slab : slabs) {
    if (!has_slab(slab)) continue;
    drop_slab(slab);
    ++released;
  }
  if (released > 0) forget_absent();
  return released;
}

std::size_t Pool::trim() noexcept {
  const std::size_t before = reserved_;
  for (std::size_t slab = 0; slab < slab_count_; ++slab) {
    if (slab_empty(slab)) drop_slab(slab);
  }
  forget_absent();
  return before - reserved_;
}

void Pool::release_all() noexcept {
  for (std::size_t slab = 0; slab < slab_count_; ++slab) {
    if (slabs_[slab].chunk) drop_slab(slab);
  }
  top_ = 0;
}

BlockIndex Pool::find(const void* address) const noexcept {
  for (std::size_t slab = 0; slab < slab_count_; ++slab) {
    if (const BlockIndex found = find_in_slab(slab, address); found != kNoBlock) return found;
  }
  return kNoBlock;
}

bool Pool::set_top(std::size_t top, std::size_t retired) noexcept {
  if (retired < retired_ || retired - retired_ > capacity_ || top > capacity_ - (retired - retired_))
    return false;
  capacity_ -= retired - retired_;
  retired_ = retired;
  top_ = top;
  return true;
}

void Pool::rebuild() noexcept {
  top_ = capacity_ = retired_ = 0;
  for (std::size_t index = slots_; index-- > 0;) {
    if (words_[index] == kRetired) {
      ++retired_;
    } else if (slabs_[index >> slab_shift_].chunk) {
      ++capacity_;
      if ((words_[index] & 1) == 0) stack_[top_++] = static_cast<std::uint32_t>(index);
    }
  }
}

bool Pool::check_invariants() const noexcept {
  std::size_t held = 0;
  std::size_t reserved = 0;
  std::size_t live = 0;
  std::size_t capacity = 0;
  for (std::size_t slab = 0; slab < slab_count_; ++slab) {
    const std::size_t begin = slab << slab_shift_;
    const bool present = static_cast<bool>(slabs_[slab].chunk);
    if (present) {
      ++held;
      reserved += slabs_[slab].chunk.size;
    }
    for (std::size_t index = begin; index < begin + slots_of(slab); ++index) {
      const bool odd = (words_[index] & 1) != 0;
      if (odd && !present) return false;
      if (odd) ++live;
      if (present && words_[index] != kRetired) ++capacity;
    }
  }
  for (std::size_t position = 0; position < top_; ++position) {
    const std::uint32_t index = stack_[position];
    if (index >= slots_ || (words_[index] & 1) != 0 || words_[index] == kRetired ||
        !slabs_[index >> slab_shift_].chunk)
      return false;
  }
  return held == slabs_held_ && reserved == reserved_ && capacity == capacity_ && live + top_ == capacity_ &&
         capacity_ <= table_slots_;
}

}  // namespace freehold
