// Allocation: how an arena makes room. What ends blocks again is in arena_rewind.cc.
#include "arena.h"

#include <algorithm>
#include <new>

#include "pages.h"

namespace freehold {

Arena::Arena(ChunkSource& source, ArenaControl& control, const ArenaOptions& options) noexcept
    : source_(source),
      control_(&control),
      shared_(control),
      initial_bytes_(std::clamp(options.initial_bytes, kMinChunkBytes, kMaxSegmentBytes)),
      max_chunk_bytes_(std::clamp(options.max_chunk_bytes, initial_bytes_, kMaxSegmentBytes)),
      next_bytes_(initial_bytes_),
      limit_(options.limit) {
  *control_ = {};
  clear_control();
}

Arena::~Arena() {
  release_all();
  clear_control();
}

Status Arena::allocate_slow(std::size_t size, std::size_t alignment, void*& block) noexcept {
  const std::size_t segments = segments_;
  // Memory of the engine's cannot be taken while it runs other native code.
  const bool leaves = is_shared_ && !is_ahead();
  if (leaves && !source_.splits()) return Status::out_of_memory;
  if (leaves) go_ahead();
  const Refill made = refill(size, alignment, Placement::any);
  if (leaves && segments_ == segments) catch_up();  // it did not come to that
  if (made.status != Status::ok) return made.status;
  block = made.dedicated ? newest_->base + control_->placed : bump(size, alignment);
  return Status::ok;
}

void Arena::go_ahead() noexcept {
  own_ = shared_;
  control_ = &own_;
  shared_.cursor = kAheadCursor;
  shared_.native |= kNativeAhead;
}

void Arena::catch_up() noexcept {
  if (!is_ahead()) return;
  const std::int32_t native = shared_.native & ~kNativeAhead;
  shared_ = own_;
  shared_.native = native;
  control_ = &shared_;
}

Arena::Refill Arena::refill(std::size_t size, std::size_t alignment, Placement placement) noexcept {
  if (!is_power_of_two(alignment) || alignment > kMaxAlignment) return {Status::invalid};
  if (!control_holds()) return {Status::corrupt};
  const bool wide = alignment > source_.alignment();
  std::size_t start = 0;
  if (fits(size, alignment, start)) {
    if (wide) largest_alignment_ = std::max(largest_alignment_, alignment);
    return {};
  }
  if (over_limit(size, padding_here(alignment))) return {Status::limit};
  if (control_->sealed != 0 && open_split(size, alignment)) {
    if (wide) largest_alignment_ = std::max(largest_alignment_, alignment);
    return {};
  }

  // A block that wants more than chunks begin at may have to skip up to its alignment.
  std::size_t needed = 0;
  const bool exists = checked_add(std::max(size, std::size_t{1}), wide ? alignment : 0, needed);
  // How far it skips is known when the chunk is there. To answer before, a block that could miss the limit by
  // its padding stands alone, where padding is not counted.
  const bool dedicated = placement == Placement::any &&
                         (!exists || needed > next_bytes_ || (wide && over_limit(size, alignment)));
  if (!dedicated) {
    if (!exists || needed > kMaxSegmentBytes) return {Status::too_large};
    if (wide && over_limit(size, alignment)) return {Status::limit};
  }
  if (!exists) return {Status::out_of_memory};

  // Where a chunk cannot be split a mark alone makes another one necessary, however large the first is.
  const bool was_open =
      current_ != nullptr && (control_->end >= 0 || (control_->sealed != 0 && source_.splits()));
  if (const Status status = open_chunk(needed, dedicated); status != Status::ok) return {status};
  next_bytes_ = std::min(next_bytes_ * 2, std::max(max_chunk_bytes_, next_bytes_));
  if (!dedicated) {
    if (wide) largest_alignment_ = std::max(largest_alignment_, alignment);
    if (was_open) outgrown_ = true;
    return {};
  }

  const std::size_t offset = padding_to(reinterpret_cast<std::uintptr_t>(newest_->base), alignment);
  newest_->used = size;
  newest_->needed = needed;
  closed_used_ += size;
  control_->placed = to_word(offset);
  control_->placed_dirty = to_word(std::min(newest_->chunk.dirty, std::size_t{INT32_MAX}));
  update_end();
  return {.dedicated = true};
}

// Where a segment that is split from the current one begins; the current one's size when nothing is left of
// it.
std::size_t Arena::split_begin() const noexcept {
  const std::size_t cursor = to_size(control_->cursor);
  return std::min(
      cursor + padding_to(reinterpret_cast<std::uintptr_t>(current_->base) + cursor, kSegmentAlignment),
      current_->size);
}

// What a block would skip where the current segment goes on.
std::size_t Arena::padding_here(std::size_t alignment) const noexcept {
  if (current_ == nullptr) return 0;
  const auto address = reinterpret_cast<std::uintptr_t>(current_->base);
  if (control_->sealed != 0) return source_.splits() ? padding_to(address + split_begin(), alignment) : 0;
  // JavaScript closes a segment whose memory has escaped: it does not go on.
  if (control_->end < 0) return 0;
  return padding_to(address + to_size(control_->cursor), alignment);
}

bool Arena::open_split(std::size_t size, std::size_t alignment) noexcept {
  if (!source_.splits()) return false;
  const std::size_t begin = split_begin();
  const std::size_t capacity = current_->size;
  const std::size_t padding = padding_to(reinterpret_cast<std::uintptr_t>(current_->base) + begin, alignment);
  if (padding >= capacity - begin || size > capacity - begin - padding) return false;

  Segment* segment = push_segment();
  if (segment == nullptr) return false;
  const std::size_t dirty = std::max(to_size(control_->dirty), to_size(control_->cursor));
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
    current_->saved = *control_;
    closed_used_ += to_size(control_->cursor);
  }
  current_ = segment;
  control_->cursor = control_->native_cursor = 0;
  control_->capacity = to_word(segment->size);
  control_->dirty = to_word(dirty);
  control_->zeroed = dirty == 0 ? control_->capacity : 0;
  control_->bias = to_word(reinterpret_cast<std::uintptr_t>(segment->base) & (kMaxAlignment - 1));
  control_->sealed = 0;
  open_end();
}

