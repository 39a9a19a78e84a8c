// What tests do to memory and ask about it: patterns that tell one block from another, and zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace freehold::test {

[[nodiscard]] inline bool is_zero(const std::byte* begin, std::size_t bytes) noexcept {
  if (bytes == 0) return true;
  return *begin == std::byte{0} && std::memcmp(begin, begin + 1, bytes - 1) == 0;
}

// A byte that is never zero, so that a filled byte cannot pass for a cleared one.
[[nodiscard]] constexpr int pattern_of(std::uint64_t seed) noexcept {
  return static_cast<int>(seed % 255) + 1;
}

inline void fill(void* block, std::size_t bytes, std::uint64_t seed) noexcept {
  if (bytes > 0) std::memset(block, pattern_of(seed), bytes);
}

[[nodiscard]] inline bool is_filled(const void* block, std::size_t bytes, std::uint64_t seed) noexcept {
  const auto* byte = static_cast<const unsigned char*>(block);
  if (bytes == 0) return true;
  return *byte == pattern_of(seed) && std::memcmp(byte, byte + 1, bytes - 1) == 0;
}

[[nodiscard]] inline bool is_aligned(const void* block, std::size_t alignment) noexcept {
  return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

}  // namespace freehold::test
