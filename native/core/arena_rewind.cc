// How an arena ends blocks: marks and rewinding, reset, and how large a chunk the next round needs.
#include <algorithm>
#include <bit>

#include "arena.h"

namespace freehold {
namespace {

// A size that a later, slightly different run fits as well: powers of two up to 4 MiB, then whole MiB.
std::size_t comfortable(std::size_t bytes) noexcept {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  if (bytes <= 4 * kMiB) return std::bit_ceil(std::max(bytes, kMinChunkBytes));
  return std::min((bytes + kMiB - 1) / kMiB * kMiB, kMaxSegmentBytes);
}

}  // namespace

Arena::Mark Arena::mark() const noexcept {
  Mark mark{.segments = segments_};
  if (current_ == nullptr) return mark;
  mark.cursor = to_size(control_->cursor);
  mark.current = segments_ - 1;
  for (const Segment* segment = newest_; segment != current_; segment = segment->previous) --mark.current;
  return mark;
}

void Arena::seal() noexcept {
  if (current_ == nullptr) return;
  control_->sealed = 1;
  control_->end = kNoRoom;
}

Status Arena::rewind(const Mark& mark) noexcept {
  catch_up();
  if (!control_holds()) return Status::corrupt;
  if (mark.segments > segments_) return Status::invalid;
  // Goes on with the newest shared segment of those that stay. An older one's splits would be written over.
  Segment* target = newest_;
  for (std::size_t index = segments_; target != nullptr; target = target->previous) {
    if (--index >= mark.segments || target->dedicated) continue;
    if (mark.current != index) return Status::invalid;
    break;
  }

  high_water_ = std::max(high_water_, used());
  note_need();
  while (segments_ > mark.segments) pop_newest();
  if (target == nullptr) {
    clear_control();
    count_closed();
    return Status::ok;
  }
  const std::size_t filled = to_size(target == current_ ? control_->cursor : target->saved.cursor);
  restore(target, std::min(mark.cursor, filled));  // the last block may have been given back since
  return Status::ok;
}

// Makes a segment current with its cursor set back.
void Arena::restore(Segment* segment, std::size_t cursor) noexcept {
  if (segment != current_) {
    const std::int32_t peak = control_->peak;
    const std::int32_t native = control_->native;
    *control_ = segment->saved;
    control_->peak = peak;
    control_->native = native;
    current_ = segment;
  }
  forget_sized(*segment, cursor);
  control_->dirty = std::max(control_->dirty, control_->cursor);
  control_->zeroed = control_->dirty == 0 ? control_->capacity : 0;
  move_cursor(cursor);
  if (cursor == 0) control_->native_cursor = 0;
  count_closed();
  open_end();
}

void Arena::count_closed() noexcept {
  closed_used_ = 0;
  for (const Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
    closed_used_ += used_in(*segment);
  }
}

// Withdraws the newest segment; its chunk goes back to the source when the segment owns it.
void Arena::pop_newest() noexcept {
  Segment* segment = newest_;
  if (segment == current_) segment->saved = *control_;
  drop_map(*segment);
  const std::size_t dirty =
      segment->dedicated ? segment->size : to_size(std::max(segment->saved.dirty, segment->saved.cursor));
  if (segment->parent != nullptr) {
    const auto offset = static_cast<std::size_t>(segment->base - segment->parent->base);
    ArenaControl& parent = segment->parent->saved;  // never current: its split was newer
    if (dirty > 0) parent.dirty = std::max(parent.dirty, to_word(offset + dirty));
  } else {
    Chunk chunk = segment->chunk;
    // A segment may be shorter than its chunk; what it does not reach was never exposed.
    chunk.dirty = std::max(chunk.dirty > segment->size ? chunk.dirty : 0, dirty);
    --chunks_;
    reserved_ -= chunk.size;
    source_.give(chunk);
  }
  if (segment == current_) current_ = nullptr;
  newest_ = segment->previous;
  --segments_;
  source_.give_record(segment);
}

void Arena::release_all() noexcept {
  catch_up();
  repair_control();
  forget_all_sized();
  while (newest_ != nullptr) pop_newest();
  closed_used_ = 0;
}

void Arena::clear_control() noexcept {
  const std::int32_t peak = control_->peak;
  const std::int32_t native = control_->native;
  *control_ = {};
  control_->end = kNoRoom;
  control_->peak = peak;
  control_->native = native;
}

// Whether the control block can be true. What it says is believed only when it does.
bool Arena::control_holds() const noexcept {
  const bool closed = control_->end == kNoRoom;
  if (current_ == nullptr) return control_->cursor == 0 && closed && control_->sealed == 0;
  const auto within = [this](std::int32_t word) { return word >= 0 && to_size(word) <= current_->size; };
  return within(control_->cursor) && within(control_->zeroed) && within(control_->dirty) &&
         (closed || within(control_->end)) && to_size(control_->capacity) == current_->size &&
         (control_->sealed == 0 || (control_->sealed == 1 && closed));
}

// Makes a corrupt control block whole, and believes that no byte is zero.
void Arena::repair_control() noexcept {
  if (control_holds()) return;
  if (current_ == nullptr) return clear_control();
  ArenaControl whole{};
  whole.capacity = to_word(current_->size);
  whole.dirty = whole.capacity;
  whole.bias = to_word(reinterpret_cast<std::uintptr_t>(current_->base) & (kMaxAlignment - 1));
  whole.native = control_->native;
  whole.native_cursor = kNoRoom;
  *control_ = whole;
  open_end();
}

bool Arena::reset(Retain retain, Keep keep) noexcept {
  catch_up();
  repair_control();
  high_water_ = peak();
  note_need();
  const std::size_t next = next_after_reset(retain);
  outgrown_ = false;
  forget_all_sized();
  const bool may_stay =
      keep == Keep::chunk && retain.policy != Retain::Policy::none &&
      (retain.policy != Retain::Policy::bytes || reserved_ <= std::max(retain.bytes, kMinChunkBytes));
  if (chunks_ == 1 && current_ != nullptr && may_stay) {
    while (segments_ > 1) pop_newest();
    newest_->saved.sealed = 0;
    control_->sealed = 0;
    restore(newest_, 0);
    control_->native = 0;
    return true;
  }
  next_bytes_ = next;
  release_all();
  clear_control();
  control_->native = 0;
  return false;
}

// Before blocks end: how much one chunk must hold so that the same blocks fit it the next time.
void Arena::note_need() noexcept {
  needed_ = std::max({needed_, needed_in_one_chunk(), to_size(control_->peak)});
}

// Blocks that follow each other in one chunk stay as they are when they move together, but for up to their
// largest alignment more of padding. They part where a chunk ended, and where a block that stood alone comes
// between them.
std::size_t Arena::needed_in_one_chunk() const noexcept {
  if (chunks_ == 0) return 0;
  const std::size_t common = std::max(kMinChunkBytes, source_.alignment());
  const std::size_t shift = std::max(common, largest_alignment_);
  std::size_t bytes = (chunks_ - 1) * shift + largest_alignment_;  // no overflow: chunks are mapped
  const Segment* counted = nullptr;
  for (const Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
    if (segment->dedicated) {
      bytes += segment->needed + common;
    } else if (segment->owner != counted) {
      // The newest split of a chunk is the one that reaches furthest.
      counted = segment->owner;
      bytes += static_cast<std::size_t>(segment->base - counted->base) +
               to_size(segment == current_ ? control_->cursor : segment->saved.cursor);
    }
  }
  return bytes;
}

std::size_t Arena::next_after_reset(Retain retain) const noexcept {
  std::size_t needed = std::max(comfortable(needed_), initial_bytes_);
  if (outgrown_ && newest_ != nullptr) {
    // A chunk of a size that was not enough is not enough the next time either: blocks were given back at the
    // ends of chunks, where the next ones did not find their room.
    const Segment* first = newest_;
    while (first->previous != nullptr) first = first->previous;
    if (first->size >= needed) needed = comfortable(first->size + 1);
  }
  switch (retain.policy) {
    case Retain::Policy::high_water:
      return needed;
    case Retain::Policy::all:
      return std::max(comfortable(reserved_), needed);
    case Retain::Policy::none:
      return initial_bytes_;
    case Retain::Policy::bytes:
      return std::clamp(round_down(retain.bytes, kMinChunkBytes), kMinChunkBytes, needed);
  }
  return initial_bytes_;
}

}  // namespace freehold
