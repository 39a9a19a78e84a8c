// What every test of an allocator needs.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>

namespace freehold::test {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// REQUIRE for what the rest of a test cannot do without: doctest compiled without exceptions would go on.
inline void must(bool holds) {
  REQUIRE(holds);
  if (!holds) std::abort();
}

}  // namespace freehold::test
