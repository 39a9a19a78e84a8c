// The control blocks that JavaScript shares: the one definition of their layout. lib/control.ts mirrors it
// and is compared with it word by word when the addon is loaded.
//
// Words are 32-bit signed integers, so that JavaScript reads them from an Int32Array as small integers.
// Offsets are bytes from the start of the current segment, the part of a chunk that one ArrayBuffer exposes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freehold {

struct ArenaControl {
  std::int32_t cursor;        // the next free byte
  std::int32_t end;           // the fast path may hand out bytes below this; kNoRoom closes the segment to it
  std::int32_t zeroed;        // bytes in [cursor, zeroed) are known to be zero
  std::int32_t dirty;         // bytes in [max(zeroed, dirty), capacity) are known to be zero
  std::int32_t capacity;      // bytes in the segment
  std::int32_t bias;          // the segment's address modulo kMaxAlignment
  std::int32_t sealed;        // 1 after a mark: the next block opens a segment of its own
  std::int32_t placed;        // offset of the block in the dedicated chunk that refill() answered last
  std::int32_t peak;          // the highest cursor of the resets that JavaScript did on its own
  std::int32_t placed_dirty;  // bytes at the front of that chunk that may not be zero
  std::int32_t native;        // what native code has done since the last reset: kNativeBlocks, kNativeAhead
  std::int32_t native_cursor;  // the cursor, when native code alone has moved it since the last reset; else
                               // another value
  std::int32_t reserved[4];
};

// Bits of ArenaControl::native.
// Native code has blocks that it frees by their addresses: only the core can end them.
inline constexpr std::int32_t kNativeBlocks = 1;
// It has opened segments that JavaScript was not shown, which must catch up before it does anything: `cursor`
// is behind every end until then, so that the fast path finds no room.
inline constexpr std::int32_t kNativeAhead = 2;
inline constexpr std::int32_t kAheadCursor = (1 << 30) + (1 << 29);

inline constexpr std::size_t kControlWords = 16;
inline constexpr std::uint32_t kControlVersion = 2;
inline constexpr std::int32_t kNoRoom = -1;

// The largest alignment that an allocator accepts: 2 MiB, a huge page.
inline constexpr std::size_t kMaxAlignment = std::size_t{2} << 20;
// The largest segment: its offsets must stay small integers in JavaScript.
inline constexpr std::size_t kMaxSegmentBytes = std::size_t{1} << 30;
// Every segment begins on such a boundary: a cache line.
inline constexpr std::size_t kSegmentAlignment = 64;

// Words as sizes and back. A negative word is nobody's size and reads as 0.
[[nodiscard]] constexpr std::size_t to_size(std::int32_t word) noexcept {
  return word < 0 ? 0 : static_cast<std::size_t>(word);
}
[[nodiscard]] constexpr std::int32_t to_word(std::size_t bytes) noexcept {
  return static_cast<std::int32_t>(bytes);
}

static_assert(sizeof(ArenaControl) == kControlWords * sizeof(std::int32_t));
static_assert(offsetof(ArenaControl, peak) == 8 * sizeof(std::int32_t));

}  // namespace freehold
