#include "arena.h"

#include <algorithm>
#include <bit>
#include <new>

#include "pages.h"

namespace freehold {
namespace {

constexpr std::size_t kMinChunkBytes = 4096;

std::size_t to_size(std::int32_t word) noexcept { return word < 0 ? 0 : static_cast<std::size_t>(word); }

std::int32_t to_word(std::size_t bytes) noexcept { return static_cast<std::int32_t>(bytes); }

// A size that a later, slightly different run fits as well: powers of two up to 4 MiB, then whole MiB.
std::size_t comfortable(std::size_t bytes) noexcept {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  if (bytes >= kMaxSegmentBytes) return kMaxSegmentBytes;
  if (bytes <= 4 * kMiB) return std::bit_ceil(std::max(bytes, kMinChunkBytes));
  return std::min((bytes + kMiB - 1) / kMiB * kMiB, kMaxSegmentBytes);
}

}  // namespace

Arena::Arena(ChunkSource& source, ArenaControl& control, const ArenaOptions& options) noexcept
    : source_(source),
      control_(control),
      initial_bytes_(std::clamp(options.initial_bytes, kMinChunkBytes, kMaxSegmentBytes)),
      max_chunk_bytes_(std::clamp(options.max_chunk_bytes, initial_bytes_, kMaxSegmentBytes)),
      next_bytes_(initial_bytes_),
      limit_(options.limit) {
  control_ = {};
  clear_control();
}

Arena::~Arena() {
  release_all();
  clear_control();
}

void* Arena::allocate_slow(std::size_t size, std::size_t alignment) noexcept {
  const Refill made = refill(size, alignment, Placement::any);
  if (made.status != Status::ok) return nullptr;
  return made.dedicated ? newest_->base + control_.placed : bump(size, alignment);
}

Arena::Refill Arena::refill(std::size_t size, std::size_t alignment, Placement placement) noexcept {
  if (current_ != nullptr && (control_.cursor < 0 || to_size(control_.cursor) > current_->size)) {
    return {Status::corrupt};
  }
  if (over_limit(size)) return {Status::limit};
  if (control_.sealed != 0 && open_split(size, alignment)) return {};
  // A block that wants more than chunks begin at may have to skip up to its alignment.
  std::size_t needed = 0;
  if (!checked_add(size, alignment > source_.alignment() ? alignment : 0, needed))
    return {Status::out_of_memory};
  needed = std::max(needed, std::size_t{1});
  const bool dedicated = placement == Placement::any && needed > next_bytes_;
  if (!dedicated && needed > kMaxSegmentBytes) return {Status::too_large};

  if (const Status status = open_chunk(needed, dedicated); status != Status::ok) return {status};
  next_bytes_ = std::min(next_bytes_ * 2, std::max(max_chunk_bytes_, next_bytes_));
  if (!dedicated) return {};

  const std::size_t offset = padding_to(reinterpret_cast<std::uintptr_t>(newest_->base), alignment);
  newest_->used = size;
  closed_used_ += size;
  control_.placed = to_word(offset);
  control_.placed_dirty = to_word(std::min(newest_->chunk.dirty, std::size_t{INT32_MAX}));
  update_end();
  return {.dedicated = true};
}

bool Arena::open_split(std::size_t size, std::size_t alignment) noexcept {
  if (!source_.splits()) return false;
  const auto address = reinterpret_cast<std::uintptr_t>(current_->base);
  const std::size_t cursor = to_size(control_.cursor);
  const std::size_t begin = cursor + padding_to(address + cursor, kSegmentAlignment);
  const std::size_t capacity = current_->size;
  if (begin >= capacity) return false;
  const std::size_t padding = padding_to(address + begin, alignment);
  if (padding >= capacity - begin || size > capacity - begin - padding) return false;

  Segment* segment = push_segment();
  if (segment == nullptr) return false;
  const std::size_t dirty = std::max(to_size(control_.dirty), cursor);
  segment->owner = current_->owner;
  segment->parent = current_;
  segment->base = current_->base + begin;
  segment->size = capacity - begin;
  make_current(segment, dirty > begin ? dirty - begin : 0);
  return true;
}

Status Arena::open_chunk(std::size_t needed, bool dedicated) noexcept {
  Segment* segment = push_segment();
  if (segment == nullptr) return Status::out_of_memory;
  const std::size_t preferred = dedicated ? needed : std::max(needed, next_bytes_);
  const Chunk chunk = source_.take(needed, preferred);
  if (!chunk) {
    newest_ = segment->previous;
    --segments_;
    source_.give_record(segment);
    return Status::out_of_memory;
  }
  ++chunks_;
  reserved_ += chunk.size;
  segment->owner = segment;
  segment->chunk = chunk;
  segment->base = chunk.base;
  segment->dedicated = dedicated;
  segment->size = dedicated ? chunk.size : std::min(chunk.size, kMaxSegmentBytes);
  if (!dedicated) make_current(segment, std::min(chunk.dirty, segment->size));
  return Status::ok;
}

Arena::Segment* Arena::push_segment() noexcept {
  void* record = source_.take_record(sizeof(Segment));
  if (record == nullptr) return nullptr;
  auto* segment = new (record) Segment;
  segment->previous = newest_;
  newest_ = segment;
  ++segments_;
  return newest_;
}

void Arena::make_current(Segment* segment, std::size_t dirty) noexcept {
  if (current_ != nullptr) {
    current_->saved = control_;
    closed_used_ += to_size(control_.cursor);
  }
  current_ = segment;
  control_.cursor = 0;
  control_.capacity = to_word(segment->size);
  control_.dirty = to_word(dirty);
  control_.zeroed = dirty == 0 ? control_.capacity : 0;
  control_.bias = to_word(reinterpret_cast<std::uintptr_t>(segment->base) & (kMaxAlignment - 1));
  control_.sealed = 0;
  update_end();
}

void Arena::update_end() noexcept {
  if (current_ == nullptr || control_.sealed != 0) {
    control_.end = kNoRoom;
    return;
  }
  const std::size_t left = limit_ > closed_used_ ? limit_ - closed_used_ : 0;
  control_.end = to_word(std::min(left, current_->size));
}

// What a segment contributes to closed_used_.
std::size_t Arena::used_in(const Segment& segment) const noexcept {
  if (&segment == current_) return 0;
  return segment.dedicated ? segment.used : to_size(segment.saved.cursor);
}

bool Arena::over_limit(std::size_t bytes) const noexcept {
  std::size_t total = 0;
  return !checked_add(used(), bytes, total) || total > limit_;
}

void Arena::set_limit(std::size_t bytes) noexcept {
  limit_ = bytes;
  update_end();
}

std::size_t Arena::used() const noexcept { return closed_used_ + to_size(control_.cursor); }

std::size_t Arena::peak() const noexcept { return std::max({high_water_, to_size(control_.peak), used()}); }

Arena::Mark Arena::mark() const noexcept {
  Mark mark{.segments = segments_, .cursor = to_size(control_.cursor)};
  std::size_t index = segments_;
  for (const Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
    --index;
    if (segment == current_) mark.current = index;
  }
  return mark;
}

void Arena::seal() noexcept {
  if (current_ == nullptr) return;
  control_.sealed = 1;
  control_.end = kNoRoom;
}

Status Arena::rewind(const Mark& mark) noexcept {
  if (mark.segments > segments_) return Status::invalid;
  high_water_ = std::max(high_water_, used());
  if (mark.segments == 0) {
    release_all();
    clear_control();
    return Status::ok;
  }
  if (mark.current >= mark.segments) return Status::invalid;
  Segment* target = newest_;
  for (std::size_t index = segments_ - 1; index > mark.current; --index) target = target->previous;
  const std::size_t filled = to_size(target == current_ ? control_.cursor : target->saved.cursor);
  if (target->dedicated) return Status::invalid;

  while (segments_ > mark.segments) pop_newest();
  restore(target, std::min(mark.cursor, filled));  // the last block may have been given back since
  return Status::ok;
}

// Makes an older segment current again with its cursor set back.
void Arena::restore(Segment* segment, std::size_t cursor) noexcept {
  if (segment != current_) {
    const std::int32_t peak = control_.peak;
    control_ = segment->saved;
    control_.peak = peak;
    current_ = segment;
  }
  control_.dirty = std::max(control_.dirty, control_.cursor);
  control_.zeroed = control_.dirty == 0 ? control_.capacity : 0;
  control_.cursor = to_word(cursor);
  closed_used_ = 0;
  for (const Segment* each = newest_; each != nullptr; each = each->previous) closed_used_ += used_in(*each);
  update_end();
}

// Withdraws the newest segment; its chunk goes back to the source when the segment owns it.
void Arena::pop_newest() noexcept {
  Segment* segment = newest_;
  if (segment == current_) segment->saved = control_;
  const std::size_t dirty =
      segment->dedicated ? segment->size : to_size(std::max(segment->saved.dirty, segment->saved.cursor));
  if (segment->parent != nullptr) {
    const auto offset = static_cast<std::size_t>(segment->base - segment->parent->base);
    ArenaControl& parent = segment->parent == current_ ? control_ : segment->parent->saved;
    if (dirty > 0) parent.dirty = std::max(parent.dirty, to_word(offset + dirty));
  } else {
    Chunk chunk = segment->chunk;
    // A segment may be shorter than its chunk; what it does not reach was never exposed.
    chunk.dirty = std::max(chunk.dirty > segment->size ? chunk.dirty : 0, std::min(dirty, chunk.size));
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
  while (newest_ != nullptr) pop_newest();
  current_ = nullptr;
  closed_used_ = 0;
}

void Arena::clear_control() noexcept {
  const std::int32_t peak = control_.peak;
  control_ = {};
  control_.end = kNoRoom;
  control_.peak = peak;
}

bool Arena::reset(Retain retain, Keep keep) noexcept {
  high_water_ = peak();
  const std::size_t next = next_after_reset(retain);
  const bool fits =
      keep == Keep::chunk && retain.policy != Retain::Policy::none &&
      (retain.policy != Retain::Policy::bytes || reserved_ <= std::max(retain.bytes, kMinChunkBytes));
  if (segments_ == 1 && current_ != nullptr && fits) {
    control_.sealed = 0;
    restore(current_, 0);
    return true;
  }
  next_bytes_ = next;
  release_all();
  clear_control();
  return false;
}

std::size_t Arena::next_after_reset(Retain retain) const noexcept {
  std::size_t needed = std::max(comfortable(high_water_), initial_bytes_);
  if (chunks_ > 1) {
    // One chunk of a size that was not enough for all is not enough the next time either: other paddings fell between
    // the chunks than fall into one.
    const Segment* first = newest_;
    while (first->previous != nullptr) first = first->previous;
    if (first->chunk.size >= needed) needed = comfortable(first->chunk.size + 1);
  }
  switch (retain.policy) {
    case Retain::Policy::high_water:
      return needed;
    case Retain::Policy::all:
      return std::max(comfortable(reserved_), initial_bytes_);
    case Retain::Policy::none:
      return initial_bytes_;
    case Retain::Policy::bytes:
      return std::clamp(retain.bytes, kMinChunkBytes, needed);
  }
  return initial_bytes_;
}

std::size_t Arena::trim() noexcept {
  if (current_ == nullptr) return 0;
  const auto address = reinterpret_cast<std::uintptr_t>(current_->base);
  const std::size_t cursor = to_size(control_.cursor);
  const std::size_t dirty = std::max(to_size(control_.dirty), cursor);
  const std::size_t page = pages::page_size();
  const std::size_t begin = cursor + padding_to(address + cursor, page);
  const std::size_t end = current_->size;  // chunks end where pages do
  if (begin >= end || dirty <= begin) return 0;
  if (!source_.discard(current_->base + begin, end - begin)) return 0;
  control_.dirty = to_word(begin);
  return std::min(dirty, end) - begin;
}

bool Arena::owns(const void* address) const noexcept {
  const auto* byte = static_cast<const std::byte*>(address);
  for (const Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
    if (byte >= segment->base && byte < segment->base + segment->size) return true;
  }
  return false;
}

bool Arena::check_invariants() const noexcept {
  std::size_t segments = 0;
  std::size_t chunks = 0;
  std::size_t reserved = 0;
  std::size_t used_elsewhere = 0;
  bool current_found = current_ == nullptr;
  for (const Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
    ++segments;
    if (segment->owner == segment) {
      ++chunks;
      reserved += segment->chunk.size;
      if (segment->base != segment->chunk.base || segment->size > segment->chunk.size) return false;
    } else if (segment->parent == nullptr || segment->base < segment->parent->base) {
      return false;
    }
    used_elsewhere += used_in(*segment);
    if (segment != current_) continue;
    current_found = true;
    if (to_size(control_.capacity) != segment->size) return false;
  }
  if (current_ == nullptr && control_.end != kNoRoom) return false;
  if (control_.cursor < 0 || control_.cursor > control_.capacity || control_.end > control_.capacity)
    return false;
  return current_found && segments == segments_ && chunks == chunks_ && reserved == reserved_ &&
         used_elsewhere == closed_used_;
}

}  // namespace freehold