void Arena::open_end() noexcept {
  if (current_ == nullptr || control_->sealed != 0) {
    control_->end = kNoRoom;
    return;
  }
  const std::size_t left = limit_ > closed_used_ ? limit_ - closed_used_ : 0;
  control_->end = to_word(std::min(left, current_->size));
}

// After the limit or what it counts has changed. A segment that is closed stays so, whoever closed it.
void Arena::update_end() noexcept {
  if (control_->end >= 0) open_end();
}

// What a segment contributes to closed_used_.
std::size_t Arena::used_in(const Segment& segment) const noexcept {
  if (&segment == current_) return 0;
  return segment.dedicated ? segment.used : to_size(segment.saved.cursor);
}

bool Arena::over_limit(std::size_t bytes, std::size_t padding) const noexcept {
  if (limit_ == SIZE_MAX) return false;
  std::size_t total = 0;
  return !checked_add(used(), padding, total) || !checked_add(total, bytes, total) || total > limit_;
}

void Arena::set_limit(std::size_t bytes) noexcept {
  limit_ = bytes;
  update_end();
}

std::size_t Arena::peak() const noexcept { return std::max({high_water_, to_size(control_->peak), used()}); }

std::size_t Arena::trim() noexcept {
  if (current_ == nullptr || !control_holds()) return 0;
  const auto address = reinterpret_cast<std::uintptr_t>(current_->base);
  const std::size_t cursor = to_size(control_->cursor);
  const std::size_t dirty = std::max(to_size(control_->dirty), cursor);
  const std::size_t begin = cursor + padding_to(address + cursor, pages::page_size());
  const std::size_t end = current_->size;  // chunks end where pages do
  if (begin >= end || dirty <= begin) return 0;
  if (!source_.discard(current_->base + begin, end - begin)) return 0;
  control_->dirty = to_word(begin);
  return dirty - begin;
}

// The newest of those that an address lies in: a split lies in the segment that it was split from, too.
Arena::Segment* Arena::find_holder(const void* address) const noexcept {
  const auto* byte = static_cast<const std::byte*>(address);
  for (Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
    if (byte >= segment->base && byte < segment->base + segment->size) return segment;
  }
  return nullptr;
}

bool Arena::owns(const void* address) const noexcept { return holder(address) != nullptr; }

std::size_t Arena::segment_of(const void* address) const noexcept {
  const Segment* found = holder(address);
  if (found == nullptr) return kNoSegment;
  std::size_t index = segments_ - 1;
  for (const Segment* segment = newest_; segment != found; segment = segment->previous) --index;
  return index;
}

Arena::Extent Arena::extent(std::size_t index) const noexcept {
  const Segment* segment = newest_;
  for (std::size_t at = segments_ - 1; at > index; --at) segment = segment->previous;
  return {.base = segment->base,
          .size = segment->size,
          .chunk = &segment->owner->chunk,
          .dedicated = segment->dedicated};
}

bool Arena::check_invariants() const noexcept {
  std::size_t segments = 0;
  std::size_t chunks = 0;
  std::size_t reserved = 0;
  std::size_t used_elsewhere = 0;
  const Segment* newest_shared = nullptr;
  std::size_t sized = 0;
  std::size_t sized_bytes = 0;
  each_sized([&](const std::byte*, std::size_t bytes) {
    ++sized;
    sized_bytes += bytes;
  });
  if (sized != sized_blocks_ || sized_bytes != sized_total_) return false;
  for (const Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
    ++segments;
    if (segment->owner == segment) {
      ++chunks;
      reserved += segment->chunk.size;
      if (segment->base != segment->chunk.base || segment->size > segment->chunk.size) return false;
    } else if (segment->parent == nullptr || segment->base < segment->parent->base ||
               segment->base + segment->size != segment->parent->base + segment->parent->size) {
      return false;
    }
    used_elsewhere += used_in(*segment);
    if (newest_shared == nullptr && !segment->dedicated) newest_shared = segment;
  }
  // Blocks are cut from the newest segment that is shared: what lies behind the cursor of an older one is its
  // splits'.
  return newest_shared == current_ && control_holds() && segments == segments_ && chunks == chunks_ &&
         reserved == reserved_ && used_elsewhere == closed_used_;
}

}  // namespace freehold
