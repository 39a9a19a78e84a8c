// An arena: blocks are cut from the front of a chunk by moving a cursor, and all of them end together.
//
// Owns its chunks and gives every one back to its source when it is reset without retaining, or destroyed.
// Cost: a block is an add and a compare; a full chunk costs one take() from the source; reset is O(chunks),
// and O(1) in the steady state, where one chunk of the size that was needed before is kept. No metadata per
// block. Failure is a Status or nullptr, and leaves the arena as it was. Not thread-safe.
//
// The cursor lives in an ArenaControl that the owner of the arena provides, so that JavaScript can move it
// too. A chunk is handed out in segments: one to begin with, one more each time the arena is sealed by a
// mark, so that what came after the mark can be withdrawn on its own.
//
// Native code may allocate from an arena whose control block is shared. It cuts blocks from the segment that
// JavaScript cuts them from; when that is full it *goes ahead*: it opens segments of its own, and the control
// words move to a private copy until JavaScript has been shown them (catch_up()).
#pragma once

#include <cstddef>
#include <cstdint>

#include "block_map.h"
#include "checked.h"
#include "chunk.h"
#include "control.h"

namespace freehold {

enum class [[nodiscard]] Status : std::int32_t{
    ok = 0,        out_of_memory = 1,
    limit = 2,      // the arena's limit forbids it
    too_large = 3,  // no segment can be that large
    invalid = 4,    // no such segment
    corrupt = 5,    // the control block holds impossible values
};

// What a reset keeps for the next use.
struct Retain {
  enum class Policy : std::int32_t { high_water = 0, all = 1, none = 2, bytes = 3 };
  Policy policy = Policy::high_water;
  std::size_t bytes = 0;  // for Policy::bytes: at most so many
};

struct ArenaOptions {
  std::size_t initial_bytes = std::size_t{64} << 10;   // the first chunk
  std::size_t max_chunk_bytes = std::size_t{4} << 20;  // chunks double up to this
  std::size_t limit = SIZE_MAX;                        // bytes handed out, padding included
};

// Where a block that refill() makes room for has to be.
enum class Placement {
  any,      // a block larger than the growth step gets a chunk of its own
  current,  // in the current segment, for callers that work with its offsets
};

class Arena {
 public:
  static constexpr std::size_t kNoSegment = SIZE_MAX;

  // A place to rewind to: `segments` were open, `current` of them (from 0) was being filled up to `cursor`.
  struct Mark {
    std::size_t segments = 0;
    std::size_t current = kNoSegment;  // kNoSegment when each of them was one block that stands alone
    std::size_t cursor = 0;
  };

  // What refill() did.
  struct Refill {
    Status status = Status::ok;
    bool dedicated = false;  // the block stands alone in the newest segment, at control().placed
  };

  // `control` and `source` must outlive the arena.
  Arena(ChunkSource& source, ArenaControl& control, const ArenaOptions& options = {}) noexcept;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `size` bytes, not cleared, at a multiple of the power of two `alignment`; nullptr when there is no room.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment = 16) noexcept {
    void* block = nullptr;
    return try_allocate(size, alignment, block) == Status::ok ? block : nullptr;
  }
  // The same, and why there is no block.
  Status try_allocate(std::size_t size, std::size_t alignment, void*& block) noexcept {
    if (is_power_of_two(alignment) && alignment <= kMinChunkBytes) [[likely]] {
      block = bump(size, alignment);
      if (block != nullptr) [[likely]]
        return Status::ok;
    }
    return allocate_slow(size, alignment, block);  // which wants to hear of larger alignments
  }

  // The control block is shared from now on: allocate() and what is built on it go ahead rather than open
  // segments that JavaScript does not know of.
  void share() noexcept { is_shared_ = true; }
  // Whether there are segments that JavaScript was not shown.
  [[nodiscard]] bool is_ahead() const noexcept { return control_ != &shared_; }
  // Makes the control block that JavaScript shares say again what is so. Its user must be shown the segments
  // that it does not know.
  void catch_up() noexcept;

