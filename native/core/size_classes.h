// The sizes that a heap's small blocks come in: steps of 16 bytes up to 128, then eight steps to each
// doubling up to 32 KiB, so that above 128 bytes no more than an eighth of a block is lost to rounding. (The
// spacing of jemalloc and mimalloc.) JavaScript mirrors the arithmetic.
//
// A slab whose first block is page-aligned has blocks of every alignment that divides both their size and a
// page. A request rounded up to its alignment always falls into a class of which it divides the size.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "checked.h"

namespace freehold {

inline constexpr std::size_t kClassStep = 16;  // of the small classes; every class is a multiple of it
inline constexpr std::size_t kMaxClassBytes = std::size_t{32} << 10;
inline constexpr std::size_t kMaxClassAlignment = 4096;
inline constexpr std::size_t kSizeClasses = 72;
inline constexpr std::size_t kNoSizeClass = SIZE_MAX;

// The least class that holds `bytes`, which are 1 to kMaxClassBytes.
[[nodiscard]] constexpr std::size_t class_of(std::size_t bytes) noexcept {
  if (bytes <= 128) return (bytes + 15) / 16 - 1;
  const auto exponent = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;
  return (exponent - 7) * 8 + ((bytes - 1) >> (exponent - 3));
}

// The bytes of a block of a class.
[[nodiscard]] constexpr std::size_t class_bytes(std::size_t index) noexcept {
  if (index < 8) return (index + 1) * 16;
  return (index % 8 + 9) << (index / 8 + 3);
}

// The class of a block of any size and alignment; kNoSizeClass when either is too large for one, or the
// alignment is no power of two.
[[nodiscard]] constexpr std::size_t class_for(std::size_t bytes, std::size_t alignment) noexcept {
  if (bytes > kMaxClassBytes || alignment > kMaxClassAlignment || !is_power_of_two(alignment)) {
    return kNoSizeClass;
  }
  std::size_t rounded = 0;  // at most kMaxClassBytes, which is a multiple of every such alignment
  return checked_round_up(bytes == 0 ? 1 : bytes, alignment, rounded) ? class_of(rounded) : kNoSizeClass;
}

static_assert(class_of(1) == 0 && class_of(128) == 7 && class_of(129) == 8);
static_assert(class_of(kMaxClassBytes) == kSizeClasses - 1);
static_assert(class_bytes(0) == kClassStep && class_bytes(kSizeClasses - 1) == kMaxClassBytes);

}  // namespace freehold
