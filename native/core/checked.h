// Arithmetic on sizes that cannot wrap. Every sum, product and rounding of a byte count goes through here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freehold {

// The sum, or false when it does not fit.
[[nodiscard]] constexpr bool checked_add(std::size_t a, std::size_t b, std::size_t& sum) noexcept {
  sum = a + b;
  return sum >= a;
}

// The product, or false when it does not fit.
[[nodiscard]] constexpr bool checked_mul(std::size_t a, std::size_t b, std::size_t& product) noexcept {
  product = a * b;
  return a == 0 || product / a == b;
}

// Whether `alignment` is a power of two. (std::has_single_bit counts bits, which is a call where the
// processor is not known to have an instruction for that.)
[[nodiscard]] constexpr bool is_power_of_two(std::size_t alignment) noexcept {
  return alignment != 0 && (alignment & (alignment - 1)) == 0;
}

// The least multiple of the power of two `alignment` that is not below `value`, or false when it does not
// fit.
[[nodiscard]] constexpr bool checked_round_up(std::size_t value, std::size_t alignment,
                                              std::size_t& rounded) noexcept {
  std::size_t padded = 0;
  if (!checked_add(value, alignment - 1, padded)) return false;
  rounded = padded & ~(alignment - 1);
  return true;
}

// The greatest multiple of the power of two `alignment` that is not above `value`.
[[nodiscard]] constexpr std::size_t round_down(std::size_t value, std::size_t alignment) noexcept {
  return value & ~(alignment - 1);
}

// Bytes to skip from `address` to the next multiple of the power of two `alignment`.
[[nodiscard]] constexpr std::size_t padding_to(std::uintptr_t address, std::size_t alignment) noexcept {
  return static_cast<std::size_t>((0 - address) & (alignment - 1));
}

}  // namespace freehold