  // Blocks that are freed and resized by their address alone, as C libraries do. They end with all others,
  // and count as used like them; the bytes of one that is freed can be used again at once when it is the last
  // block of its segment, else after the reset.
  //
  // At least `size` bytes, not cleared, at a multiple of 16 and of the power of two `alignment`.
  [[nodiscard]] void* allocate_sized(std::size_t size, std::size_t alignment = BlockMap::kGranule) noexcept {
    std::size_t start = 0;
    const std::size_t rounded = (size + (BlockMap::kGranule - 1)) & ~(BlockMap::kGranule - 1);
    // (0, and what wraps to 0, are the slow path's.)
    if (current_ == nullptr || !current_->map || rounded == 0 || alignment != BlockMap::kGranule ||
        !fits(rounded, BlockMap::kGranule, start)) [[unlikely]]
      return allocate_sized_slow(size, alignment);
    move_cursor(start + rounded);
    return begin_sized(*current_, start, rounded);
  }
  // The bytes that may be used of such a block: `size` rounded up to 16. 0 for every other address.
  [[nodiscard]] std::size_t sized_bytes(const void* block) const noexcept {
    const Segment* segment = holder(block);
    return segment == nullptr ? 0 : sized_bytes_in(*segment, offset_in(*segment, block));
  }
  // False for what is no live block of these; nothing has changed then.
  bool free_sized(void* block) noexcept {
    Segment* segment = holder(block);
    if (segment == nullptr) [[unlikely]]
      return false;
    const std::size_t start = offset_in(*segment, block);
    const std::size_t bytes = sized_bytes_in(*segment, start);
    if (bytes == 0) [[unlikely]]
      return false;
    segment->map.end(start);
    --sized_blocks_;
    sized_total_ -= bytes;
    if (is_last(*segment, start + bytes)) give_back(start);
    return true;
  }
  // The block with room for `size` bytes, in place when it is the last or smaller than before; else a copy,
  // and it is freed. nullptr when there is no room, or `block` is no live one: it is as it was then.
  [[nodiscard]] void* reallocate_sized(void* block, std::size_t size) noexcept;
  // Whether one of them lives, or reaches, behind an offset of the current segment: whoever moves the cursor
  // must not set it back to there, unless by rewind() or reset().
  [[nodiscard]] bool holds_sized_behind(std::size_t offset) const noexcept;
  // Calls `visit(address, bytes)` for each of them that lives.
  template <class Visit>
  void each_sized(Visit visit) const {
    for (const Segment* segment = newest_; segment != nullptr; segment = segment->previous) {
      if (!segment->map) continue;
      segment->map.each_live(0, segment->reach, [&](std::size_t start, std::size_t end) {
        visit(segment->base + start, end - start);
      });
    }
  }
  // How many of them live, and the sum of their sized_bytes().
  [[nodiscard]] std::size_t sized_blocks() const noexcept { return sized_blocks_; }
  [[nodiscard]] std::size_t sized_total() const noexcept { return sized_total_; }

  // The slow path of every allocation: afterwards a block of `size` fits the current segment, which may be a
  // new one (segments() tells), or stands in a dedicated segment.
  //
  // The limit counts padding: a block that does not fit the limit where the current segment goes on is
  // refused, though a new chunk might begin where it needs no padding. And it is refused before a chunk is
  // taken.
  [[nodiscard]] Refill refill(std::size_t size, std::size_t alignment, Placement placement) noexcept;

  [[nodiscard]] Mark mark() const noexcept;

  // Makes the next block open a segment of its own.
  void seal() noexcept;

  // Ends every block since `mark`. The mark stays valid. Status::invalid for what cannot be a mark of this
  // epoch.
  Status rewind(const Mark& mark) noexcept;

  // Ends every block. Whether the only chunk was kept, as segment 0. With Keep::nothing every chunk is given
  // back, and `retain` only says how large the next one is. A corrupt control block is whole again
  // afterwards.
  enum class Keep { chunk, nothing };
  bool reset(Retain retain = {}, Keep keep = Keep::chunk) noexcept;

  // Gives the pages behind the cursor back to the system; returns the bytes that may have been resident.
  std::size_t trim() noexcept;

