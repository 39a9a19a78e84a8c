// Pages for one block alone: aligned to more than a page where that is asked for, and between inaccessible
// pages where a touch beyond the block is to fault.
//
// A range is reserved in one piece and only the block's own pages are committed, so guards and the room to
// align in cost addresses, never memory. Keeps no state; failure is an empty result.
#pragma once

#include <cstddef>

namespace freehold {

// Where the inaccessible pages are, and which of them the block touches.
enum class Guard {
  none,   // there are none
  rear,   // on both sides; the block ends at the rear one, as far as its alignment allows
  front,  // on both sides; the block begins right behind the front one
};

// A value that names a mapping; whoever holds it unmaps it. `mapping` is null for "none".
struct GuardedPages {
  std::byte* mapping = nullptr;
  std::size_t mapped = 0;     // bytes of addresses, guards included
  std::size_t committed = 0;  // bytes of whole pages that can be touched
  std::byte* begin = nullptr;
  std::size_t usable = 0;  // bytes from `begin` that are the block's

  explicit operator bool() const noexcept { return mapping != nullptr; }
};

// Zeroed memory for `bytes` bytes (0 counts as 1) at a multiple of the power of two `alignment`. `usable` is
// `bytes` rounded up to whole pages, or with a rear guard to the alignment.
[[nodiscard]] GuardedPages map_guarded(std::size_t bytes, std::size_t alignment, Guard guard) noexcept;

}  // namespace freehold