  // Bytes that may be handed out between two resets. A limit below what is used now stops further blocks
  // only.
  void set_limit(std::size_t bytes) noexcept;
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

  // Bytes handed out since the last reset, padding included.
  [[nodiscard]] std::size_t used() const noexcept {
    if (current_ == nullptr) return closed_used_;
    const std::size_t cursor = to_size(control_->cursor);
    return closed_used_ + (cursor < current_->size ? cursor : current_->size);
  }
  // Bytes of the chunks held now.
  [[nodiscard]] std::size_t reserved() const noexcept { return reserved_; }
  // The most that used() was at a reset, or is now.
  [[nodiscard]] std::size_t peak() const noexcept;
  [[nodiscard]] std::size_t chunks() const noexcept { return chunks_; }
  [[nodiscard]] std::size_t segments() const noexcept { return segments_; }

  // The newest segment: the one that refill() opened last.
  [[nodiscard]] std::byte* newest_base() const noexcept { return newest_ ? newest_->base : nullptr; }
  [[nodiscard]] std::size_t newest_size() const noexcept { return newest_ ? newest_->size : 0; }
  // The chunk that the newest segment lies in; its tag may be set.
  [[nodiscard]] Chunk& newest_chunk() noexcept { return newest_->owner->chunk; }

  // One of the segments, in the order in which they were opened.
  struct Extent {
    std::byte* base = nullptr;
    std::size_t size = 0;
    Chunk* chunk = nullptr;  // that it lies in; its tag may be set
    bool dedicated = false;
  };
  // `index` must be below segments(). O(segments).
  [[nodiscard]] Extent extent(std::size_t index) const noexcept;
  // The segment that an address lies in; kNoSegment when it is in none. O(segments).
  [[nodiscard]] std::size_t segment_of(const void* address) const noexcept;

  [[nodiscard]] bool owns(const void* address) const noexcept;

  // For tests and debug builds: whether the side tables and the control block agree.
  [[nodiscard]] bool check_invariants() const noexcept;

 private:
  struct Segment {
    Segment* previous = nullptr;  // opened before this one
    Segment* owner = nullptr;     // the segment that owns the chunk: itself, or the one that was split
    Segment* parent = nullptr;    // the segment that this one was split from
    Chunk chunk{};                // set in the owner
    std::byte* base = nullptr;
    std::size_t size = 0;
    bool dedicated = false;
    std::size_t used = 0;    // bytes handed out, when dedicated
    std::size_t needed = 0;  // bytes that make room for them at any address, when dedicated
    ArenaControl saved{};    // the control words while another segment is current
    BlockMap map{};          // of the blocks that are freed by address, once there was one
    std::size_t reach = 0;   // none of them ends behind this, whatever the control block says
  };

  [[nodiscard]] void* bump(std::size_t size, std::size_t alignment) noexcept {
    std::size_t start = 0;
    if (!fits(size, alignment, start)) return nullptr;
    move_cursor(start + size);
    return current_->base + start;
  }
  // So that JavaScript knows whether it has moved it, too: else nothing of the memory has a view.
  void move_cursor(std::size_t cursor) noexcept {
    control_->native_cursor = control_->native_cursor == control_->cursor ? to_word(cursor) : kNoRoom;
    control_->cursor = to_word(cursor);
  }
  // Whether a block fits the current segment, and where. Negative words, kNoRoom among them, are read as ends
  // and cursors behind every segment, so that whatever the control block holds, the block lies in the
  // segment.
  [[nodiscard]] bool fits(std::size_t size, std::size_t alignment, std::size_t& start) const noexcept {
    if (current_ == nullptr) return false;
    const std::size_t cursor = static_cast<std::uint32_t>(control_->cursor);
    const std::size_t end = static_cast<std::uint32_t>(control_->end);
    start = cursor + padding_to(reinterpret_cast<std::uintptr_t>(current_->base) + cursor, alignment);
    return end <= current_->size && start <= end && size <= end - start;
  }
  Status allocate_slow(std::size_t size, std::size_t alignment, void*& block) noexcept;
  void go_ahead() noexcept;
  // The segment that an address lies in: that which blocks are cut from, most often.
  [[nodiscard]] Segment* holder(const void* address) const noexcept {
    // (No newer one lies in it: a split of it would be current.)
    if (current_ != nullptr && offset_in(*current_, address) < current_->size) [[likely]]
      return current_;
    return find_holder(address);
  }
  [[nodiscard]] Segment* find_holder(const void* address) const noexcept;
  [[nodiscard]] static std::size_t offset_in(const Segment& segment, const void* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(segment.base);
  }
  [[nodiscard]] std::size_t sized_bytes_in(const Segment& segment, std::size_t start) const noexcept {
    if (!segment.map || start >= segment.reach || !segment.map.is_live(start)) return 0;
    return segment.map.end_of(start) - start;
  }
  [[nodiscard]] void* begin_sized(Segment& segment, std::size_t start, std::size_t bytes) noexcept {
    segment.map.begin(start, start + bytes);
    if (start + bytes > segment.reach) segment.reach = start + bytes;
    ++sized_blocks_;
    sized_total_ += bytes;
    shared_.native |= kNativeBlocks;
    return segment.base + start;
  }
  [[nodiscard]] void* allocate_sized_slow(std::size_t size, std::size_t alignment) noexcept;
  [[nodiscard]] bool make_map(Segment& segment) noexcept;
  void forget_sized(Segment& segment, std::size_t from) noexcept;
  void drop_map(Segment& segment) noexcept;
  void forget_all_sized() noexcept;
  // Whether blocks are cut from the segment, and the one that ends at `end` is its last.
  [[nodiscard]] bool is_last(const Segment& segment, std::size_t end) const noexcept {
    return &segment == current_ && control_->end >= 0 && end == to_size(control_->cursor);
  }
  void give_back(std::size_t cursor) noexcept;
  void take_back(Segment& segment, std::size_t cursor) noexcept;
  [[nodiscard]] bool open_split(std::size_t size, std::size_t alignment) noexcept;
  [[nodiscard]] Status open_chunk(std::size_t needed, bool dedicated) noexcept;
  [[nodiscard]] Segment* push_segment() noexcept;
  void make_current(Segment* segment, std::size_t dirty) noexcept;
  void restore(Segment* segment, std::size_t cursor) noexcept;
  void pop_newest() noexcept;
  void count_closed() noexcept;
  void release_all() noexcept;
  void clear_control() noexcept;
  [[nodiscard]] bool control_holds() const noexcept;
  void repair_control() noexcept;
  void open_end() noexcept;
  void update_end() noexcept;
  [[nodiscard]] std::size_t used_in(const Segment& segment) const noexcept;
  [[nodiscard]] std::size_t split_begin() const noexcept;
  [[nodiscard]] std::size_t padding_here(std::size_t alignment) const noexcept;
  [[nodiscard]] bool over_limit(std::size_t bytes, std::size_t padding) const noexcept;
  void note_need() noexcept;
  [[nodiscard]] std::size_t needed_in_one_chunk() const noexcept;
  [[nodiscard]] std::size_t next_after_reset(Retain retain) const noexcept;

  ChunkSource& source_;
  ArenaControl* control_;  // what describes the current segment: shared_, or own_ when the arena is ahead
  ArenaControl& shared_;
  ArenaControl own_{};
  bool is_shared_ = false;
  Segment* newest_ = nullptr;
  Segment* current_ = nullptr;  // the one that control_ describes
  std::size_t segments_ = 0;
  std::size_t chunks_ = 0;
  std::size_t reserved_ = 0;
  std::size_t closed_used_ = 0;  // used bytes of all segments but the current
  std::size_t high_water_ = 0;
  std::size_t needed_ = 0;             // the most that needed_in_one_chunk() was
  std::size_t largest_alignment_ = 0;  // of blocks in shared segments, as far as it is above that of chunks
  bool outgrown_ = false;              // a shared chunk was full in this epoch
  std::size_t sized_blocks_ = 0;
  std::size_t sized_total_ = 0;
  std::size_t initial_bytes_;
  std::size_t max_chunk_bytes_;
  std::size_t next_bytes_;  // the size of the next chunk
  std::size_t limit_;
};

}  // namespace freehold
